import { frontMatterOf, textField, timeOf } from "./frontMatter.ts";
import { sectionsOf } from "./instructions.ts";
import { baseName, type FoundMemory, type TextFile, type TextFormat } from "./textFormat.ts";

/**
 * Claude Code's own memory: a file a memory, with `name`, `description` and its type, and MEMORY.md, which lists them and may
 * say more.
 */
export const claudeMemory: TextFormat = {
	id: "claude-code",
	name: "Claude Code's memory",
	isFormat: (file) => {
		if (/(?:^|\/)\.?claude\/(?:projects\/[^/]+\/memory|agent-memory(?:-local)?)\/.*\.md$/.test(file.name))
			return true;
		if (baseName(file) === "MEMORY.md") return true;
		const { fields } = frontMatterOf(file.text);
		return isMemoryType(typeOf(fields)) && textField(fields, "name") !== undefined && "description" in fields;
	},
	parse: (file) => (baseName(file) === "MEMORY.md" ? indexOf(file) : noteOf(file)),
};

const isMemoryType = (type: string | undefined) => /^(?:user|feedback|project|reference)$/.test(type ?? "");

function typeOf(fields: Readonly<Record<string, unknown>>): string | undefined {
	const { metadata } = fields;
	const inner = typeof metadata === "object" && metadata !== null ? { ...metadata } : {};
	return textField(fields, "type") ?? textField(inner, "type");
}

/** Its lines that point to a file of their own come with that file. */
function indexOf(file: TextFile): readonly FoundMemory[] {
	return sectionsOf(file).filter(({ request }) => !/\[[^\]]*\]\([^)]*\.md\)/.test(String(request.text)));
}

function noteOf(file: TextFile): readonly FoundMemory[] {
	const { fields, body, line } = frontMatterOf(file.text);
	const name = textField(fields, "name");
	if (name === undefined) return sectionsOf(file);
	const description = textField(fields, "description");
	const said = body.trim();
	const text = said === "" ? description : said;
	if (text === undefined) return [];
	return [
		{
			line,
			lastLine: line + body.trimEnd().split("\n").length - 1,
			id: name,
			request: {
				text,
				// What is about the person applies everywhere.
				...(typeOf(fields) === "user" ? { scope: "global" } : {}),
				createdAt: timeOf("modified", fields.modified) ?? file.modifiedAt,
				metadata: {
					...(description ? { description } : {}),
					...(typeOf(fields) ? { type: typeOf(fields) } : {}),
				},
			},
		},
	];
}
