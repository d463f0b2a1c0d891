/** Characters from which a text is better found as several. An embedding says one thing of all of it. */
export const longFrom = 1200;
/** Parts shorter than this belong to the one before: a heading, a single word. */
const shortestPart = 25;

/** The parts of a text that stand for themselves: its paragraphs, or the items of its lists. Fewer than two: none. */
export function partsOf(text: string): readonly string[] {
	const blocks = text
		.split(/\r?\n\s*\r?\n|\r?\n(?=\s*(?:[-*•]|\d+[.)])\s)/)
		.map((block) => block.trim().replace(/^(?:[-*•]|\d+[.)])\s+/, ""))
		.filter((block) => block !== "");
	const parts: string[] = [];
	let heading = "";
	for (const block of blocks) {
		if (block.length < shortestPart || /^#{1,6}\s[^\n]*$/.test(block)) heading = joined(heading, block);
		else {
			parts.push(joined(heading, block));
			heading = "";
		}
	}
	if (heading !== "" && parts.length > 0) parts.push(joined(parts.pop() ?? "", heading));
	return parts.length > 1 ? parts : [];
}

function joined(one: string, other: string): string {
	return one === "" ? other : `${one}\n${other}`;
}

const separator = "\n\n---\n\n";

/** Parts as one text, which a person can edit before they become memories. */
export function joinParts(parts: readonly string[]): string {
	return parts.join(separator);
}

export function separateParts(text: string): readonly string[] {
	return text
		.split(/\r?\n\s*---[ \t]*\r?\n/)
		.map((part) => part.trim())
		.filter((part) => part !== "");
}
