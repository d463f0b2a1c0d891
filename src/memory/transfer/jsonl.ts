import type { Memory, Project } from "../../store/types.ts";
import { InputError } from "../errors.ts";
import type { MemoryService } from "../memoryService.ts";
import type { ImportRequest } from "../requests.ts";

/** Characters of a conversation's id, and of a project's id and name. */
const longestName = 1000;

/** A memory as one line of an export, which an import reads back. */
function toRecord(memory: Memory) {
	return {
		id: memory.id,
		text: memory.text,
		scope: memory.scope,
		...(memory.project ? { project: memory.project } : {}),
		createdAt: new Date(memory.createdAt).toISOString(),
		...(memory.updatedAt > memory.createdAt ? { updatedAt: new Date(memory.updatedAt).toISOString() } : {}),
		...(memory.conversationId ? { conversation: memory.conversationId } : {}),
		...(memory.metadata ? { metadata: memory.metadata } : {}),
	};
}

/** Every memory of every project, newest first, loaded page by page. */
export async function* exportRecords(memory: MemoryService) {
	let cursor: string | undefined;
	do {
		const page = await memory.list({ scope: "all", limit: 200, cursor });
		yield* page.memories.map(toRecord);
		cursor = page.nextCursor;
	} while (cursor !== undefined);
}

/**
 * Reads a line of an export, or one that somebody wrote.
 * @param current the project of a line with the scope "project" that names none.
 * @throws InputError that says what is wrong with the line.
 */
export function parseLine(line: string, current: Project | undefined): ImportRequest {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch (error) {
		// The whole message would quote the line.
		const [where = ""] = /at position \d+/.exec(String(error)) ?? [];
		throw new InputError("line", `it is not JSON${where && ` (${where})`}.`);
	}
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw new InputError("line", 'it is not a JSON object such as {"text": "…"}.');
	const { text, scope, createdAt, conversation, metadata, project } = value as Record<string, unknown>;
	if (conversation !== undefined && conversation !== null && !isName(conversation))
		throw new InputError("conversation", `conversation is not a string of up to ${longestName} characters.`);
	return {
		text,
		scope: scope ?? undefined,
		createdAt,
		metadata,
		project: scope === "project" ? (projectFrom(project) ?? current) : undefined,
		conversationId: conversation || undefined,
	};
}

function projectFrom(value: unknown): Project | undefined {
	if (value === undefined || value === null) return undefined;
	const { id, name } = value as Record<string, unknown>;
	if (isName(id) && id !== "") return { id, name: isName(name) && name !== "" ? name : id };
	throw new InputError(
		"project",
		'project is not an object such as {"id": "github.com/owner/repository", "name": "repository"}.',
	);
}

function isName(value: unknown): value is string {
	return (
		typeof value === "string" && value.length <= longestName && !value.includes("\0") && value.isWellFormed()
	);
}
