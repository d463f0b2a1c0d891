import { fold, views } from "./spellings.ts";

/** Replaces secrets in a text by `(key)`. */
export type Redact = (text: string) => string;

const shown = "(key)";

/** Characters, counted without punctuation, that give a secret away. */
const fragment = 8;
/** Characters. A shorter secret occurs in too many words: it is hidden only where it stands alone. */
const shortest = 6;
/** Letters. A longer word in a secret is no word of a language. */
const longestWord = 12;

/**
 * What people enter where a server needs no key. These stand in ordinary sentences ("Ollama failed"), and hiding them
 * would protect nobody. Compared without case and punctuation. Any other word, such as "swordfish", is a secret.
 */
const placeholders = new Set(
	(
		"none null undefined empty unset test testing dummy fake example placeholder anything whatever default " +
		"ollama openai azure vllm lmstudio llamacpp llama litellm openrouter local localhost nokey nokeyrequired " +
		"notneeded notrequired notused unused na noop sknokeyrequired sknone skdummy sktest key apikey yourapikey " +
		"yourkey token secret password changeme bearer basic true false xxx"
	).split(" "),
);

/**
 * Hides secrets however they are spelled: in another case, split by spaces or quotes, percent-encoded, with JSON or HTML
 * escapes, in hexadecimal, or in base64 with other text around them, or as a list of bytes. Fragments count, too. Takes time in proportion to
 * the text's length. Also hides what has the form of a key, of a bearer token, or of a password in a URL.
 * @param secrets keys, tokens, passwords, values of headers.
 */
export function redactor(secrets: readonly string[]): Redact {
	let known: Patterns | undefined;
	return (text) => {
		known ??= patternsOf(secrets);
		return withoutKnownForms(withoutKnown(text, known));
	};
}

/** Whether a text has the form of a provider's key, so that it is one wherever it stands. */
export function looksLikeKey(text: string): boolean {
	return (
		/^(Bearer\s+\S{8,}|(sk|pk|rk|gsk|xai|nvapi|pplx|csk|voy|jina|tvly)[-_][-\w]{12,}|hf_\w{12,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|AIza[-\w]{20,}|AKIA[A-Z0-9]{12,}|mem0_[-\w]{43}|eyJ[-\w]+\.[-\w]+\.[-\w]*)$/.test(
			text,
		) && /\d/.test(text)
	);
}

interface Patterns {
	/** By their length. The value: whether a fragment counts by itself; a word of a secret counts only beside the rest. */
	readonly windows: ReadonlyMap<number, ReadonlyMap<string, boolean>>;
	/** The first characters of all windows: few places of a text begin with one. */
	readonly starts: ReadonlySet<string>;
	readonly words: RegExp | undefined;
}

function patternsOf(secrets: readonly string[]): Patterns {
	const windows = new Map<number, Map<string, boolean>>();
	const starts = new Set<string>();
	const add = (form: string, length: number, counts: (at: number) => boolean = () => true) => {
		if (form.length < shortest) return;
		const size = Math.min(length, form.length);
		const ofSize = windows.get(size) ?? new Map<string, boolean>();
		windows.set(size, ofSize);
		for (let at = 0; at + size <= form.length; at += 1) {
			const window = form.slice(at, at + size);
			starts.add(window.slice(0, shortest));
			ofSize.set(window, counts(at) || (ofSize.get(window) ?? false));
		}
	};
	const words = new Set<string>();
	for (const secret of new Set(secrets.flatMap(partsOf))) {
		const plain = fold(secret).text;
		if (secret === "" || placeholders.has(plain)) continue;
		if (plain.length < shortest) {
			for (const spelling of [
				secret,
				JSON.stringify(secret).slice(1, -1),
				encodeURIComponent(secret.toWellFormed()),
			])
				words.add(spelling);
			continue;
		}
		for (const { text } of views(secret)) {
			const { text: form, at } = fold(text);
			const isWord = wordsOf(text, form.length);
			add(
				form,
				fragment,
				(start) => !isWord(at[start] as number, at[start + Math.min(fragment, form.length) - 1] as number),
			);
		}
		for (const spelling of new Set([secret, secret.toLowerCase(), secret.toUpperCase()])) {
			for (const { form, telling } of encodingsOf(spelling)) add(fold(form).text, telling);
		}
	}
	const escaped = [...words].map((word) => word.replace(/[^A-Za-z0-9_\s]/g, "\\$&"));
	return {
		windows,
		starts,
		words: words.size > 0 ? new RegExp(`(?<!\\w)(?:${escaped.join("|")})(?!\\w)`, "gi") : undefined,
	};
}

/** A secret without its scheme; that of `Basic` also decoded, since servers quote the password. */
function partsOf(secret: string): string[] {
	const given = secret.trim();
	const [, scheme, rest] = /^(bearer|basic|token|digest|apikey|key)\s+(\S.*)$/i.exec(given) ?? [];
	if (rest === undefined) return [given];
	if (scheme?.toLowerCase() !== "basic") return [rest];
	const decoded = Buffer.from(rest, "base64").toString();
	return [rest, decoded.slice(decoded.indexOf(":") + 1)];
}

/**
 * Whether a range of a secret lies within a word, such as "embedding" in "team-embedding-7f3a91". The sentences around
 * it stay readable; what is beside the word gives the key away, and hides it as well.
 */
function wordsOf(secret: string, length: number): (from: number, to: number) => boolean {
	const words = [...secret.matchAll(/(?<![A-Za-z0-9])(?:[A-Z]?[a-z]+|[A-Z]+)(?![A-Za-z0-9])/g)].filter(
		([word]) => word.length <= longestWord && length - word.length >= 4,
	);
	return (from, to) => words.some(({ index, 0: word }) => from >= index && to < index + word.length);
}

interface Encoded {
	readonly form: string;
	/** How many of its characters give a secret away. */
	readonly telling: number;
}

/** In base64 and in hexadecimal digits, each also of the other, and as Windows encodes texts. */
function encodingsOf(text: string): Encoded[] {
	const once = encoded(Buffer.from(text), fragment);
	const twice = once.flatMap(({ form, telling }) => encoded(Buffer.from(form), telling));
	return [...once, ...twice, ...encoded(Buffer.from(text, "utf16le"), 2 * fragment)];
}

/** @param telling how many of the bytes give a secret away. */
function encoded(bytes: Buffer, telling: number): Encoded[] {
	const base64 = base64Of(bytes).map((form) => ({ form, telling: Math.ceil((telling * 4) / 3) }));
	return [...base64, { form: bytes.toString("hex"), telling: 2 * telling }];
}

/** The characters of base64 that bytes determine, for each of the three places where they may begin. */
function base64Of(bytes: Buffer): string[] {
	return [0, 1, 2].map((before) => {
		const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
		return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
	});
}

function withoutKnown(text: string, { windows, starts, words }: Patterns): string {
	const hidden: [from: number, to: number][] = [];
	if (windows.size > 0 || words)
		for (const { text: view, at } of views(text)) {
			const hide = (from: number, to: number) => hidden.push([at[from] as number, at[to] as number]);
			if (words) for (const found of view.matchAll(words)) hide(found.index, found.index + found[0].length);
			const folded = fold(view);
			const places = placesOf(folded.text, starts);
			for (const [size, ofSize] of windows)
				for (const [from, to] of runs(folded.text, places, size, ofSize))
					hide(folded.at[from] as number, (folded.at[to - 1] as number) + 1);
		}
	let clean = "";
	let end = -1;
	for (const [from, to] of hidden.sort((a, b) => a[0] - b[0])) {
		if (from > end) clean += text.slice(Math.max(end, 0), from) + shown;
		end = Math.max(end, to);
	}
	return clean + text.slice(Math.max(end, 0));
}

function placesOf(text: string, starts: ReadonlySet<string>): number[] {
	const places: number[] = [];
	for (let at = 0; at + shortest <= text.length; at += 1)
		if (starts.has(text.slice(at, at + shortest))) places.push(at);
	return places;
}

/** The ranges that consist of a secret's fragments, at least one of which counts by itself. */
function* runs(
	text: string,
	places: readonly number[],
	size: number,
	windows: ReadonlyMap<string, boolean>,
): Generator<[number, number]> {
	let from = 0;
	let to = 0;
	let counts = false;
	for (const at of places) {
		const strength = windows.get(text.slice(at, at + size));
		if (strength === undefined) continue;
		if (at > to) {
			if (counts) yield [from, to];
			from = at;
			counts = false;
		}
		to = at + size;
		counts ||= strength;
	}
	if (counts) yield [from, to];
}

/** Hides keys that nobody told us of, by their form. Lengths are bounded so that no text takes quadratic time. */
function withoutKnownForms(text: string): string {
	return (
		text
			.replace(/\b(sk|pk|or|gsk|hf|xai)[-_][-_A-Za-z0-9*]{6,}/g, (found) =>
				/\d|\*/.test(found) ? shown : found,
			)
			.replace(/\bmem0_[-\w]{43}/g, shown)
			// A sentence about bearer tokens keeps its words.
			.replace(/(Bearer\s+)(?!(auth\w*|tokens?|scheme|your_key)\b|\(key\))[^\s"'<>]+/gi, `$1${shown}`)
			// The user of our own examples hides nothing: postgres://user@db.example.com
			.replace(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)(?!user@)[^\s/?#@"'<>]{1,500}@/gi, `$1${shown}@`)
			.replace(
				/([?&;][a-z0-9_.-]{0,30}(?:key|token|secret|password|passwd|pwd|sig|signature|auth|credential)=)(?!\(key\))[^&\s#"'<>”]+/gi,
				`$1${shown}`,
			)
	);
}
