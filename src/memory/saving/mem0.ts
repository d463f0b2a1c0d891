/**
 * All code that knows mem0ai. A separate bundle (`dist/mem0.js`), loaded when a language model is first needed, because
 * mem0ai is large; the build leaves out its telemetry, notices, SQLite classes and clients of other services (see
 * esbuild.mjs). mem0ai decides what to ask the models, and in which words; the ports decide where results and errors
 * go, and what is kept.
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
/** mem0ai requires a user id without spaces; the ports know whose memories these are. */
const userId = "user";

interface Payload {
	readonly [key: string]: unknown;
	readonly data?: string;
	readonly linkedMemoryIds?: readonly string[];
	readonly entityType?: string;
}

/** The parts of mem0ai for one call, and the facts and mentions that the call finds. */
type Session = ReturnType<typeof createSession>;

function createSession(ports: ExtractionPorts) {
	const facts = new Map<string, ExtractedFact>();
	const mentions: Mention[] = [];
	const memories = {
		initialize: async () => undefined,
		search: async () =>
			(await ports.existing()).map(({ id, text }) => ({ id, score: 1, payload: { data: text } })),
		keywordSearch: async () => [],
		insert: async (vectors: readonly Vector[], ids: readonly string[], payloads: readonly Payload[]) => {
			for (const [index, id] of ids.entries())
				facts.set(id, { text: payloads[index]?.data ?? "", vector: vectors[index] ?? [] });
		},
		get: async (id: string) => ({ id, payload: { data: ports.text, user_id: userId } }),
		update: async () => undefined,
		delete: async () => undefined,
		list: async () => [[], 0],
		deleteCol: async () => undefined,
		getUserId: async () => userId,
		setUserId: async () => undefined,
	};
	return {
		facts,
		mentions,
		memories,
		llm: {
			generateResponse: (messages: readonly { role: string; content: string }[]): Promise<string> => {
				const content = (role: string) => messages.find((message) => message.role === role)?.content ?? "";
				return ports.chat({ system: content("system"), user: content("user") });
			},
			generateChat: () => Promise.reject(new Error("mem0ai asked for a chat, which adding does not need.")),
		},
		embedder: {
			/** The text itself, to find similar memories. */
			embed: () => ports.embedText(),
			/** First the facts; then names, which need no request, because they are told apart by their words. */
			embedBatch: (texts: readonly string[]): Promise<Vector[]> =>
				facts.size === 0 ? ports.embedFacts(texts) : Promise.resolve(texts.map(() => [])),
		},
		entities: {
			...memories,
			search: async () => [],
			insert: async (_vectors: unknown, _ids: unknown, payloads: readonly Payload[]) => {
				for (const { data, entityType, linkedMemoryIds } of payloads)
					mentions.push({
						text: data ?? "",
						type: String(entityType ?? ""),
						facts: (linkedMemoryIds ?? []).flatMap((id) => facts.get(id) ?? []),
					});
			},
		},
		history: {
			addHistory: async () => undefined,
			batchAddHistory: async () => undefined,
			getHistory: async () => [],
			getLastMessages: async () => ports.before.map((content) => ({ role: "user", content })),
			saveMessages: async () => undefined,
			reset: async () => undefined,
			close: () => undefined,
		},
	};
}

interface PartConfig {
	readonly session?: Session;
	readonly model?: Session;
	readonly config?: { readonly session?: Session };
	readonly collectionName?: string;
}

/** Replaces a factory of mem0ai by one that takes its part from the session. */
function provide(factory: unknown, part: (session: Session, config: PartConfig) => object): void {
	(factory as { create: (provider: string, config: PartConfig) => object }).create = (_, config) => {
		const session = config.session ?? config.config?.session ?? config.model;
		if (!session) throw new Error("mem0ai asked for a part without its session.");
		return part(session, config);
	};
}

provide(EmbedderFactory, ({ embedder }) => embedder);
provide(LLMFactory, ({ llm }) => llm);
provide(HistoryManagerFactory, ({ history }) => history);
provide(VectorStoreFactory, ({ entities, memories }, { collectionName }) =>
	collectionName?.endsWith("_entities") ? entities : memories,
);

function memoryOf(session: Session): Memory {
	return new Memory({
		// The only field of the embedder's configuration that mem0ai passes on unchanged.
		embedder: { provider, config: { model: session } },
		llm: { provider, config: { session } },
		vectorStore: { provider, config: { collectionName: "memories", dimension: 1, session } },
		historyStore: { provider, config: { session } },
	} as unknown as ConstructorParameters<typeof Memory>[0]);
}

export const extractor: Extractor = {
	async facts(ports) {
		const session = createSession(ports);
		try {
			await memoryOf(session).add([{ role: "user", content: ports.text }], { userId });
		} catch (error) {
			// mem0ai wraps what the model's client threw, which has the better message.
			throw error instanceof LLMError ? ((error as { cause?: unknown }).cause ?? error) : error;
		}
		return { facts: [...session.facts.values()], mentions: session.mentions };
	},

	async mentions(text) {
		const session = createSession({
			text,
			before: [],
			embedText: async () => [],
			embedFacts: async (texts) => texts.map(() => []),
			existing: async () => [],
			chat: () => Promise.reject(new Error("Finding names needs no language model.")),
		});
		const id = "memory";
		session.facts.set(id, { text, vector: [] });
		// mem0ai looks for names when a memory gets a different text.
		session.memories.get = async () => ({ id, payload: { data: "", user_id: userId } });
		await memoryOf(session).update(id, { text });
		return session.mentions;
	},
};
