import type { HealthStatus } from "../endpoints/endpointHealth.ts";
import type { TransferredMemory } from "../store/transfers.ts";
import type { Memory, Origin, Project } from "../store/types.ts";
import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";
import {
	checkedExpiry,
	checkedMetadata,
	checkedOrigin,
	checkedPin,
	checkedScope,
	checkedText,
	checkedTime,
	type FilterRequest,
} from "./input.ts";
import type { Explanation } from "./searching/explanation.ts";

export interface ImportRequest {
	readonly text: unknown;
	readonly scope?: unknown;
	readonly metadata?: unknown;
	readonly project?: Project | undefined;
	readonly conversationId?: string | undefined;
	/** ISO 8601 or ms since 1970. Default: now. */
	readonly createdAt?: unknown;
	/** Where it comes from. */
	readonly origin?: Origin | undefined;
	readonly pinned?: unknown;
	/** Who finds it in a team: private, project or team. */
	readonly visibility?: unknown;
	/** ISO 8601 or ms since 1970: from then on it is hidden. Default: never. */
	readonly expiresAt?: unknown;
	/** What only a memory has that was one before. */
	readonly was?: FormerMemory | undefined;
	/** The memory as it was exported, see transfer/base.ts; where it is another by now, somebody has edited the file. */
	readonly base?: string | undefined;
}

/** Of a memory of ours, as an export tells it. */
export type FormerMemory = Pick<
	TransferredMemory,
	"id" | "updatedAt" | "supersededBy" | "uses" | "usedAt" | "history" | "pinned" | "expiresAt" | "visibility"
>;

export interface SaveRequest extends Omit<ImportRequest, "createdAt" | "was" | "base"> {
	/** Of the memory, unless another has it. A save that is made twice with it counts once. Default: a new one. */
	readonly id?: string | undefined;
	/** Whether the language model, if one is configured, distils facts from the text. */
	readonly infer?: boolean | undefined;
}

export interface SaveResult {
	/** As read back from the store. `DUPLICATE`: the memory already existed, with this id and text. */
	readonly memories: readonly {
		readonly id: string;
		readonly text: string;
		readonly event: "ADD" | "DUPLICATE";
	}[];
	readonly mode: "distilled" | "verbatim";
	/** What the background still has to do. */
	readonly pending: readonly ("embedding" | "distillation")[];
	/** The team's database is away: this machine keeps the save until it is back. */
	readonly keptHere?: true;
	readonly note?: string;
}

export interface UpdatedMemory extends Memory {
	/** What was taken out of the new text. */
	readonly note?: string;
}

export interface SearchRequest extends FilterRequest {
	readonly query: unknown;
	readonly limit?: unknown;
	/** Whether each result explains its rank. */
	readonly explain?: boolean | undefined;
	/** ms to wait for the query's vector; the search goes by words without it. Default: see PatientEmbedder. */
	readonly patience?: number | undefined;
	readonly signal?: AbortSignal | undefined;
}

export interface FoundMemory extends Memory {
	/** How likely it answers the query: of memories with 0.7, seven of ten do. */
	readonly score: number;
	/** Set where it is likelier not to answer. */
	readonly weak?: boolean;
	/** Set if `explain` was requested. */
	readonly why?: Explanation;
}

export interface SearchResult {
	/** Best first; empty if no memory shares a word or a meaning with the query. */
	readonly memories: readonly FoundMemory[];
	/** Why the search was not a full one. */
	readonly note?: string;
}

export interface ListRequest extends FilterRequest {
	readonly limit?: unknown;
	readonly cursor?: unknown;
	/** Default: `newest`. */
	readonly order?: unknown;
	/** `null`: those of no conversation. */
	readonly conversationId?: string | null | undefined;
	/** Only what became of this save. */
	readonly saveId?: string | undefined;
	readonly hasHistory?: true | undefined;
	/** Only memories without a vector of the model in use. */
	readonly notEmbedded?: true | undefined;
	/** `false`: `total` is not needed and is 0. */
	readonly total?: false | undefined;
}

export interface ListResult {
	/** In the order that was asked for. */
	readonly memories: readonly Memory[];
	readonly total: number;
	readonly nextCursor?: string;
	/** Why the list is not a full one. */
	readonly note?: string;
}

export interface ModelStatus extends HealthStatus {
	/** The model and where it runs, for people. */
	readonly description: string;
	/** The origin of the endpoint that receives texts; empty if we send nothing off this machine. */
	readonly origin: string;
}

/** Which host gets which texts, for the log. */
export function whereTextsGo({
	llm,
	embedding,
	teamServer,
}: Pick<MemoryStatus, "llm" | "embedding" | "teamServer">): string {
	const facts = llm?.description ?? "none, so texts are kept word for word";
	const saved = llm?.origin ? ", which gets saved texts" : "";
	const both = embedding.origin ? ", which gets texts and queries" : "";
	const first = teamServer
		? `Team's server: ${teamServer}, which gets texts and queries, and asks its models. `
		: "";
	return `${first}Language model: ${facts}${saved}. Embeddings: ${embedding.description}${both}.`;
}

export interface MemoryStatus {
	/** For people. */
	readonly database: string;
	/** The URL of the team's server that keeps the memory: all texts go there, and the models are its own. */
	readonly teamServer?: string;
	readonly userId: string;
	/** Whether new saves become facts: there is a language model, and it is set up. */
	readonly distils: boolean;
	/** Undefined: memories keep the text word for word. */
	readonly llm: ModelStatus | undefined;
	readonly embedding: ModelStatus & {
		/** Undefined until the endpoint's first vector shows how wide its vectors are. */
		readonly space: EmbeddingSpace | undefined;
	};
	readonly counts: { readonly all: number; readonly global: number; readonly project: number };
	readonly pending: { readonly embedding: number; readonly distillation: number };
	/** Saves that distilling gave up; their text is a memory. */
	readonly keptAsText: number;
	/** Memories embedded by earlier models only; searches find them by words until they are re-embedded. */
	readonly outsideSpace: number;
	/** Saves that wait to be distilled at other endpoints than the configured one, and these endpoints' origins. */
	readonly heldBack: { readonly saves: number; readonly origins: readonly string[] };
	/** Of a database on another machine: why it cannot be used now, and how many changes wait here for it. */
	readonly away?: { readonly problem?: string; readonly waiting: number };
	/** Warnings, which programs show when they open the memory. */
	readonly notices: readonly string[];
	/** What the models do not do as they should, although they work. */
	readonly remarks: readonly string[];
}

/** The end of the year 9999, in ms: behind the last time that there is, a change could not be later than what it changed. */
const latestChange = 253_402_300_799_999;

/** @throws InputError */
export function checkedMemory(
	userId: string,
	request: ImportRequest,
): Omit<TransferredMemory, "saveId" | "vector"> {
	const scope = checkedScope(request.scope, request.project);
	const metadata = checkedMetadata(request.metadata);
	const expiresAt = checkedExpiry(request.expiresAt);
	const createdAt = checkedTime("createdAt", request.createdAt, false) ?? Date.now();
	return {
		text: checkedText(request.text),
		userId,
		scope,
		...(scope === "project" && request.project ? { project: request.project } : {}),
		...(request.conversationId ? { conversationId: request.conversationId } : {}),
		...(metadata ? { metadata } : {}),
		...(request.origin ? { origin: checkedOrigin(request.origin) } : {}),
		...(checkedPin(request.pinned) ? { pinned: true } : {}),
		...(expiresAt == null ? {} : { expiresAt }),
		...request.was,
		...(request.was?.updatedAt === undefined
			? {}
			: { updatedAt: Math.min(request.was.updatedAt, latestChange) }),
		createdAt: Math.min(createdAt, latestChange),
	};
}
