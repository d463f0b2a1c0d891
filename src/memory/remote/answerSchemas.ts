import * as z from "zod";
import { latest } from "../transfer/times.ts";
import type { CallName } from "./calls.ts";

/*
 * What a team's server answers. It may be of another version, or no such server at all: what is used of its answers is
 * checked first. What it sends besides is left in.
 */

const text = z.string();
const number = z.number();
const count = number.int();
/** ms since 1970: beyond what a date can be, whoever shows it would fail. */
const time = number.transform((at) => Math.round(Math.min(Math.max(at, -latest), latest)));
const project = z.looseObject({ id: text, name: text });
const scope = z.enum(["global", "project"]);

const memory = z.looseObject({
	id: text,
	text,
	userId: text,
	scope,
	project: project.optional(),
	conversationId: text.optional(),
	metadata: z.record(text, z.unknown()).optional(),
	origin: z
		.looseObject({
			how: text,
			client: text.optional(),
			clientVersion: text.optional(),
			folder: text.optional(),
			file: text.optional(),
			lines: z.tuple([number, number]).optional(),
		})
		.optional(),
	pinned: z.boolean().optional(),
	expiresAt: time.optional(),
	visibility: text.optional(),
	createdAt: time,
	updatedAt: time,
	saveId: text.optional(),
	supersededBy: text.optional(),
	uses: number.optional(),
	usedAt: time.optional(),
});
const storedMemory = memory.extend({ seq: number });
const memories = z.array(memory);
const note = text.optional();
const position = z.looseObject({ key: number, seq: number });

const history = z.array(
	z.looseObject({
		event: text,
		oldText: text.optional(),
		newText: text.optional(),
		oldFields: z.looseObject({}).optional(),
		newFields: z.looseObject({}).optional(),
		by: text.optional(),
		at: time,
	}),
);

const changed = z.looseObject({ before: storedMemory, after: storedMemory, note });

const candidate = z.looseObject({
	id: text,
	seq: number,
	kind: text,
	key: text,
	text,
	userId: text,
	scope,
	project: project.optional(),
	origin: memory.shape.origin,
	createdAt: time,
	excerpt: text.optional(),
	why: text.optional(),
	action: text.optional(),
	concerns: z.array(text).optional(),
});

const decided = z.array(
	z.looseObject({
		id: text,
		added: z.array(z.looseObject({ event: text, memory: storedMemory })),
		changed: z.array(changed),
		deleted: z.array(storedMemory),
	}),
);

const model = z.object({
	description: text,
	origin: text,
	state: z.enum(["unused", "working", "failing"]),
	problem: text.optional(),
	way: text.optional(),
	traffic: z
		.object({
			requests: count,
			failures: count,
			latency: number.optional(),
			last: z.object({ at: time, ok: z.boolean() }).optional(),
		})
		.optional(),
	leftOut: z.array(z.object({ url: text, problem: text })).optional(),
});

const status = z.object({
	database: text,
	userId: text,
	distils: z.boolean(),
	llm: model.optional(),
	embedding: model.extend({
		space: z.object({ provider: text, origin: text, model: text, dimensions: count }).optional(),
	}),
	counts: z.object({ all: count, global: count, project: count }),
	pending: z.object({ embedding: count, distillation: count }),
	keptAsText: count,
	outsideSpace: count,
	heldBack: z.object({ saves: count, origins: z.array(text) }),
	away: z.object({ problem: text.optional(), waiting: count }).optional(),
	notices: z.array(text),
	remarks: z.array(text),
});

const use = z.looseObject({ client: text, what: text, at: time, memories: z.array(text).optional() });

export const answers: Readonly<Record<CallName, z.ZodType>> = {
	about: z.looseObject({
		protocol: number,
		version: text,
		userId: text,
		team: z.boolean(),
		admin: z.boolean(),
	}),
	probe: z.looseObject({
		failed: z.enum(["save", "search", "delete"]).optional(),
		note,
		mode: z.enum(["distilled", "verbatim"]),
		pending: z.array(z.enum(["embedding", "distillation"])),
	}),
	status,
	usage: z.array(
		z.object({
			day: text,
			role: z.enum(["chat", "embedding"]),
			host: text,
			requests: count,
			errors: count,
			inputTokens: count,
			outputTokens: count,
			duration: number,
		}),
	),
	save: z.object({
		memories: z.array(z.object({ id: text, text, event: z.enum(["ADD", "DUPLICATE"]) })),
		mode: z.enum(["distilled", "verbatim"]),
		pending: z.array(z.enum(["embedding", "distillation"])),
		keptHere: z.literal(true).optional(),
		note,
	}),
	search: z.looseObject({
		memories: z.array(
			memory.extend({
				score: number,
				weak: z.boolean().optional(),
				why: z
					.looseObject({
						matched: z.array(text),
						cosine: number.optional(),
						contributions: z.array(z.looseObject({ signal: text, adds: number })),
					})
					.optional(),
			}),
		),
		note,
	}),
	list: z.looseObject({ memories, total: count, nextCursor: text.optional(), note }),
	groups: z.looseObject({
		groups: z.array(z.looseObject({ key: text.optional(), name: text.optional(), count, newest: time })),
		next: text.optional(),
		onlyHere: text.optional(),
	}),
	deleted: z.looseObject({
		memories: z.array(storedMemory.extend({ deletedAt: time })),
		next: position.optional(),
	}),
	get: memory,
	savedText: text.nullable(),
	entities: z.array(text),
	history,
	update: memory.extend({ note }),
	change: z.array(changed),
	undo: z.array(changed),
	deleteAll: memories,
	restoreAll: memories,
	acceptCandidates: decided,
	"review.list": z.looseObject({ candidates: z.array(candidate), next: number.optional() }),
	"review.count": number,
	"review.get": candidate,
	"review.propose": z.array(candidate),
	"review.proposeEdit": z.array(candidate),
	"review.merge": decided,
	"review.reject": decided,
	"review.undo": z.null(),
	"transfer.importAll": z.array(
		z.looseObject({
			event: z.enum(["ADD", "DUPLICATE", "REVIEW", "UPDATE", "CONFLICT"]),
			isRedacted: z.boolean(),
		}),
	),
	"transfer.sourceIds": z.array(text),
	"transfer.isEmpty": z.boolean(),
	"transfer.page": z.looseObject({
		memories: z.array(z.looseObject({ memory, history })),
		next: text.optional(),
	}),
	"uses.add": z.null(),
	"uses.clients": z.array(
		z.looseObject({
			client: text,
			clientVersion: text.optional(),
			lastRead: time.optional(),
			lastWrote: time.optional(),
			searched: number,
			read: number,
			saved: number,
			changed: number,
		}),
	),
	"uses.recent": z.array(use),
};
