import { importedTime } from "../times.ts";
import { frontMatterOf, textField } from "./frontMatter.ts";
import { markdownItems } from "./markdownItems.ts";
import { baseName, type FoundMemory, type TextFile, type TextFormat } from "./textFormat.ts";

/** `- [category] what was observed #tag (context)` */
const observation = /^\[(?<category>[^[\]()\n]{1,60})\]\s+(?<said>[\s\S]+)$/;
/** `- relation_type [[Target]] (context)` */
const relation = /^(?<verb>[^[\]\n]{0,80}?)\s*\[\[(?<target>[^\]\n]+)\]\](?:\s*\((?<context>[^)\n]*)\))?$/;
const tags = /(?<=^|\s)#([\p{L}\p{N}_/-]+)/gu;

/** Notes of basic-memory: observations, relations and the text between them. */
export const basicMemory: TextFormat = {
	id: "basic-memory",
	name: "basic-memory's notes",
	isFormat: ({ name, text }) => {
		if (!/\.md$/i.test(name)) return false;
		const { fields, body } = frontMatterOf(text);
		if (textField(fields, "permalink") !== undefined) return true;
		return textField(fields, "title") !== undefined && /^[-*]\s+\[[^[\]()\n]{2,60}\]\s+\S/m.test(body);
	},
	parse: notesOf,
};

function notesOf(file: TextFile): readonly FoundMemory[] {
	const { fields, body, line } = frontMatterOf(file.text);
	const title = textField(fields, "title") ?? baseName(file).replace(/\.md$/i, "");
	const created = ["created", "created_at", "date"].flatMap((name) => timeOf(name, fields[name]))[0];
	const createdAt = created ?? file.modifiedAt;
	const noteTags = listOf(fields.tags);
	const type = textField(fields, "type");
	const permalink = textField(fields, "permalink");
	return markdownItems(body, line).map((item) => {
		const observed = item.isListItem ? observation.exec(item.text)?.groups : undefined;
		const related = item.isListItem ? relation.exec(item.text)?.groups : undefined;
		const said = observed?.said ?? item.text;
		const own = [...said.matchAll(tags)].map(([, tag = ""]) => tag);
		const text = related
			? `${title} ${related.verb?.replaceAll("_", " ").trim() || "relates to"} ${related.target}${related.context ? ` (${related.context})` : ""}`
			: `${title}: ${said.replaceAll(/\[\[([^\]\n]+)\]\]/g, "$1")}`;
		const all = [...new Set([...noteTags, ...own])];
		return {
			line: item.line,
			lastLine: item.lastLine,
			id: permalink && `${permalink}#${item.line}`,
			request: {
				text,
				createdAt,
				metadata: {
					note: title,
					...(permalink ? { permalink } : {}),
					...(type ? { type } : {}),
					...(observed ? { category: observed.category } : {}),
					...(all.length > 0 ? { tags: all } : {}),
				},
			},
		};
	});
}

function timeOf(name: string, value: unknown): number[] {
	try {
		const at = importedTime(name, value instanceof Date ? value.toISOString() : value)?.at;
		return at === undefined ? [] : [at];
	} catch {
		// A date in words of their own; the file has one, too.
		return [];
	}
}

function listOf(value: unknown): readonly string[] {
	if (typeof value === "string") return value.split(",").flatMap((each) => each.trim() || []);
	return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
