import { pathToFileURL } from "node:url";
import type { Clock } from "../config/clock.ts";
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
import { openConfiguredStore } from "../store/stores.ts";
import { MemoryService } from "./memoryService.ts";
import type { Extractor } from "./saving/extraction.ts";

/** The separate bundles, which run in a worker or are loaded lazily. */
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
	readonly clock?: Clock | undefined;
	/** The host program's language model, for `LLM_PROVIDER=vscode`. */
	readonly hostModel?: ChatModel | undefined;
	/** See readUsableConfig. */
	readonly notConfigured?: UsableConfig["notConfigured"];
}

/**
 * Opens the configured memory without loading anything heavy: the first text loads the built-in model, the first request
 * the endpoint clients, the first text to distil mem0ai.
 * @throws StoreError
 */
export async function openMemory({
	config,
	bundles,
	log,
	clock,
	hostModel,
	notConfigured = {},
}: OpenMemoryOptions): Promise<MemoryService> {
	for (const line of endpointLines(config)) log.debug(line);
	const { store, notice } = await openConfiguredStore(config);
	if (notice) log.warn(notice);
	const health = { chat: new EndpointHealth(), embedding: new EndpointHealth() };
	const [chat, embedder] = await Promise.all([
		notConfigured.llm === undefined
			? createChatModel(config, log, store.notes, hostModel, health.chat)
			: chatNotConfigured(notConfigured.llm),
		notConfigured.embedding === undefined
			? createEmbedder(config, bundles, log, store.notes, health.embedding)
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
		clock,
		notices: notice ? [notice] : [],
	});
}

async function createChatModel(
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

async function createEmbedder(
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
