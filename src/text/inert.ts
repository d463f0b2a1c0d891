/**
 * Foreign text (of memories, models, servers, files, clients) for the places that show it: each of these functions
 * makes it say what it says, and do nothing. `test/support/sinks` keeps other files from the places themselves.
 */

/** A joiner that nobody sees, between two characters that would mean something together. */
const apart = "\u2060";

/** OSC, DCS and their like up to their end; CSI; other escapes: with the parameters that would be left as text. */
const sequences =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed.
	/(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])(?:\d*;[^\s;]*;?)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed.
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
/** What has no glyph: bidi controls, zero-width characters, fillers, tags, variation selectors. */
const invisible = /(?!\ufe0f)[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
/** Words of some scripts, and many emoji, are spelt with joiners. In Latin text joiners only hide something. */
const joiner = /[\u200c\u200d]/;
const joined = /^(?!\p{Script=Latin})[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u;

/** Lines of readable text. For terminals, logs, and whatever shows text as it is. */
export function plain(text: string): string {
	return text
		.toWellFormed()
		.replace(/\r\n?|[\x85\u2028\u2029]/g, "\n")
		.replace(sequences, "")
		.replace(controls, "")
		.replace(invisible, (sign, at: number, all: string) => {
			const [before = ""] = [...all.slice(Math.max(0, at - 2), at)].slice(-1);
			const [after = ""] = all.slice(at + 1, at + 3);
			return joiner.test(sign) && joined.test(before) && joined.test(after) ? sign : "";
		});
}

/** For a log: only entries of its own begin a line. */
export function inLog(text: string): string {
	return plain(text).replaceAll("\n", "\n  ");
}

/** @param longest in characters; what is cut off is said by "…". */
export function oneLine(text: string, longest = Number.POSITIVE_INFINITY): string {
	// A long text is cut before it is examined, and again where it was shortened by that.
	const start = text.length > 4 * longest ? text.slice(0, 4 * longest) : text;
	const line = plain(start).replace(/\s+/g, " ").trim();
	const cut = line.length > longest || start !== text;
	return cut
		? `${line
				.slice(0, longest)
				.toWellFormed()
				.replace(/\ufffd$/, "")}…`
		: line;
}

/** VS Code shows no more of a notification. */
const longestMessage = 990;

/**
 * For notifications, progress and input boxes. VS Code makes a link of `[text](command:…)`, and of http, https and file.
 * People copy messages, so the space that prevents it can be seen.
 */
export function inNotification(text: string): string {
	return oneLine(text, longestMessage).replace(/\](?=\((?:https?|command|file):)/gi, "] ");
}

/**
 * For labels: quick pick, status bar, tree. VS Code draws an icon for `$(name)`. A backslash before it would keep the
 * icon away but is itself shown, or read out, wherever VS Code leaves icons out; a joiner is neither.
 */
export function inLabel(text: string): string {
	return inNotification(text).replaceAll("$(", `$${apart}(`);
}

/** Emphasis, code, links, images, HTML, headings, tables, maths; lists and rules at the start; URLs that become links. */
const inMarkdownOnly = /[\\`*_[\]<>#&$~|@]|:(?=\/\/)|(?<=www)\.|^[-+=]|(?<=^\d+)[.)]/gi;
/** `@name`, `#1`, `GH-1`, `:emoji:` on GitHub, and icons in VS Code: looked for after the escapes are resolved. */
const afterEscapes = /[@#$]|\bGH-(?=\d)|:(?=[\w+-]+:)/gi;

/** For Markdown, in VS Code and on GitHub. */
export function inMarkdown(text: string): string {
	return oneLine(text).replace(inMarkdownOnly, "\\$&").replace(afterEscapes, `$&${apart}`);
}

declare const ours: unique symbol;
/** Only what `markdown` or `markdownOf` has made. */
export type Markdown = string & { readonly [ours]: true };

/** Markdown of our own around foreign texts: `` markdown`**Error**: ${said}` ``. */
export function markdown(parts: TemplateStringsArray, ...foreign: readonly (string | number)[]): Markdown {
	return String.raw({ raw: parts }, ...foreign.map((text) => inMarkdown(String(text)))) as Markdown;
}

/** The same of a translated text, in which {0} and so on stand for the foreign ones. */
export function markdownOf(translated: string, ...foreign: readonly (string | number)[]): Markdown {
	return translated.replace(/\{(\d+)\}/g, (_, index) => inMarkdown(String(foreign[index]))) as Markdown;
}

/** For the text and the attributes of an HTML page. */
export function inHtml(text: string): string {
	const entities = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "#39" };
	return plain(text).replace(/[&<>"']/g, (sign) => `&${entities[sign as keyof typeof entities]};`);
}

/** JSON of the same value, with escapes for all that a terminal could act on or hide. */
export function inJson(value: unknown, indent?: number): string {
	return JSON.stringify(value, null, indent).replace(
		/[\x7f-\x9f\u2028\u2029\ufff9-\ufffb\p{Default_Ignorable_Code_Point}]/gu,
		(sign) =>
			sign
				.split("")
				.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
				.join(""),
	);
}

/** An argument, such as a path, in a command that a person copies into sh, or into PowerShell on Windows. */
export function inShell(argument: string, platform: NodeJS.Platform = process.platform): string {
	const windows = platform === "win32";
	if ((windows ? /^\w[\w:\\/.-]*$/ : /^[\w/.][\w/.:@%+,-]*$/).test(argument)) return argument;
	// PowerShell takes typographic quotes for quotes.
	return windows ? `'${argument.replace(/['‘’‚‛]/g, "$&$&")}'` : `'${argument.replaceAll("'", "'\\''")}'`;
}
