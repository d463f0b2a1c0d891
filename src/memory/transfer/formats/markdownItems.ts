/** A list item or a paragraph of a Markdown text. */
export interface MarkdownItem {
	/** Counted from 1. */
	readonly line: number;
	readonly lastLine: number;
	/** The headings above it, the outermost first; without the title of the whole. */
	readonly headings: readonly string[];
	readonly text: string;
	readonly isListItem: boolean;
}

const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const bullet = /^(\s*)(?:[-*+•]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?(.*)$/;
const fence = /^\s*(```+|~~~+)/;
const rule = /^ {0,3}(?:[-*_][ \t]*){3,}$/;

/**
 * Takes a Markdown text apart: each list item with what is indented below it, each paragraph with the code or table that
 * follows it.
 * @param firstLine the number of the text's first line.
 */
export function markdownItems(text: string, firstLine = 1): readonly MarkdownItem[] {
	const items: MarkdownItem[] = [];
	const headings: { readonly level: number; readonly title: string }[] = [];
	let open: { line: number; lines: string[]; isListItem: boolean; indent: number } | undefined;
	let inFence: string | undefined;
	let last = 0;
	const close = () => {
		const content = open?.lines.join("\n").trim();
		if (open && content)
			items.push({
				line: open.line,
				lastLine: Math.max(open.line, last),
				headings: headings.filter(({ level }) => level > 1).map(({ title }) => title),
				text: content,
				isListItem: open.isListItem,
			});
		open = undefined;
	};
	let isBlank = true;
	for (const [index, line] of withoutComments(text).split("\n").entries()) {
		const at = firstLine + index;
		const mark = fence.exec(line)?.[1];
		const isCode = inFence !== undefined || mark !== undefined;
		if (mark !== undefined && inFence === undefined) inFence = mark;
		else if (mark !== undefined && inFence !== undefined && mark.startsWith(inFence)) inFence = undefined;
		const [, signs = "", title = ""] = isCode ? [] : (heading.exec(line) ?? []);
		const [, indent = "", said] = isCode ? [] : (bullet.exec(line) ?? []);
		const isNested = open?.isListItem === true && width(line) > open.indent;
		if (signs) {
			close();
			while ((headings.at(-1)?.level ?? 0) >= signs.length) headings.pop();
			headings.push({ level: signs.length, title: plain(title) });
		} else if (!isCode && line.trim() === "") {
			isBlank = true;
			continue;
		} else if (!isCode && rule.test(line)) close();
		else if (said !== undefined && !isNested) {
			close();
			open = { line: at, lines: [said], isListItem: true, indent: width(indent) };
		} else if (open && (isCode || isNested || !isBlank)) open.lines.push(isNested ? line.trimEnd() : line);
		else {
			close();
			open = { line: at, lines: [line], isListItem: false, indent: 0 };
		}
		isBlank = false;
		last = at;
	}
	close();
	return items;
}

/** The item with the headings it stands under, which tell what it is about. */
export function withHeadings({ headings, text }: MarkdownItem): string {
	return headings.length === 0 ? text : `${headings.join(" › ")}: ${text}`;
}

/** Comments are for whoever edits the file; blank lines keep the numbers of the others. */
function withoutComments(text: string): string {
	return text.replace(/<!--[\s\S]*?(?:-->|$)/g, (comment) => comment.replace(/[^\n]/g, ""));
}

function width(line: string): number {
	return /^[ \t]*/.exec(line)?.[0].replaceAll("\t", "    ").length ?? 0;
}

function plain(title: string): string {
	return title.replace(/[*_`]/g, "").trim();
}
