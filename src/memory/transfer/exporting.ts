import { createHash, randomBytes } from "node:crypto";
import type { Memory, Project } from "../../store/types.ts";
import { inJson } from "../../text/inert.ts";
import { toMarkdown, toProjectMarkdown } from "./formats/ownMarkdown.ts";
import { exportRecords } from "./jsonl.ts";
import type { ExportedMemory } from "./transfer.ts";

/** What an export reads. */
export interface Source {
	readonly transfer: { all(): AsyncIterable<ExportedMemory> };
	/** Called for each memory that is written. */
	readonly onMemory?: () => void;
}

export interface ExportedFile {
	/** Below the folder, with slashes. */
	readonly name: string;
	readonly text: string;
}

/** One file, in parts. */
export interface FileFormat {
	readonly summary: string;
	readonly parts: (memory: Source) => AsyncIterable<string>;
}

/** A folder of files. */
export interface FolderFormat {
	readonly summary: string;
	readonly files: (memory: Source) => AsyncIterable<ExportedFile>;
}

export const fileFormats = {
	jsonl: { summary: "JSON lines with all there is, for this program", parts: jsonLines },
	"server-memory": { summary: "JSON lines of the MCP memory server", parts: serverMemory },
	mem0: { summary: "JSON as mem0's get_all returns it", parts: mem0 },
} as const satisfies Readonly<Record<string, FileFormat>>;

export const folderFormats = {
	markdown: { summary: "a folder with a file a memory", files: markdownFiles },
	"markdown-projects": { summary: "a folder with a file a project", files: projectFiles },
} as const satisfies Readonly<Record<string, FolderFormat>>;

async function* jsonLines(memory: Source): AsyncGenerator<string> {
	for await (const record of exportRecords(memory)) {
		memory.onMemory?.();
		yield `${inJson(record)}\n`;
	}
}

/** The graph has entities with observations: those that came from there are theirs again; others are their project's. */
async function* serverMemory(memory: Source): AsyncGenerator<string> {
	const entities = new Map<string, { readonly entityType: string; readonly observations: string[] }>();
	for await (const each of current(memory)) {
		const { entity, entityType } = each.metadata ?? {};
		const own = typeof entity === "string" && each.text.startsWith(`${entity}: `);
		const name = own ? entity : (each.project?.name ?? "user");
		const type = own && typeof entityType === "string" ? entityType : each.project ? "project" : "person";
		const known = entities.get(name) ?? { entityType: type, observations: [] };
		entities.set(name, known);
		known.observations.push(own ? each.text.slice(entity.length + 2) : each.text);
	}
	for (const [name, { entityType, observations }] of entities)
		yield `${inJson({ type: "entity", name, entityType, observations })}\n`;
}

async function* mem0(memory: Source): AsyncGenerator<string> {
	let separator = '{"results": [\n';
	for await (const { id, text, createdAt, updatedAt, userId, metadata } of current(memory)) {
		const record = {
			id,
			memory: text,
			hash: createHash("md5").update(text).digest("hex"),
			...(metadata ? { metadata } : {}),
			created_at: new Date(createdAt).toISOString(),
			updated_at: updatedAt > createdAt ? new Date(updatedAt).toISOString() : null,
			user_id: userId,
		};
		yield `${separator}${inJson(record)}`;
		separator = ",\n";
	}
	yield separator.startsWith("{") ? '{"results": []}\n' : "\n]}\n";
}

async function* markdownFiles(memory: Source): AsyncGenerator<ExportedFile> {
	for await (const each of current(memory)) {
		const name = `${slug(each.text.split("\n")[0] ?? "", 60)} ${slug(each.id, 8)}.md`;
		yield { name: `${folderOf(each.project)}/${name}`, text: toMarkdown(each) };
	}
}

async function* projectFiles(memory: Source): AsyncGenerator<ExportedFile> {
	const projects = new Map<string, { readonly project: Project | undefined; readonly memories: Memory[] }>();
	for await (const each of current(memory)) {
		const key = each.project?.id ?? "";
		const known = projects.get(key) ?? { project: each.project, memories: [] };
		projects.set(key, known);
		known.memories.push(each);
	}
	// Random, so that no text can look like it.
	const marker = `memory-${randomBytes(6).toString("hex")}`;
	for (const { project, memories } of projects.values())
		yield { name: `${folderOf(project)}.md`, text: toProjectMarkdown(project, memories, marker) };
}

/** Without those that have expired or been replaced: whoever leaves takes what is true. */
async function* current({ transfer, onMemory }: Source): AsyncGenerator<Memory> {
	for await (const { memory } of transfer.all()) {
		if (memory.supersededBy !== undefined || (memory.expiresAt ?? Date.now() + 1) <= Date.now()) continue;
		onMemory?.();
		yield memory;
	}
}

/** Two projects may have the same name. */
function folderOf(project: Project | undefined): string {
	if (!project) return "global";
	return `${slug(project.name, 40)} ${createHash("sha256").update(project.id).digest("hex").slice(0, 4)}`;
}

/** A file name that every system takes, and Obsidian can link to. */
function slug(text: string, longest: number): string {
	const words = text
		.normalize("NFC")
		.replace(/[^\p{L}\p{N}\p{M}._ -]+/gu, " ")
		.replace(/\s+/g, " ");
	const short = [...words].slice(0, longest).join("");
	const plain = short.replace(/^[. ]+|[. ]+$/g, "");
	return plain === "" || /^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(plain) ? `memory ${plain}`.trim() : plain;
}
