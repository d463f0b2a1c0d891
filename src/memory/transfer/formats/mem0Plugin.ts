import type { FoundMemory, TextFile, TextFormat } from "./textFormat.ts";

const start = /^---[ \t]*$/;
const field = /^([a-z_]+):[ \t]*(.*)$/;

/** What mem0's plugin for agents exports: blocks of fields between `---` lines, each followed by its text. */
export const mem0Plugin: TextFormat = {
	id: "mem0-plugin",
	name: "mem0's plugin (mem0-export-….md)",
	isFormat: ({ text }) =>
		/^---[ \t]*\nid:[ \t]*\S/m.test(text) && /^(?:confidence|categories|branch|created_at):/m.test(text),
	parse: blocksOf,
};

function blocksOf({ text, modifiedAt }: TextFile): readonly FoundMemory[] {
	const lines = text.split("\n");
	const found: FoundMemory[] = [];
	for (let at = 0; at < lines.length; at += 1) {
		if (!isBlockStart(lines, at)) continue;
		const fields = new Map<string, string>();
		let next = at + 1;
		for (; next < lines.length && !start.test(lines[next] ?? ""); next += 1) {
			const [, name, value] = field.exec(lines[next] ?? "") ?? [];
			if (name !== undefined && value?.trim()) fields.set(name, value.trim());
		}
		const first = next + 1;
		let end = first;
		while (end < lines.length && !isBlockStart(lines, end)) end += 1;
		const said = lines
			.slice(first, end)
			.join("\n")
			.replace(/\n---\s*$/, "")
			.trim();
		const { id, created_at, files, categories, ...rest } = Object.fromEntries(fields);
		if (said !== "")
			found.push({
				line: first + 1,
				lastLine: end,
				id,
				request: {
					text: said,
					createdAt: created_at ?? modifiedAt,
					metadata: {
						...rest,
						...(files ? { files: listOf(files) } : {}),
						...(categories ? { tags: listOf(categories) } : {}),
					},
				},
			});
		at = end - 1;
	}
	return found;
}

/** A rule within a memory's text begins no block. */
function isBlockStart(lines: readonly string[], at: number): boolean {
	return start.test(lines[at] ?? "") && /^(?:id|type|created_at):/.test(lines[at + 1] ?? "");
}

function listOf(value: string): readonly string[] {
	return value.split(",").flatMap((each) => each.trim() || []);
}
