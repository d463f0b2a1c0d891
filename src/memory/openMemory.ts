import { pathToFileURL } from "node:url";
import type { Config } from "../config/config.ts";
import { endpointLines } from "../config/endpoints.ts";
import type { Log } from "../config/log.ts";
import type { UsableConfig } from "../config/usableConfig.ts";
import { BuiltinEmbedder } from "../endpoints/builtin/embedder.ts";
import { CachingEmbedder } from "../endpoints/cachingEmbedder.ts";
import type { ChatModel } from "../endpoints/chatModel.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import { EndpointHealth } from "../endpoints/endpointHealth.ts";
import { chatNotConfigured, embedderNotConfigured } from "../endpoints/notConfigured.ts";
import type { AbilityNotes } from "../endpoints/openai/abilities.ts";
import { openStore } from "../store/sqlite/sqliteStore.ts";
import { MemoryService } from "./memoryService.ts";
import type { Extractor } from "./saving/extraction.ts";

/** The bundles that are files of their own, since they run in a worker or are loaded late. */
export interface Bundles {
	/** The built-in model's worker, `dist/embedder.cjs`. */
	readonly embedder: string;
	/** mem0ai, `dist/mem0.js`. */
	readonly mem0: string;
}

export interface OpenMemoryOptions {
	readonly config: Pick<Config, "memoryDir" | "userId" | "llm" | "embedding">;
	readonly bundles: Bundles;
	readonly log: Log;
	/** The language model that the program around us brings, for `LLM_PROVIDER=vscode`. */
	readonly hostModel?: ChatModel | undefined;
	/** See readUsableConfig. */
	readonly notConfigured?: UsableConfig["notConfigured"];
}

/**
 * Opens the memory the configuration names. Nothing heavy is loaded: the built-in model is by the first text, the
 * clients of endpoints by the first request, mem0ai by the first text that is to be distilled.
 * @throws StoreError
 */
export async function openMemory({
	config,
	bundles,
	log,
	hostModel,
	notConfigured = {},
}: OpenMemoryOptions): Promise<MemoryService> {
	for (const line of endpointLines(config)) log.debug(line);
	const { store, notice } = await openStore(config.memoryDir);
	if (notice) log.warn(notice);
	const health = { chat: new EndpointHealth(), embedding: new EndpointHealth() };
	const [chat, embedder] = await Promise.all([
		notConfigured.llm === undefined
			? chatModel(config, log, store.notes, hostModel, health.chat)
			: chatNotConfigured(notConfigured.llm),
		notConfigured.embedding === undefined
			? embedderOf(config, bundles, log, store.notes, health.embedding)
			: embedderNotConfigured(notConfigured.embedding),
	]);
	return new MemoryService({
		store,
		embedder: new CachingEmbedder(embedder),
		distillation: chat && {
			chat,
			contextLength: config.llm?.contextLength,
			loadExtractor: () => loadExtractor(bundles.mem0),
		},
		health,
		userId: config.userId,
		log,
		notices: notice ? [notice] : [],
	});
}

async function chatModel(
	{ llm }: Pick<Config, "llm">,
	log: Log,
	notes: AbilityNotes,
	hostModel: ChatModel | undefined,
	health: EndpointHealth,
): Promise<ChatModel | undefined> {
	if (!llm) return undefined;
	if (llm.provider === "vscode") return hostModel;
	const { OpenAiChat } = await import("../endpoints/openai/chat.ts");
	return new OpenAiChat(llm, log, notes, health);
}

async function embedderOf(
	{ embedding }: Pick<Config, "embedding">,
	bundles: Bundles,
	log: Log,
	notes: AbilityNotes,
	health: EndpointHealth,
): Promise<Embedder> {
	if (!embedding) return new BuiltinEmbedder({ workerFile: bundles.embedder, log });
	const { OpenAiEmbedder } = await import("../endpoints/openai/embeddings.ts");
	return new OpenAiEmbedder(embedding, log, notes, health);
}

async function loadExtractor(file: string): Promise<Extractor> {
	const { extractor } = (await import(pathToFileURL(file).href)) as { extractor: Extractor };
	return extractor;
}
