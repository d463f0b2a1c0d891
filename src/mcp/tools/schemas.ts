import * as z from "zod";
import { maxTextLength, scopeFilters, scopes } from "../../memory/input.ts";
import { originText } from "../../memory/originText.ts";
import { audiences } from "../../store/access.ts";
import type { Memory } from "../../store/types.ts";

export const id = z.string().min(1).describe("From search_memories or get_all_memories");

export const text = z.string().min(1).max(maxTextLength);

export const filterScope = z
	.enum(scopeFilters)
	.optional()
	.describe(
		"global, project (only the current one) or all (every project). Default: global and the current project",
	);

/** Only in a team; elsewhere, all is private. */
export const visibility = z.enum(audiences).optional();

export const metadata = z.record(z.string(), z.unknown()).optional();

/** Characters of the whole text, if it is shortened. */
export const textLength = z.int().optional();

export const note = z.string().optional();

export const memorySchema = z.strictObject({
	id: z.string(),
	text: z.string(),
	scope: z.enum(scopes),
	project: z.string().optional().describe("Name of the project, for scope project"),
	createdAt: z.string().describe("ISO 8601"),
	updatedAt: z.string().optional().describe("ISO 8601; absent if never changed"),
	from: z.string().optional().describe("Who saved it, how and where"),
	pinned: z.boolean().optional(),
	expiresAt: z.string().optional().describe("ISO 8601; not found any more from then on"),
	metadata,
	textLength,
	metadataLength: z.int().optional(),
});

/** Of what is shared, also its author. */
function fromText({ userId, visibility: shared, origin }: Memory): string | undefined {
	const parts = [shared && userId, origin && originText(origin)].filter((part) => part !== undefined);
	return parts.length > 0 ? parts.join(", ") : undefined;
}

/** A memory as tools and resources show it. */
export function presented(memory: Memory): z.infer<typeof memorySchema> {
	return {
		id: memory.id,
		text: memory.text,
		scope: memory.scope,
		project: memory.project?.name,
		createdAt: new Date(memory.createdAt).toISOString(),
		updatedAt: memory.updatedAt > memory.createdAt ? new Date(memory.updatedAt).toISOString() : undefined,
		from: fromText(memory),
		pinned: memory.pinned,
		expiresAt: memory.expiresAt === undefined ? undefined : new Date(memory.expiresAt).toISOString(),
		metadata: memory.metadata && { ...memory.metadata },
	};
}
