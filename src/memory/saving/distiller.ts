import type { Log } from "../../config/log.ts";
import {
	type ChatMessages,
	type ChatModel,
	completeJson,
	estimatedTokens,
} from "../../endpoints/chatModel.ts";
import { EndpointError } from "../../endpoints/endpointError.ts";
import type { MemoryStore } from "../../store/memoryStore.ts";
import type { Entity, Fact, JournalEntry, Vector } from "../../store/types.ts";
import { queryTerms } from "../../text/terms.ts";
import { checkedText } from "../input.ts";
import type { PatientEmbedder } from "../patientEmbedder.ts";
import { compactPrompt } from "./compactPrompt.ts";
import type { ExtractionPorts, Extractor, Mention } from "./extraction.ts";
import { factsOf, factsSchema } from "./factsAnswer.ts";

export interface DistillerOptions {
	readonly chat: ChatModel;
	readonly embedder: PatientEmbedder;
	readonly store: MemoryStore;
	/** Loads mem0ai; called when the first text is to be distilled. */
	readonly loadExtractor: () => Promise<Extractor>;
	readonly log: Log;
}

interface AskOptions {
	readonly signal: AbortSignal;
	readonly unattended: boolean;
}

export interface DistilOptions extends AskOptions {
	/** Gets the vector of the text itself, which is worth keeping should there be no facts. */
	readonly onVector?: (vector: Vector) => void;
}

export interface Distilled {
	readonly facts: readonly Fact[];
	/** False: the model's answer was cut off or could not be used in part, so that there may be more in the text. */
	readonly whole: boolean;
	/** What people should know about how it was done. */
	readonly notes: readonly string[];
	/** Why facts have no vector. */
	readonly embeddingProblem: string | undefined;
}

/** Memories that the model is shown, so that it does not say again what is known. */
const shownMemories = 10;
const shownLength = 300;
const shownMessages = 10;
/** Fewest tokens an answer needs to be of any use. */
const leastAnswer = 300;

/** Makes facts of a text: mem0ai asks, the configured models answer. Nothing is stored. */
export class Distiller {
	readonly #options: DistillerOptions;
	#extractor: Promise<Extractor> | undefined;

	constructor(options: DistillerOptions) {
		this.#options = options;
	}

	/**
	 * @throws EndpointError when the language model gives no facts; the signal's reason when aborted.
	 */
	async distil(save: JournalEntry, { signal, unattended, onVector }: DistilOptions): Promise<Distilled> {
		const { embedder, store } = this.#options;
		const notes = new Set<string>();
		let whole = true;
		let vector: Vector | undefined;
		let embeddingProblem: string | undefined;
		let vectors = new Map<string, Vector>();
		const { facts, mentions } = await (await this.#load()).facts({
			text: save.text,
			before: await store.distillation.before(save, shownMessages),
			embedText: async () => {
				const made = await embedder.embed(save.text, "document", signal);
				vector = made.vector;
				embeddingProblem = made.problem;
				if (vector) onVector?.(vector);
				return made.vector?.values ?? [];
			},
			embedFacts: async (texts) => {
				// A model that has just failed would only be waited for again.
				if (embeddingProblem) return texts.map(() => []);
				const made = await embedder.embedAll(texts, signal);
				embeddingProblem = made.problem;
				vectors = new Map(
					texts.flatMap((text, index) => (made.vectors ? [[text, made.vectors[index] as Vector]] : [])),
				);
				return texts.map((text) => vectors.get(text)?.values ?? []);
			},
			existing: async () => this.#alike(save, vector),
			chat: async (messages) => {
				const answer = await this.#ask(dated(messages, save), notes, { signal, unattended });
				whole = answer.whole;
				return answer.text;
			},
		});
		const kept = facts.flatMap((fact) => {
			const text = presentable(fact.text);
			if (text === undefined) return [];
			const own = vectors.get(fact.text);
			const entities = entitiesOf(mentions.filter((mention) => mention.facts.includes(fact)));
			return [{ text, entities, ...(own && text === fact.text ? { vector: own } : {}) }];
		});
		return {
			facts: kept,
			whole: whole && kept.length === facts.length,
			notes: [...notes],
			embeddingProblem,
		};
	}

	/** The names that a text mentions; asks no model. */
	async entities(text: string): Promise<readonly Entity[]> {
		const unused = () => Promise.reject(new Error("No model is asked for the names in a text."));
		const ports: ExtractionPorts = {
			text,
			before: [],
			embedText: async () => [],
			embedFacts: async (texts) => texts.map(() => []),
			existing: async () => [],
			chat: unused,
		};
		return entitiesOf(await (await this.#load()).mentions(ports));
	}

	#load(): Promise<Extractor> {
		this.#extractor ??= this.#options.loadExtractor().catch((error: unknown) => {
			this.#extractor = undefined;
			throw error;
		});
		return this.#extractor;
	}

	/** By meaning where there is a vector, else by words. */
	async #alike(save: JournalEntry, vector: Vector | undefined): Promise<{ id: string; text: string }[]> {
		const { store } = this.#options;
		const filter = { userId: save.userId, global: true, projects: save.project ? [save.project.id] : [] };
		const { space, values } = vector ?? {};
		const meaning = space && values ? { space, values } : undefined;
		const { terms, onlyStopWords } = meaning
			? { terms: [], onlyStopWords: false }
			: queryTerms(save.text.slice(0, 2000));
		const { memories } = await store.search.pool({
			terms,
			all: onlyStopWords,
			statistics: await store.search.statistics(terms),
			vector: meaning,
			filter,
			each: shownMemories + 1,
			words: 0,
		});
		return memories
			.filter(({ saveId }) => saveId !== save.id)
			.slice(0, shownMemories)
			.map(({ id, text }) => ({
				id,
				text: text.length > shownLength ? `${text.slice(0, shownLength)}…` : text,
			}));
	}

	/** With mem0ai's instructions where they fit, else with ours. */
	async #ask(
		messages: ChatMessages,
		notes: Set<string>,
		options: AskOptions,
	): Promise<{ text: string; whole: boolean }> {
		const { chat, log } = this.#options;
		if (
			chat.contextLength === undefined ||
			fits(messages, chat.contextLength, Math.min(chat.maxTokens, 1000))
		) {
			try {
				return await this.#complete(messages, options);
			} catch (error) {
				if (!(error instanceof EndpointError) || error.kind !== "too-large") throw error;
				log.debug(error.message);
			}
		}
		const known =
			chat.contextLength === undefined ? "" : ` of ${chat.contextLength.toLocaleString("en")} tokens`;
		const compact = { ...messages, system: compactPrompt };
		if (chat.contextLength !== undefined && !fits(compact, chat.contextLength, leastAnswer))
			throw new EndpointError(
				"too-large",
				`(${chat.description}) has a context${known}, which is too small for this text`,
				"Use a model with a larger context, or set LLM_CONTEXT_LENGTH if its context is larger.",
				{ role: "chat", url: "" },
			);
		notes.add(
			`The context${known} of ${chat.description} is too small for mem0's instructions; shorter ones were used.`,
		);
		return this.#complete(compact, options);
	}

	async #complete(messages: ChatMessages, options: AskOptions): Promise<{ text: string; whole: boolean }> {
		const { chat } = this.#options;
		const room =
			chat.contextLength === undefined
				? chat.maxTokens
				: Math.max(leastAnswer, chat.contextLength - estimatedTokens(messages.system + messages.user));
		const { value, whole } = await completeJson(chat, messages, {
			...options,
			schema: factsSchema,
			accept: (candidate, alone) => factsOf(candidate, alone) !== undefined,
			maxTokens: Math.min(chat.maxTokens, room),
		});
		const memory = (factsOf(value, true) ?? []).map((text, index) => ({ id: String(index), text }));
		return { text: JSON.stringify({ memory }), whole };
	}
}

function fits({ system, user }: ChatMessages, contextLength: number, answer: number): boolean {
	return estimatedTokens(system + user) + answer <= contextLength;
}

/** What is distilled later must not take today for the day it was said. */
function dated(messages: ChatMessages, { createdAt }: JournalEntry): ChatMessages {
	const day = new Date(createdAt).toISOString().slice(0, 10);
	return { ...messages, user: messages.user.replace(/(## Observation Date\n)[\d-]+/, `$1${day}`) };
}

function presentable(text: string): string | undefined {
	try {
		return checkedText(text);
	} catch {
		// Blank, or of control characters: no fact.
		return undefined;
	}
}

/** Topics are guessed from the order of words, and mostly wrong. */
function entitiesOf(mentions: readonly Mention[]): Entity[] {
	return mentions.filter(({ type }) => type !== "TOPIC").map(({ text, type }) => ({ text, type }));
}
