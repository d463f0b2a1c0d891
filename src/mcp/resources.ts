import { McpError } from "@modelcontextprotocol/sdk/types.js";
import { InputError } from "../memory/errors.ts";
import { maxListLimit } from "../memory/input.ts";
import type { MemoryService } from "../memory/memoryService.ts";
import type { Project } from "../store/types.ts";
import { quoted } from "./quoted.ts";
import { presented } from "./tools/schemas.ts";

const mimeType = "application/json";
/** The code of the protocol's specification; the SDK has no name for it. */
const resourceNotFound = -32002;

export const listedResources = [
	{
		uri: "memory://all",
		name: "all-memories",
		title: "All memories",
		description: "Every memory of this user that is global or of the current project, newest first",
		mimeType,
	},
];

export const resourceTemplates = [
	{
		uriTemplate: "memory://{id}",
		name: "memory",
		title: "Memory",
		description: "One memory with its history, and the text it was distilled from",
		mimeType,
	},
];

/** @throws McpError for a URI that does not name a memory. */
export async function readResource(uri: string, memory: MemoryService, project: Project | undefined) {
	const id = /^memory:\/\/([^/]+)\/?$/.exec(uri)?.[1];
	if (id === undefined) {
		throw notFound(`There is no resource ${quoted(uri)}. Use memory://all or memory://{id}.`);
	}
	const content = await (id === "all" ? allMemories(memory, project) : oneMemory(memory, id));
	return { contents: [{ uri, mimeType, text: JSON.stringify(content) }] };
}

async function allMemories(memory: MemoryService, project: Project | undefined) {
	const memories = [];
	let cursor: string | undefined;
	do {
		const page = await memory.list({ project, limit: maxListLimit, cursor });
		memories.push(...page.memories.map(presented));
		cursor = page.nextCursor;
	} while (cursor !== undefined);
	return { memories, total: memories.length };
}

async function oneMemory(memory: MemoryService, id: string) {
	try {
		const entries = await memory.history(id);
		const history = entries.map(({ at, ...entry }) => ({ ...entry, at: new Date(at).toISOString() }));
		const savedText = (await memory.savedText(id)) || undefined;
		return { ...presented(await memory.get(id)), savedText, history };
	} catch (error) {
		if (error instanceof InputError) throw notFound(error.message);
		throw error;
	}
}

function notFound(message: string): McpError {
	return new McpError(resourceNotFound, message);
}
