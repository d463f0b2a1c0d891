/** What a `.env` file says. */
export interface DotenvFile {
	readonly values: Readonly<Record<string, string>>;
	/** The line that sets each value, from 1. */
	readonly lines: Readonly<Record<string, number>>;
	/** Lines that set nothing and are neither blank nor comments. */
	readonly unread: readonly UnreadLine[];
}

export interface UnreadLine {
	/** From 1. */
	readonly line: number;
	/** Up to where a value may begin: what follows may be a secret. */
	readonly start: string;
	/** It names a server. */
	readonly hasUrl?: true;
}

/*
 * The grammar of python-dotenv (its parser.py), which the Python service uses: `.env` files that work there mean the
 * same here. All patterns are sticky and linear.
 */
const blank = /\s*/y;
const exported = /(?:export[^\S\r\n]+)?/y;
const quotedKey = /'([^']+)'/y;
const plainKey = /([^=#\s]+)/y;
const spaces = /[^\S\r\n]*/y;
const equals = /=[^\S\r\n]*/y;
const singleQuoted = /'((?:\\'|[^'])*)'/y;
const doubleQuoted = /"((?:\\"|[^"])*)"/y;
const unquoted = /[^\r\n]*/y;
const comment = /(?:[^\S\r\n]*#[^\r\n]*)?/y;
const lineEnd = /[^\S\r\n]*(?:\r\n|\n|\r|$)/y;
const restOfLine = /[^\r\n]*(?:\r\n|\r|\n)?/y;

const escapes: Readonly<Record<string, string>> = {
	a: "\x07",
	b: "\b",
	f: "\f",
	n: "\n",
	r: "\r",
	t: "\t",
	v: "\v",
};

/**
 * Reads a `.env` file as python-dotenv does: quotes, escapes, comments, `export`, `${NAME}` and `${NAME:-default}`.
 * @param environment wins over the file where a value names a variable, and where both set one, as there.
 * @param unknown what stands for a `${NAME}` that nothing sets; there it is empty.
 */
export function parseDotenv(
	text: string,
	environment: Readonly<Record<string, string | undefined>> = {},
	unknown: (placeholder: string) => string = () => "",
): DotenvFile {
	const read = new Reader(text);
	// Without a prototype: a line may be named after one of its members.
	const values: Record<string, string> = Object.create(null);
	const lines: Record<string, number> = Object.create(null);
	const unread: UnreadLine[] = [];
	for (;;) {
		read.match(blank);
		if (read.done) return { values, lines, unread };
		const { at: start, line } = read;
		const binding = parseBinding(read);
		if (binding === "comment") continue;
		if (binding?.value !== undefined) {
			values[binding.key] = interpolated(binding.value, values, environment, unknown);
			lines[binding.key] = line;
			continue;
		}
		// As there: reading goes on behind the line at which it failed.
		if (binding === undefined) read.match(restOfLine);
		// More than one line, where a quote is closed further down.
		for (const [index, lost] of text
			.slice(start, read.at)
			.trimEnd()
			.split(/\r\n|\r|\n/)
			.entries())
			unread.push({
				line: line + index,
				start: beforeValue(lost.slice(0, 100)),
				...(/https?:\/\//i.test(lost) ? { hasUrl: true } : {}),
			});
	}
}

function parseBinding(read: Reader): { key: string; value: string | undefined } | "comment" | undefined {
	read.match(exported);
	if (read.peek === "#") {
		read.match(comment);
		return read.match(lineEnd) ? "comment" : undefined;
	}
	const key = read.match(read.peek === "'" ? quotedKey : plainKey)?.[1];
	if (key === undefined) return undefined;
	read.match(spaces);
	const value = read.match(equals) ? parseValue(read) : { text: undefined };
	if (!value) return undefined;
	read.match(comment);
	return read.match(lineEnd) ? { key, value: value.text } : undefined;
}

function parseValue(read: Reader): { readonly text: string } | undefined {
	if (read.peek === "'") {
		const quoted = read.match(singleQuoted)?.[1];
		return quoted === undefined ? undefined : { text: quoted.replace(/\\([\\'])/g, "$1") };
	}
	if (read.peek === '"') {
		const quoted = read.match(doubleQuoted)?.[1];
		if (quoted === undefined) return undefined;
		return { text: quoted.replace(/\\([\\'"abfnrtv])/g, (_, sign: string) => escapes[sign] ?? sign) };
	}
	const whole = read.match(unquoted)?.[0] ?? "";
	// A comment begins at a space and a `#`; one inside a word belongs to the value.
	const end = whole.search(/\s#/);
	return { text: (end < 0 ? whole : whole.slice(0, end)).trimEnd() };
}

const variable = /\$\{([^}:]*)(?::-([^}]*))?\}/g;

function interpolated(
	value: string,
	values: Readonly<Record<string, string>>,
	environment: Readonly<Record<string, string | undefined>>,
	unknown: (placeholder: string) => string,
): string {
	return value.replace(
		variable,
		(placeholder: string, name: string, otherwise: string | undefined) =>
			(Object.hasOwn(environment, name) ? environment[name] : undefined) ??
			values[name] ??
			otherwise ??
			unknown(placeholder),
	);
}

/**
 * A line of a `.env` file that is read back as the same value.
 * @returns undefined where no way of quoting can express the value.
 */
export function envLine(name: string, value: string): string | undefined {
	const quoted = (quote: string) =>
		`${quote}${value.replace(/[\\'"]/g, (sign) => (sign === "\\" || sign === quote ? `\\${sign}` : sign))}${quote}`;
	const forms = [value, `'${value}'`, `"${value}"`, quoted("'"), quoted('"')];
	return forms.map((form) => `${name}=${form}`).find((line) => holdsOnly(line, name, value));
}

/** The lines that follow must stay separate: an open quote would swallow them. */
function holdsOnly(line: string, name: string, value: string): boolean {
	return ['"', "'"].every((quote) => {
		const { values, unread } = parseDotenv(`${line}\nNEXT_=${quote}${quote}\nLAST_=1\n`);
		const complete = values.LAST_ === "1" && Object.keys(values).length === 3 && unread.length === 0;
		return complete && values[name] === value;
	});
}

class Reader {
	at = 0;
	readonly #text: string;
	#line = 1;
	#counted = 0;

	constructor(text: string) {
		this.#text = text;
	}

	get done(): boolean {
		return this.at >= this.#text.length;
	}

	/** The number of the line at which it is, from 1. */
	get line(): number {
		this.#line += this.#text.slice(this.#counted, this.at).match(/\r\n|\r|\n/g)?.length ?? 0;
		this.#counted = this.at;
		return this.#line;
	}

	get peek(): string {
		return this.#text.charAt(this.at);
	}

	match(pattern: RegExp): RegExpExecArray | undefined {
		pattern.lastIndex = this.at;
		const found = pattern.exec(this.#text);
		if (!found) return undefined;
		this.at = pattern.lastIndex;
		return found;
	}
}

/** The name a line begins with, what shells put before it, and the sign after it: nothing that may be a value. */
function beforeValue(line: string): string {
	const start =
		/^(?:(?:export|set|setx|declare|ENV|-)[^\S\r\n]+)?(?:\$env:|\$)?["']?[\w.-]{0,60}["']?[^\S\r\n]?[=:]?/i;
	return start.exec(line)?.[0].trim() ?? "";
}
