import type { HealthStatus } from "../endpoints/endpointHealth.ts";
import type { Memory, NewMemory, Project } from "../store/memoryStore.ts";
import type { EmbeddingSpace } from "../vectors/embeddingSpace.ts";
import { checkedMetadata, checkedScope, checkedText, checkedTime, type FilterRequest } from "./input.ts";
import type { Explanation } from "./searching/explanation.ts";

export interface ImportRequest {
	readonly text: unknown;
	readonly scope?: unknown;
	readonly metadata?: unknown;
	readonly project?: Project | undefined;
	readonly conversationId?: string | undefined;
	/** When it came about: ISO 8601 or ms since 1970. Default: now. */
	readonly createdAt?: unknown;
}

export interface SaveRequest extends Omit<ImportRequest, "createdAt"> {
	/** Whether a language model should distil facts from the text; needs one that is configured. */
	readonly infer?: boolean | undefined;
}

/** Work on a save that is still to be done, and will be, without anybody asking again. */
export type PendingWork = "embedding" | "distillation";

export interface SaveResult {
	/** Read back from the store. `DUPLICATE`: it was known already, under this id and in this wording. */
	readonly memories: readonly {
		readonly id: string;
		readonly text: string;
		readonly event: "ADD" | "UPDATE" | "DUPLICATE";
	}[];
	readonly mode: "distilled" | "verbatim";
	readonly pending: readonly PendingWork[];
	readonly note?: string;
}

export interface SearchRequest extends FilterRequest {
	readonly query: unknown;
	readonly limit?: unknown;
	/** Whether each result says why it ranks where it does. */
	readonly explain?: boolean | undefined;
	readonly signal?: AbortSignal | undefined;
}

export interface FoundMemory extends Memory {
	/** How well it answers, in 0..1. */
	readonly score: number;
	/** Where the search was to explain itself. */
	readonly why?: Explanation;
}

export interface SearchResult {
	/** Best first; empty when nothing answers. */
	readonly memories: readonly FoundMemory[];
	/** What kept the search from being a full one. */
	readonly note?: string;
}

export interface ListRequest extends FilterRequest {
	readonly limit?: unknown;
	readonly cursor?: unknown;
}

export interface ListResult {
	/** Newest first. */
	readonly memories: readonly Memory[];
	readonly total: number;
	readonly nextCursor?: string;
}

export interface ModelStatus extends HealthStatus {
	/** Model and place, for people. */
	readonly description: string;
	/** Origin of the endpoint that gets texts; empty where nothing leaves the machine through us. */
	readonly origin: string;
}

export interface MemoryStatus {
	readonly database: string;
	readonly userId: string;
	/** Undefined: texts are kept word for word. */
	readonly llm: ModelStatus | undefined;
	readonly embedding: ModelStatus & {
		/** Undefined until the endpoint has told how wide its vectors are. */
		readonly space: EmbeddingSpace | undefined;
	};
	readonly counts: { readonly all: number; readonly global: number; readonly project: number };
	readonly pending: { readonly embedding: number; readonly distillation: number };
	/** Saves of which no facts could be made, for good; their text is a memory. */
	readonly keptAsText: number;
	/** Memories of earlier embedding models: found by words until they are embedded anew. */
	readonly outsideSpace: number;
	readonly notices: readonly string[];
}

/** @throws InputError */
export function checkedMemory(userId: string, request: ImportRequest): Omit<NewMemory, "saveId" | "vector"> {
	const scope = checkedScope(request.scope, request.project);
	const metadata = checkedMetadata(request.metadata);
	const createdAt = checkedTime("createdAt", request.createdAt, false) ?? Date.now();
	return {
		text: checkedText(request.text),
		userId,
		scope,
		...(scope === "project" && request.project ? { project: request.project } : {}),
		...(request.conversationId ? { conversationId: request.conversationId } : {}),
		...(metadata ? { metadata } : {}),
		createdAt,
	};
}
