import { lineAt, lineEnding, UnreadableText } from "../edit/format.ts";

const [open, close] = ["<mcp-mem0>", "</mcp-mem0>"];

interface Block {
	readonly start: number;
	/** Behind the closing tag. */
	readonly end: number;
	/** Its own line ending. */
	readonly eol: string;
}

/**
 * The text with our block at its end, or in the place of the one that is there. Whether a line ends behind the block shows
 * how the text ended before: `withoutBlock` gives every byte back.
 * @param text undefined: there is no file.
 * @throws UnreadableText if the tags are not one pair.
 */
export function withBlock(text: string | undefined, content: string): string {
	const present = blockIn(text ?? "");
	const eol = present?.eol ?? lineEnding(text ?? "");
	const block = [open, ...content.trim().split(/\r?\n/), close].join(eol);
	if (text === undefined) return block + eol;
	if (present) return text.slice(0, present.start) + block + text.slice(present.end);
	if (text === "") return block;
	return text.endsWith("\n") ? `${text}${eol}${block}${eol}` : `${text}${eol}${eol}${block}`;
}

/**
 * The text without our block.
 * @returns undefined if the file was ours alone.
 * @throws UnreadableText if the tags are not one pair.
 */
export function withoutBlock(text: string): string | undefined {
	const block = blockIn(text);
	if (!block) return text;
	const { eol } = block;
	const ended = text.startsWith(eol, block.end);
	const end = block.end + (ended ? eol.length : 0);
	let { start } = block;
	if (start === 0 && ended && end === text.length) return undefined;
	for (let times = ended ? 1 : 2; times > 0 && text.endsWith(eol, start); times -= 1) start -= eol.length;
	return text.slice(0, start) + text.slice(end);
}

function blockIn(text: string): Block | undefined {
	const tags = [...text.matchAll(/^[ \t]*<(\/?)mcp-mem0>[ \t]*(?=\r?$)/gm)];
	const [first, second, third] = tags;
	if (!first) return undefined;
	const wrong = misplaced(first, second, third);
	if (wrong) throw new UnreadableText(`its ${open} and ${close} are not one pair`, lineAt(text, wrong.index));
	const end = (second?.index ?? 0) + (second?.[0].length ?? 0);
	const eol = /\r?\n/.exec(text.slice(first.index, end))?.[0] ?? "\n";
	return { start: first.index, end, eol };
}

/** The first tag that is not one of a pair. */
function misplaced(
	first: RegExpExecArray,
	second: RegExpExecArray | undefined,
	third: RegExpExecArray | undefined,
): RegExpExecArray | undefined {
	const closes = (tag: RegExpExecArray | undefined) => tag?.[1] === "/";
	if (closes(first)) return first;
	return closes(second) ? third : (second ?? first);
}
