import type { Memory, Project } from "../../store/types.ts";
import { InputError } from "../errors.ts";
import type { MemoryService } from "../memoryService.ts";
import type { ImportRequest } from "../requests.ts";

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
		throw new InputError("line", `it is not JSON (${(error as Error).message}).`);
	}
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw new InputError("line", 'it is not a JSON object such as {"text": "…"}.');
	const { text, scope, createdAt, conversation, metadata, project } = value as Record<string, unknown>;
	if (conversation !== undefined && conversation !== null && typeof conversation !== "string")
		throw new InputError("conversation", "conversation is not a string.");
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
	if (typeof id === "string" && id !== "")
		return { id, name: typeof name === "string" && name !== "" ? name : id };
	throw new InputError(
		"project",
		'project is not an object such as {"id": "github.com/owner/repository", "name": "repository"}.',
	);
}
