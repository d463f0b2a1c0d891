import {
	type ChatMessages,
	type ChatModel,
	type ChatOptions,
	completeJson,
	estimatedTokens,
	type JsonSchema,
} from "../../endpoints/chatModel.ts";
import { EndpointError } from "../../endpoints/endpointError.ts";
import { isSharedAsWidely } from "../../store/access.ts";
import type { Entity, Fact, JournalEntry, StoredMemory, Vector } from "../../store/types.ts";
import { covers, relationTo } from "../../text/coverage.ts";
import { fieldTerms, queryTerms } from "../../text/terms.ts";
import { checkedText } from "../input.ts";
import type { MemoryContext } from "../memoryContext.ts";
import { compactPrompt } from "./compactPrompt.ts";
import type { Extractor, Mention } from "./extraction.ts";
import { type FactsAnswer, factsSchema, readFacts } from "./factsAnswer.ts";
import { askingForReplaced, replacedBy, replacedInstructions, replacesField } from "./replacedMemories.ts";

type AskOptions = Pick<ChatOptions, "signal" | "unattended">;

export interface Distilled {
	/** Without those that have nothing to do with the text. */
	readonly facts: readonly Fact[];
	/** False: the model's answer was cut off or partly unusable, so there may be more in the text. */
	readonly whole: boolean;
	/** Whether the facts say most of what the text says. */
	readonly covering: boolean;
	/** Whether the model gave facts that have nothing to do with the text. */
	readonly unrelated: boolean;
	/** What people should know about how it was done. */
	readonly notes: readonly string[];
	/** Why facts have no vector. */
	readonly embeddingProblem: string | undefined;
}

/** The model sees this many similar memories, so that it does not repeat what is known … */
const shownMemories = 10;
/** … and this many characters of each. */
const shownLength = 300;
/** The number of earlier texts of the conversation that the model sees. */
const shownMessages = 10;
/** The tokens that a useful answer needs at least. */
const minAnswer = 300;

/** Distils facts from a text: mem0ai asks, the configured models answer. Stores nothing. */
export class Distiller {
	readonly #context: MemoryContext;
	readonly #chat: ChatModel;
	readonly #loadExtractor: () => Promise<Extractor>;
	#extractor: Promise<Extractor> | undefined;

	/** @param loadExtractor loads mem0ai; called for the first text. */
	constructor(context: MemoryContext, chat: ChatModel, loadExtractor: () => Promise<Extractor>) {
		this.#context = context;
		this.#chat = chat;
		this.#loadExtractor = loadExtractor;
	}

	/**
	 * @param onVector gets the vector of the text itself, which is worth keeping if there are no facts.
	 * @throws EndpointError when the language model gives no facts; the signal's reason when aborted.
	 */
	async distil(
		save: JournalEntry,
		options: AskOptions,
		onVector: (vector: Vector) => void,
	): Promise<Distilled> {
		const { patientEmbedder, store } = this.#context;
		const { signal } = options;
		const notes = new Set<string>();
		let answer: FactsAnswer = { facts: [], whole: true };
		let related: readonly string[] = [];
		let shown: readonly StoredMemory[] = [];
		let vector: Vector | undefined;
		let embeddingProblem: string | undefined;
		let vectors = new Map<string, Vector>();
		const before = await store.distillation.before(save, shownMessages);
		const relation = relationTo([save.text, ...before, ...fieldTerms(save)]);
		const { facts, mentions } = await (await this.#load()).facts({
			text: save.text,
			before,
			embedText: async () => {
				({ vector, problem: embeddingProblem } = await patientEmbedder.embed(save.text, "document", signal));
				if (vector) onVector(vector);
				return vector?.values ?? [];
			},
			embedFacts: async (texts) => {
				// A model that has just failed would only keep people waiting.
				if (embeddingProblem) return texts.map(() => []);
				const made = await patientEmbedder.embedAll(texts, signal);
				embeddingProblem = made.problem;
				vectors = new Map(
					made.vectors?.flatMap((each, index) => (each ? [[texts[index] as string, each]] : [])),
				);
				return texts.map((text) => vectors.get(text)?.values ?? []);
			},
			existing: async () => {
				shown = await this.#similar(save, vector);
				return shown.map(({ id, text }) => ({
					id,
					text: text.length > shownLength ? `${text.slice(0, shownLength)}…` : text,
				}));
			},
			chat: async (messages) => {
				answer = await this.#ask(dated(messages, save), shown.length > 0, notes, options);
				const prompt = `${messages.system}\n${compactPrompt}\n${replacedInstructions}`.toLowerCase();
				const texts = answer.facts.map(({ text }) => text);
				related = texts.filter((fact) =>
					isExample(fact, prompt) ? relation(fact) === 1 : relation(fact) > 0,
				);
				return asMem0Reads(related);
			},
		});
		const said = new Map(answer.facts.map((fact) => [fact.text, fact]));
		return {
			facts: facts.map((fact) => {
				const { text } = fact;
				const vector = vectors.get(text);
				const entities = entitiesOf(mentions.filter((mention) => mention.facts.includes(fact)));
				// What was cut off may have said otherwise.
				const replaces = answer.whole ? replacedBy(said.get(text) ?? { text }, save, shown) : [];
				return { text, entities, replaces, ...(vector ? { vector } : {}) };
			}),
			whole: answer.whole,
			covering: covers(related, save.text),
			unrelated: related.length < answer.facts.length,
			notes: [...notes],
			embeddingProblem,
		};
	}

	/** The names that a text mentions; asks no model. */
	async entities(text: string): Promise<readonly Entity[]> {
		return entitiesOf(await (await this.#load()).mentions(text));
	}

	#load(): Promise<Extractor> {
		this.#extractor ??= this.#loadExtractor().catch((error: unknown) => {
			this.#extractor = undefined;
			throw error;
		});
		return this.#extractor;
	}

	/**
	 * Similar memories: by meaning if there is a vector, else by words. Facts of a text that is shared must say nothing that
	 * only its author was to find.
	 */
	async #similar(save: JournalEntry, vector: Vector | undefined): Promise<readonly StoredMemory[]> {
		const { store } = this.#context;
		const { space, values } = vector ?? {};
		const meaning = space && values ? { space, values } : undefined;
		const { terms, onlyStopWords } = meaning
			? { terms: [], onlyStopWords: false }
			: queryTerms(save.text.slice(0, 2000));
		const { memories } = await store.search.pool({
			terms,
			all: onlyStopWords,
			vector: meaning,
			filter: { userId: save.userId, global: true, projects: save.project ? [save.project.id] : [] },
			each: 2 * shownMemories,
			words: 0,
		});
		const back = await store.saves.readBack(memories, space);
		return (
			back
				// What still waits to be distilled may wait for another host, and is for that one to see first.
				.flatMap(({ memory, distilling }) =>
					memory && !distilling && memory.saveId !== save.id && isSharedAsWidely(memory, save)
						? [memory]
						: [],
				)
				.slice(0, shownMemories)
		);
	}

	/**
	 * With mem0ai's instructions if they fit, else with ours.
	 * @param knows whether memories are in the prompt, which the facts may replace.
	 */
	async #ask(question: ChatMessages, knows: boolean, notes: Set<string>, asked: AskOptions) {
		const messages = knows ? askingForReplaced(question) : question;
		const options = { ...asked, schema: factsSchema(knows ? replacesField : {}) };
		const { contextLength, maxTokens, description } = this.#chat;
		if (fits(messages, Math.min(maxTokens, 1000), contextLength)) {
			try {
				return await this.#complete(messages, options);
			} catch (error) {
				if (!(error instanceof EndpointError) || error.kind !== "too-large") throw error;
				this.#context.log.debug(error.message);
			}
		}
		// The failed request may have shown how long the context is.
		const known = this.#chat.contextLength;
		const tokens = known === undefined ? "" : ` of ${known.toLocaleString("en")} tokens`;
		const compact = { ...messages, system: compactPrompt };
		if (!fits(compact, minAnswer, known))
			throw new EndpointError(
				"too-large",
				`(${description}) has a context${tokens}, which is too small for this text`,
				"Use a model with a larger context, or set LLM_CONTEXT_LENGTH if its context is larger.",
				{ role: "chat", url: "" },
			);
		notes.add(
			`The context${tokens} of ${description} is too small for mem0's instructions; shorter ones were used.`,
		);
		return this.#complete(compact, options);
	}

	async #complete(
		messages: ChatMessages,
		options: AskOptions & { readonly schema: JsonSchema },
	): Promise<FactsAnswer> {
		const { contextLength = Infinity, maxTokens } = this.#chat;
		const room = Math.max(minAnswer, contextLength - estimatedTokens(messages.system + messages.user));
		const { value, whole } = await completeJson(this.#chat, messages, {
			...options,
			accept: (candidate, alone) => readFacts(candidate, alone) !== undefined,
			maxTokens: Math.min(maxTokens, room),
		});
		const answer = readFacts(value, true);
		const facts = answer?.facts.flatMap((fact) => {
			const text = presentable(fact.text);
			return text === undefined ? [] : [{ ...fact, text }];
		});
		return {
			facts: facts ?? [],
			whole: whole && answer?.whole === true && facts?.length === answer.facts.length,
		};
	}
}

function fits({ system, user }: ChatMessages, answer: number, contextLength = Infinity): boolean {
	return estimatedTokens(system + user) + answer <= contextLength;
}

/** Whether a fact may be one of the prompt's examples, which small models repeat. */
function isExample(fact: string, prompt: string): boolean {
	return prompt.includes(fact.toLowerCase().replace(/[.!]$/, ""));
}

/** As JSON in which mem0ai finds no code fence, tag or special token to remove from the facts. */
function asMem0Reads(facts: readonly string[]): string {
	const memory = facts.map((text, index) => ({ id: String(index), text }));
	return JSON.stringify({ memory }).replaceAll("<", "\\u003c").replaceAll("`", "\\u0060");
}

/** A text that is distilled later must not be dated to that day. */
function dated(messages: ChatMessages, { createdAt }: JournalEntry): ChatMessages {
	const day = new Date(createdAt).toISOString().slice(0, 10);
	return { ...messages, user: messages.user.replace(/(## Observation Date\n)[\d-]+/, `$1${day}`) };
}

function presentable(text: string): string | undefined {
	try {
		return checkedText(text);
	} catch {
		// Blank, or only control characters: not a fact.
		return undefined;
	}
}

/** Leaves out topics, which are guessed from the order of words and mostly wrong. */
function entitiesOf(mentions: readonly Mention[]): Entity[] {
	return mentions.filter(({ type }) => type !== "TOPIC").map(({ text, type }) => ({ text, type }));
}
