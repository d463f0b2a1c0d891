/** Signs of a key before and after a break: the end of a line, with a backslash or a quotation mark, or a plus. */
const breaks =
	/(?<=[\w+/=.-]{8})(?:\\?\r?\n[ \t>|]{0,12}|["'`]\s{0,4}[+.]\s{0,12}["'`])(?=(?<next>[\w+/=.-]{8,}))/g;

export interface JoinedText {
	readonly text: string;
	/** The range in the text as it was, and what follows its first break; undefined where there is no break within. */
	rangeOf(
		start: number,
		end: number,
	): { readonly start: number; readonly end: number; readonly next: string } | undefined;
}

/** A text whose keys go on where they were broken over lines. Undefined where there is nothing to join. */
export function joinedLines(text: string): JoinedText | undefined {
	const parts: string[] = [];
	/** Where a part begins: in the joined text, and in the text as it was. */
	const starts: { readonly joined: number; readonly at: number; readonly next: string }[] = [
		{ joined: 0, at: 0, next: "" },
	];
	let from = 0;
	let length = 0;
	for (const match of text.matchAll(breaks)) {
		const part = text.slice(from, match.index);
		parts.push(part);
		length += part.length;
		from = match.index + match[0].length;
		starts.push({ joined: length, at: from, next: match.groups?.next ?? "" });
	}
	if (parts.length === 0) return undefined;
	parts.push(text.slice(from));
	const originalOf = (offset: number, isEnd: boolean) => {
		const part = starts.findLast(({ joined }) => (isEnd ? joined < offset : joined <= offset)) ?? starts[0];
		return (part?.at ?? 0) + offset - (part?.joined ?? 0);
	};
	return {
		text: parts.join(""),
		rangeOf(start, end) {
			const within = starts.find(({ joined }) => joined > start && joined < end);
			return within && { start: originalOf(start, false), end: originalOf(end, true), next: within.next };
		},
	};
}
