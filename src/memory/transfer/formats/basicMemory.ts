import { frontMatterOf, textField, timeOf } from "./frontMatter.ts";
import { markdownItems } from "./markdownItems.ts";
import { baseName, type FoundMemory, type TextFile, type TextFormat } from "./textFormat.ts";

/** `- [category] what was observed #tag (context)` */
const observation = /^\[(?<category>[^[\]()\n]{1,60})\]\s+(?<said>[\s\S]+)$/;
/** Of a transcript: `[00:01:12]`; of a list of tasks: `[/]`. */
const noCategory = /^(?:\d{1,3}:\d{2}[\d:.,\s-]*|[xX]|[^\p{L}\p{N}])$/u;
/** `- relation_type [[Target]] (context)`; of several words only in quotes, for otherwise it is a sentence with a link. */
const relation =
	/^(?:"(?<double>[^"\n]{1,80})"|'(?<single>[^'\n]{1,80})'|(?<verb>[^[\]\s"']{1,80}))?\s*\[\[(?<target>[^\]\n]+)\]\](?:\s*\((?<context>[^)\n]*)\))?$/;
/** Tells basic-memory that a line is no relation. */
const directive = /\s+#bm:links_to\s*$/;
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
	const given = typeof fields.title === "number" ? String(fields.title) : textField(fields, "title");
	const title = given ?? baseName(file).replace(/\.md$/i, "");
	const [created] = ["created", "created_at", "date"].flatMap((name) => timeOf(name, fields[name]) ?? []);
	const createdAt = created ?? file.modifiedAt;
	const noteTags = listOf(fields.tags);
	const type = textField(fields, "type");
	const permalink = textField(fields, "permalink");
	return markdownItems(body, line).map((item) => {
		const whole = item.text.replace(directive, "");
		const matched = item.isListItem ? observation.exec(whole)?.groups : undefined;
		const observed = matched && noCategory.test(matched.category ?? "") ? undefined : matched;
		const isSentence = directive.test(item.text);
		const related = item.isListItem && !isSentence ? relation.exec(whole)?.groups : undefined;
		const verb = related?.double ?? related?.single ?? related?.verb?.replaceAll("_", " ") ?? "links to";
		const said = observed?.said ?? whole;
		const own = [...said.matchAll(tags)].map(([, tag = ""]) => tag);
		const text = related
			? `${title} ${verb} ${related.target}${related.context ? ` (${related.context})` : ""}`
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

function listOf(value: unknown): readonly string[] {
	if (typeof value === "string")
		return value.split(",").flatMap((each) => each.trim().replace(/^#/, "") || []);
	return Array.isArray(value)
		? value.flatMap((each) => (typeof each === "string" ? each.replace(/^#/, "") : []))
		: [];
}
