import type { ChatEndpoint, EmbeddingEndpoint, HttpEndpoint } from "../config/endpoints.ts";
import { silentLog } from "../config/log.ts";
import type { ChatAnswer } from "../endpoints/chatModel.ts";
import { TextsNotEmbedded } from "../endpoints/embedder.ts";
import { EndpointError } from "../endpoints/endpointError.ts";
import { EndpointHealth } from "../endpoints/endpointHealth.ts";
import type { AbilityNotes, ChatAbilities, EmbeddingAbilities } from "../endpoints/openai/abilities.ts";
import { OpenAiChat } from "../endpoints/openai/chat.ts";
import { OpenAiEmbedder } from "../endpoints/openai/embeddings.ts";
import { timeoutError } from "../endpoints/openai/errorOfAnswer.ts";
import { requestUrl } from "../endpoints/openai/urls.ts";
import type { Run } from "./run.ts";
import { firstText } from "./testTexts.ts";

/** The outcome of a request by the memory's own client. */
export type Attempt<T> =
	| {
			readonly answer: T;
			readonly error?: undefined;
			/** ms */
			readonly duration: number;
	  }
	| FailedAttempt;

export interface FailedAttempt {
	readonly error: EndpointError;
	readonly answer?: undefined;
	/** Whether the check ran out of time before the memory would. */
	readonly late: boolean;
	/** ms */
	readonly duration: number;
}

/** The memory's own client of an endpoint: if it succeeds, the memory does. */
export interface Client {
	/** @throws the run's reason when the run is cancelled. */
	readonly attempt: <T>(work: (signal: AbortSignal) => Promise<T>, note?: string) => Promise<Attempt<T>>;
	/** A first request to the model. Later calls return the same attempt. */
	readonly trial: () => Promise<Attempt<unknown>>;
}

export interface ChatClient extends Client {
	readonly model: OpenAiChat;
	readonly trial: () => Promise<Attempt<ChatAnswer>>;
	readonly learned: () => ChatAbilities;
}

export interface EmbeddingClient extends Client {
	/** @throws the error of a text on which the model fails. */
	readonly embed: (texts: readonly string[], signal: AbortSignal) => Promise<readonly Float32Array[]>;
	readonly trial: () => Promise<Attempt<readonly Float32Array[]>>;
	readonly learned: () => EmbeddingAbilities;
}

/** Tokens of an answer: enough for a model that thinks before it says one word. */
const answerTokens = 1000;

export function answerLimit({ maxTokens }: ChatEndpoint): number {
	return Math.min(maxTokens, answerTokens);
}

export function chatClient(endpoint: ChatEndpoint, run: Run): ChatClient {
	const { attempt, traffic, notes, learned } = clientOf("chat", endpoint, run);
	const model = new OpenAiChat(endpoint, silentLog, notes, { health: traffic });
	const hello = {
		system: "This is a test of the connection.",
		user: "This is a test of the connection. Answer with the one word ok.",
	};
	const maxTokens = answerLimit(endpoint);
	const trial = once(() => attempt((signal) => model.complete(hello, { signal, maxTokens })));
	return { attempt, trial, model, learned };
}

export function embeddingClient(endpoint: EmbeddingEndpoint, run: Run): EmbeddingClient {
	const { attempt, traffic, notes, learned } = clientOf("embedding", endpoint, run);
	const embedder = new OpenAiEmbedder(endpoint, silentLog, notes, { health: traffic });
	const embed = async (texts: readonly string[], signal: AbortSignal) => {
		const vectors = await embedder.embed(texts, { signal }).catch((error: unknown) => {
			throw error instanceof TextsNotEmbedded ? [...error.failed.values()][0] : error;
		});
		return vectors.filter((vector) => vector !== undefined);
	};
	const trial = once(() => attempt((signal) => embed([firstText], signal)));
	return { attempt, trial, embed, learned };
}

function clientOf(role: "chat" | "embedding", endpoint: HttpEndpoint, run: Run) {
	const url = requestUrl(endpoint, role);
	const traffic = new RecordedTraffic();
	const kept = new Map<string, string>();
	const notes: AbilityNotes = {
		get: (key) => kept.get(key),
		put: async (key, value) => {
			kept.set(key, value);
		},
	};
	const learned = (): object => Object.assign({}, ...[...kept.values()].map((text) => JSON.parse(text)));
	const attempt = async <T>(work: (signal: AbortSignal) => Promise<T>, note = ""): Promise<Attempt<T>> => {
		run.signal.throwIfAborted();
		traffic.lastError = undefined;
		const over = AbortSignal.timeout(run.deadline);
		const begun = performance.now();
		const result = await work(AbortSignal.any([run.signal, over])).then(
			(answer) => ({ answer, error: undefined }),
			(error: unknown) => {
				run.signal.throwIfAborted();
				if (error instanceof EndpointError) return { error, late: false };
				if (!over.aborted) throw error;
				// The client was waiting to retry.
				if (traffic.lastError) return { error: traffic.lastError, late: false };
				const late = endpoint.timeout > run.deadline;
				return { error: timeoutError({ endpoint, role, url }, run.deadline), late };
			},
		);
		const duration = performance.now() - begun;
		const facts = [outcomeOf(result), `in ${Math.round(duration)} ms`, note].filter(Boolean).join(", ");
		run.evidence.push(`POST ${url}: ${facts}`);
		return { ...result, duration };
	};
	return { attempt, traffic, notes, learned };
}

function outcomeOf({ error }: { readonly error: EndpointError | undefined }): string {
	if (!error) return "answered";
	const { status, serverMessage, what } = error;
	return `${status === undefined ? what : `HTTP ${status}`}${serverMessage ? `, “${serverMessage}”` : ""}`;
}

/** Keeps the last error, in case time runs out before the client retries. */
class RecordedTraffic extends EndpointHealth {
	lastError: EndpointError | undefined;

	override record(...request: Parameters<EndpointHealth["record"]>): void {
		super.record(...request);
		const [, , , error] = request;
		this.lastError = error;
	}
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
	let result: Promise<T> | undefined;
	return () => {
		result ??= work();
		return result;
	};
}
