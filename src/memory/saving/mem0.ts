/**
 * All that knows mem0ai. A bundle of its own (`dist/mem0.js`), loaded when a language model is first needed: mem0ai
 * brings a lot, of which the build leaves out its telemetry, notices, SQLite classes and clients of other services
 * (see esbuild.mjs). mem0ai decides what is asked of the models and in which words; where its results go, what becomes
 * of errors, and what is kept is decided by the ports.
 */
import {
	EmbedderFactory,
	HistoryManagerFactory,
	LLMError,
	LLMFactory,
	Memory,
	VectorStoreFactory,
} from "mem0ai/oss";
import type { ExtractedFact, ExtractionPorts, Extractor, Mention, Vector } from "./extraction.ts";

const provider = "mcp-mem0";
/** mem0ai wants a user id without spaces; whose memories these are is known to the ports. */
const userId = "user";

interface Payload {
	readonly [key: string]: unknown;
	readonly data?: string;
	readonly linkedMemoryIds?: readonly string[];
	readonly entityType?: string;
}

/** What one call of mem0ai reads and writes; nothing is stored before it has come to its end. */
class Session {
	readonly facts = new Map<string, ExtractedFact>();
	readonly mentions: Mention[] = [];
	readonly #ports: ExtractionPorts;

	constructor(ports: ExtractionPorts) {
		this.#ports = ports;
	}

	readonly llm = {
		generateResponse: (messages: readonly { role: string; content: string }[]): Promise<string> => {
			const content = (role: string) => messages.find((message) => message.role === role)?.content ?? "";
			return this.#ports.chat({ system: content("system"), user: content("user") });
		},
		generateChat: () =>
			Promise.reject(new Error("mem0ai asks for a chat, which it does not when it adds memories.")),
	};

	readonly embedder = {
		/** Of the text itself, to find what is known already. */
		embed: () => this.#ports.embedText(),
		/** Of the facts; afterwards names, which are told apart by their words, so that no request is made for them. */
		embedBatch: (texts: readonly string[]): Promise<Vector[]> =>
			this.facts.size === 0 ? this.#ports.embedFacts(texts) : Promise.resolve(texts.map(() => [])),
	};

	readonly memories = {
		initialize: async () => undefined,
		search: async (vector: Vector) =>
			(await this.#ports.existing(vector)).map(({ id, text }) => ({ id, score: 1, payload: { data: text } })),
		keywordSearch: async () => [],
		insert: async (vectors: readonly Vector[], ids: readonly string[], payloads: readonly Payload[]) => {
			for (const [index, id] of ids.entries())
				this.facts.set(id, { text: payloads[index]?.data ?? "", vector: vectors[index] ?? [] });
		},
		get: async (id: string) => ({ id, payload: { data: this.#ports.text, user_id: userId } }),
		update: async () => undefined,
		delete: async () => undefined,
		list: async () => [[], 0],
		deleteCol: async () => undefined,
		getUserId: async () => userId,
		setUserId: async () => undefined,
	};

	readonly entities = {
		...this.memories,
		search: async () => [],
		insert: async (_vectors: unknown, _ids: unknown, payloads: readonly Payload[]) => {
			for (const { data, entityType, linkedMemoryIds } of payloads)
				this.mentions.push({
					text: data ?? "",
					type: String(entityType ?? ""),
					facts: (linkedMemoryIds ?? []).flatMap((id) => this.facts.get(id) ?? []),
				});
		},
	};

	readonly history = {
		addHistory: async () => undefined,
		batchAddHistory: async () => undefined,
		getHistory: async () => [],
		getLastMessages: async () => this.#ports.before.map((content) => ({ role: "user", content })),
		saveMessages: async () => undefined,
		reset: async () => undefined,
		close: () => undefined,
	};
}

type Factory = {
	create: (provider: string, config: { readonly session?: Session; readonly model?: Session }) => object;
};

const sessionOf = (config: {
	readonly session?: Session;
	readonly model?: Session;
	readonly config?: { readonly session?: Session };
}) => {
	const session = config.session ?? config.config?.session ?? config.model;
	if (!session) throw new Error("mem0ai asked for a part without the session it belongs to.");
	return session;
};
(EmbedderFactory as unknown as Factory).create = (_, config) => sessionOf(config).embedder;
(LLMFactory as unknown as Factory).create = (_, config) => sessionOf(config).llm;
(HistoryManagerFactory as unknown as Factory).create = (_, config) => sessionOf(config).history;
(VectorStoreFactory as unknown as Factory).create = (_, config) => {
	const session = sessionOf(config);
	return (config as { collectionName?: string }).collectionName?.endsWith("_entities")
		? session.entities
		: session.memories;
};

function memoryOf(session: Session): Memory {
	return new Memory({
		// The one field of the embedder's configuration that mem0ai passes on whole.
		embedder: { provider, config: { model: session } },
		llm: { provider, config: { session } },
		vectorStore: { provider, config: { collectionName: "memories", dimension: 1, session } },
		historyStore: { provider, config: { session } },
	} as unknown as ConstructorParameters<typeof Memory>[0]);
}

export const extractor: Extractor = {
	async facts(ports) {
		const session = new Session(ports);
		try {
			await memoryOf(session).add([{ role: "user", content: ports.text }], { userId });
		} catch (error) {
			// mem0ai wraps what the model's client threw, and its words are better.
			throw error instanceof LLMError ? ((error as { cause?: unknown }).cause ?? error) : error;
		}
		return { facts: [...session.facts.values()], mentions: session.mentions };
	},

	async mentions(ports) {
		const session = new Session(ports);
		const id = "memory";
		const fact = { text: ports.text, vector: [] };
		session.facts.set(id, fact);
		// mem0ai finds the names anew when a memory gets a text it did not have.
		session.memories.get = async () => ({ id, payload: { data: "", user_id: userId } });
		await memoryOf(session).update(id, { text: ports.text });
		return session.mentions;
	},
};
