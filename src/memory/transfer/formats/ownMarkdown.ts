import { Document } from "yaml";
import type { Memory, Project } from "../../../store/types.ts";
import { baseOf } from "../base.ts";
import { readOwnFields } from "../ownRecord.ts";
import { frontMatterOf, textField } from "./frontMatter.ts";
import type { FoundMemory, TextFormat } from "./textFormat.ts";

/*
 * Our own Markdown: a file a memory, or a file a project. `base` tells on the way back whether a memory was edited.
 */

const kind = "mcp-mem0";

export const ownMarkdown: TextFormat = {
	id: "mcp-mem0-markdown",
	name: "MCP Mem0's Markdown",
	isFormat: ({ text }) => text.startsWith("---\n") && kind in frontMatterOf(text).fields,
	parse: (file) => {
		const { fields, body, line } = frontMatterOf(file.text);
		const marker = textField(fields, "marker");
		return fields[kind] === "project" && marker !== undefined
			? memoriesOfProject(body, line, marker, projectOf(fields.project))
			: memoryOfFile(fields, body, line);
	},
};

/** A file of one memory. */
export function toMarkdown(memory: Memory): string {
	const { conversationId, metadata } = memory;
	const tags = Array.isArray(metadata?.tags) ? { tags: metadata.tags } : {};
	const fields = {
		...tags,
		...fieldsOf(memory),
		...(memory.project ? { project: memory.project } : {}),
		...(conversationId ? { conversation: conversationId } : {}),
		...(metadata ? { metadata } : {}),
		[kind]: baseOf(memory),
	};
	return `---\n${new Document(fields).toString({ lineWidth: 0 })}---\n${memory.text}\n`;
}

/** A file of all memories of a project, or of the global ones. @param marker stands in none of the texts. */
export function toProjectMarkdown(
	project: Project | undefined,
	memories: readonly Memory[],
	marker: string,
): string {
	const fields = { ...(project ? { project } : {}), [kind]: "project", marker };
	const blocks = memories.map((memory) => {
		const { conversationId, metadata } = memory;
		const kept = {
			...fieldsOf(memory),
			...(conversationId ? { conversation: conversationId } : {}),
			...(metadata ? { metadata } : {}),
			base: baseOf(memory),
		};
		// Two hyphens would end the comment.
		return `<!-- ${marker} ${JSON.stringify(kept).replaceAll("--", "-\\u002d")} -->\n${memory.text}\n`;
	});
	const title = `# ${(project?.name ?? "Global memories").replace(/\s+/g, " ")}`;
	return `---\n${new Document(fields).toString({ lineWidth: 0 })}---\n${[title, ...blocks].join("\n\n")}`;
}

function fieldsOf({ id, createdAt, updatedAt, pinned, expiresAt, supersededBy, origin }: Memory) {
	return {
		id,
		createdAt: new Date(createdAt).toISOString(),
		...(updatedAt > createdAt ? { updatedAt: new Date(updatedAt).toISOString() } : {}),
		...(pinned ? { pinned } : {}),
		...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
		...(supersededBy ? { supersededBy } : {}),
		...(origin ? { origin } : {}),
	};
}

function memoryOfFile(
	fields: Readonly<Record<string, unknown>>,
	body: string,
	line: number,
): readonly FoundMemory[] {
	const text = body.trim();
	if (text === "") return [];
	return [
		found(
			fields,
			text,
			line,
			line + text.split("\n").length - 1,
			projectOf(fields.project),
			String(fields[kind]),
		),
	];
}

function memoriesOfProject(
	body: string,
	firstLine: number,
	marker: string,
	project: Project | undefined,
): readonly FoundMemory[] {
	const starts = [...body.matchAll(/^<!-- (\S+) (\{.*\}) -->$/gm)].filter(([, each]) => each === marker);
	return starts.flatMap((match, index) => {
		const from = match.index + match[0].length + 1;
		const text = body.slice(from, starts[index + 1]?.index).trim();
		const fields = parsed(match[2] ?? "");
		if (text === "" || !fields) return [];
		const line = firstLine + body.slice(0, from).split("\n").length - 1;
		return [found(fields, text, line, line + text.split("\n").length - 1, project, String(fields.base))];
	});
}

function found(
	fields: Readonly<Record<string, unknown>>,
	text: string,
	line: number,
	lastLine: number,
	project: Project | undefined,
	base: string,
): FoundMemory {
	const { was, origin } = readOwnFields(fields);
	const conversation = textField(fields, "conversation");
	return {
		line,
		lastLine,
		request: {
			text,
			scope: project ? "project" : "global",
			project,
			createdAt: fields.createdAt,
			metadata: fields.metadata,
			...(conversation ? { conversationId: conversation } : {}),
			was,
			base,
			...(origin ? { origin } : {}),
		},
	};
}

function projectOf(value: unknown): Project | undefined {
	if (typeof value !== "object" || value === null) return undefined;
	const { id, name } = value as Readonly<Record<string, unknown>>;
	if (typeof id !== "string" || id === "") return undefined;
	return { id, name: typeof name === "string" && name !== "" ? name : id };
}

function parsed(json: string): Readonly<Record<string, unknown>> | undefined {
	try {
		return JSON.parse(json) as Readonly<Record<string, unknown>>;
	} catch {
		// Somebody has edited it: the text below is not taken for another memory's.
		return undefined;
	}
}
