import * as z from "zod";
import type { Use } from "../../store/usage.ts";
import { latest } from "../transfer/times.ts";

/*
 * What is sent to a team's server. What the memory itself checks, and words for people, is anything here.
 */

const anything = z.unknown().optional();
/** What a database can keep unchanged. */
export const words = z
	.string()
	.refine((value) => value.isWellFormed() && !value.includes("\0"), "It has NUL or half a character in it.");

export const memoryPlace = {
	project: z.strictObject({ id: words.min(1).max(4000), name: words.max(1000) }),
} as const;
const { project } = memoryPlace;

const how = z.enum(["tool", "command", "cli", "hook", "capture", "import", "review"]);

const origin = z.strictObject({
	how,
	client: words.optional(),
	clientVersion: words.optional(),
	folder: words.optional(),
	file: words.optional(),
	lines: z.tuple([z.number().int(), z.number().int()]).optional(),
});

/** ms since 1970, as far as dates go. */
const time = z.number().int().min(-latest).max(latest);

const visibility = z.enum(["private", "project", "team"]);

export const filterFields = {
	author: anything,
	scope: anything,
	since: anything,
	until: anything,
	project: project.optional(),
	client: anything,
	how: how.optional(),
	pinned: z.literal(true).optional(),
	expired: z.enum(["include", "only"]).optional(),
	superseded: z.enum(["include", "only"]).optional(),
} as const;

const newMemory = {
	text: anything,
	scope: anything,
	metadata: anything,
	project: project.optional(),
	conversationId: words.max(200).optional(),
	origin: origin.optional(),
	pinned: anything,
	visibility: anything,
	expiresAt: anything,
} as const;

export const saveRequest = z.strictObject({
	...newMemory,
	id: z.uuid().optional(),
	infer: z.boolean().optional(),
});

/** Whatever else it says of who did it is not taken over: that is for the server to know. */
const historyEntry = z.object({
	event: z.enum(["ADD", "UPDATE", "DELETE", "RESTORE"]),
	oldText: words.optional(),
	newText: words.optional(),
	at: time,
});

export const importRequest = z.strictObject({
	...newMemory,
	createdAt: anything,
	base: words.optional(),
	was: z
		.object({
			id: words.min(1).max(200).optional(),
			updatedAt: time.optional(),
			supersededBy: words.max(200).optional(),
			pinned: z.boolean().optional(),
			expiresAt: time.optional(),
			history: z.array(historyEntry).max(1000).optional(),
		})
		.optional(),
});

export const proposal = z.strictObject({
	...newMemory,
	createdAt: anything,
	kind: z.enum(["capture", "import", "tidy-up"]),
	excerpt: words.optional(),
	why: words.max(2000).optional(),
	action: z.enum(["merge", "supersede", "delete", "split", "replace"]).optional(),
	concerns: z.array(words.max(200)).max(1000).optional(),
	about: words.optional(),
});

export const changeRequest = z.strictObject({
	id: anything,
	expected: z.strictObject({ text: words, updatedAt: z.number() }).optional(),
	text: anything,
	scope: anything,
	project: project.optional(),
	pinned: anything,
	expiresAt: anything,
	metadata: anything,
	supersededBy: anything,
	visibility: anything,
});

export const editedFields = z.strictObject({
	text: words.optional(),
	scope: z.enum(["global", "project"]).optional(),
	project: project.optional(),
	pinned: z.boolean().optional(),
	expiresAt: anything,
	metadata: anything,
	visibility: visibility.optional(),
});

/** As the log of uses takes it. */
export type UseOfClient = Omit<Use, "userId" | "at">;

export const use = z.strictObject({
	client: words,
	clientVersion: words.optional(),
	what: z.enum(["searched", "read", "saved", "changed"]),
	project: project.optional(),
	query: words.max(32_000).optional(),
	memories: z.array(words.max(200)).max(200).optional(),
});
