import * as z from "zod";
import type { Candidate, Decided } from "../../store/candidates.ts";
import type { Changed } from "../../store/changes.ts";
import type { ChangeRequest } from "../changing.ts";
import type { EditedFields } from "../curating/decisions.ts";
import type { Proposal } from "../curating/reviewQueue.ts";
import { InputError } from "../errors.ts";
import { checkedExpiry, checkedMetadata } from "../input.ts";
import type { MemoryService } from "../memoryService.ts";
import type { ProbeOutcome } from "../probe.ts";
import type { ImportRequest, ListRequest, SaveRequest, SearchRequest } from "../requests.ts";
import {
	changeRequest,
	editedFields,
	filterFields,
	importRequest,
	memoryPlace,
	proposal,
	saveRequest,
	type UseOfClient,
	use,
	words,
} from "./requestSchemas.ts";
import type { Seals } from "./seal.ts";

/** Counts the changes of this protocol that an older program does not understand. */
export const protocol = 1;

/** What a call may need beside the memory. */
export interface CallContext {
	readonly seals: Seals;
	readonly version: string;
	/** Whether whoever asks is an administrator. */
	readonly admin: boolean;
	/** Whoever asked has gone. */
	readonly signal: AbortSignal;
	/** See SharedMemory. */
	readonly probe: () => Promise<ProbeOutcome>;
}

type Schemas = readonly z.ZodType[];
/** The values of schemas, in their order. */
type Values<Items extends Schemas> = { readonly [Place in keyof Items]: z.infer<Items[Place]> };

interface Call<Items extends Schemas, Result> {
	/** What is sent: nobody is trusted to send what a program of ours would. */
	readonly args: Items;
	readonly run: (
		memory: MemoryService,
		args: Values<Items>,
		context: CallContext,
	) => Promise<Result> | Result;
}

function call<const Items extends Schemas, Result>(
	args: Items,
	run: Call<Items, Result>["run"],
): Call<Items, Result> {
	return { args, run };
}

/** Memories of one change. */
const most = 1000;
const anything = z.unknown().optional();
const list = z.array(z.unknown()).max(most);
const limit = z.number().int().min(1).max(1000);
const { project } = memoryPlace;
const position = z.strictObject({ key: z.number().int(), seq: z.number().int() });

/**
 * What a team's server does for the memory of a person elsewhere, by name. Each call is one of the person's own memory on
 * the server, which decides on what they may do.
 */
export const calls = {
	about: call([], ({ userId, isTeam: team }, _, { version, admin }) => ({
		protocol,
		version,
		userId,
		team,
		admin,
	})),
	probe: call([], (_memory, _args, { probe }) => probe()),
	status: call([project.optional()], (memory, [of]) => memory.status(of)),
	usage: call([limit], (memory, [days]) => memory.usage(days)),
	save: call([saveRequest], (memory, [request]) => memory.save(request as SaveRequest)),
	search: call(
		[
			z.strictObject({
				...filterFields,
				query: anything,
				limit: anything,
				explain: z.boolean().optional(),
				patience: z.number().min(0).max(60_000).optional(),
			}),
		],
		(memory, [request], { signal }) => memory.search({ ...(request as SearchRequest), signal }),
	),
	list: call(
		[
			z.strictObject({
				...filterFields,
				limit: anything,
				cursor: anything,
				order: anything,
				conversationId: words.nullable().optional(),
				saveId: words.optional(),
				hasHistory: z.literal(true).optional(),
				notEmbedded: z.literal(true).optional(),
				total: z.literal(false).optional(),
			}),
		],
		(memory, [request]) => memory.list(request as ListRequest),
	),
	groups: call(
		[z.enum(["project", "client", "conversation", "author"]), limit, words.optional(), project.optional()],
		(memory, [by, most, after, of]) => memory.groups(by, most, after, of),
	),
	deleted: call([limit, position.optional()], (memory, [most, after]) => memory.deleted(most, after)),
	get: call([anything], (memory, [id]) => memory.get(id)),
	savedText: call([anything], async (memory, [id]) => (await memory.savedText(id)) ?? null),
	entities: call([anything], (memory, [id]) => memory.entities(id)),
	history: call([anything], (memory, [id]) => memory.history(id)),
	update: call([anything, anything, anything, changeRequest.shape.expected], (memory, values) =>
		memory.update(...values),
	),
	change: call([z.array(changeRequest).max(most)], async (memory, [requests], { seals }) =>
		// A note is for whoever made the change, not of the change.
		(await memory.change(requests as readonly ChangeRequest[])).map(({ note, ...changed }) => ({
			...(seals.seal("change", memory.userId, [changed])[0] as typeof changed),
			...(note === undefined ? {} : { note }),
		})),
	),
	undo: call([list], async (memory, [changes], { seals }) =>
		memory.undo(seals.open<Changed>("change", memory.userId, changes)),
	),
	deleteAll: call([list], (memory, [ids]) => memory.deleteAll(ids)),
	restoreAll: call([list], (memory, [ids]) => memory.restoreAll(ids)),
	acceptCandidates: call([list, editedFields.optional()], async (memory, [ids, edited], { seals }) => {
		const waiting = await Promise.all(ids.map((id) => waitingCandidate(memory, id)));
		const candidates = waiting.filter((candidate) => candidate !== undefined);
		const decided = await memory.acceptCandidates(candidates, edited && checkedEdit(edited));
		return seals.seal("decision", memory.userId, decided);
	}),
	"review.list": call(
		[
			z.strictObject({
				kind: z.enum(["capture", "import", "tidy-up", "conflict", "edit", "sharing"]).optional(),
				below: z.number().int().optional(),
				limit: limit.optional(),
			}),
		],
		(memory, [{ kind, below, limit: most }]) =>
			memory.review.list({
				...(kind ? { kind } : {}),
				...(below === undefined ? {} : { below }),
				...(most === undefined ? {} : { limit: most }),
			}),
	),
	"review.count": call([], (memory) => memory.review.count()),
	"review.get": call([anything], (memory, [id]) => memory.review.get(id)),
	"review.propose": call([z.array(proposal).max(most)], (memory, [proposals]) =>
		memory.review.propose(proposals as readonly Proposal[]),
	),
	// By its id: who the author is, to whom it is proposed, is for the server to say.
	"review.proposeEdit": call([anything, anything], async (memory, [id, text]) =>
		memory.review.proposeEdit(await memory.get(id), text),
	),
	"review.merge": call(
		[anything, z.strictObject({ id: words, text: z.string(), updatedAt: z.number() }), anything],
		async (memory, [id, into, text], { seals }) =>
			seals.seal("decision", memory.userId, [(await memory.review.merge(id, into, text)) ?? []].flat()),
	),
	"review.reject": call([list], async (memory, [ids], { seals }) =>
		seals.seal("decision", memory.userId, await memory.review.reject(ids)),
	),
	"review.undo": call([list], async (memory, [decided], { seals }) => {
		await memory.review.undo(seals.open<Decided>("decision", memory.userId, decided));
		return null;
	}),
	"transfer.importAll": call(
		[
			z.array(importRequest).max(most),
			z.strictObject({
				into: z.enum(["add", "preview", "review"]).optional(),
				exactly: z.boolean().optional(),
			}),
		],
		(memory, [requests, options]) => memory.transfer.importAll(requests as readonly ImportRequest[], options),
	),
	"transfer.sourceIds": call([], async (memory) => [...(await memory.transfer.sourceIds())]),
	"transfer.isEmpty": call([], (memory) => memory.transfer.isEmpty()),
	"transfer.page": call([z.string().optional()], (memory, [after]) => memory.transfer.page(after)),
	"uses.add": call([z.array(use).max(most)], (memory, [uses]) => {
		for (const each of uses) memory.uses.add(each as UseOfClient);
		return null;
	}),
	"uses.clients": call([], (memory) => memory.uses.clients()),
	"uses.recent": call([limit], (memory, [most]) => memory.uses.recent(most)),
} as const;

export type Calls = typeof calls;
export type CallName = keyof Calls;
/** What a call answers, as it was before its way through JSON. */
export type ResultOf<Name extends CallName> = Awaited<ReturnType<Calls[Name]["run"]>>;

/** Undefined for one that somebody has decided on. */
async function waitingCandidate(memory: MemoryService, id: unknown): Promise<Candidate | undefined> {
	try {
		return await memory.review.get(id);
	} catch (error) {
		if (error instanceof InputError) return undefined;
		throw error;
	}
}

/** What a program of ours has checked, whoever sends it. */
function checkedEdit({ expiresAt, metadata, ...fields }: z.infer<typeof editedFields>): EditedFields {
	const until = checkedExpiry(expiresAt) ?? undefined;
	const checked = checkedMetadata(metadata);
	if (fields.scope === "project" && !fields.project)
		throw new InputError("project", 'The scope is "project", and no project is named.');
	return {
		...fields,
		...(until === undefined ? {} : { expiresAt: until }),
		...(checked ? { metadata: checked } : {}),
	} as EditedFields;
}
