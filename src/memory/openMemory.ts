import { pathToFileURL } from "node:url";
import { type Clock, systemClock } from "../config/clock.ts";
import type { Config } from "../config/config.ts";
import { endpointLines, type HttpEndpoint, httpOnly, originsOf } from "../config/endpoints.ts";
import type { Log } from "../config/log.ts";
import { indirectWay } from "../config/proxies.ts";
import type { UsableConfig } from "../config/usableConfig.ts";
import { BuiltinEmbedder } from "../endpoints/builtin/embedder.ts";
import { cachingEmbedder } from "../endpoints/cachingEmbedder.ts";
import type { ChatModel } from "../endpoints/chatModel.ts";
import { EndpointHealth } from "../endpoints/endpointHealth.ts";
import { borrowedChat, borrowedEmbedder } from "../endpoints/lending/borrowedModels.ts";
import { chatNotConfigured, embedderNotConfigured } from "../endpoints/notConfigured.ts";
import { configuredBackups, openConfiguredStore } from "../store/stores.ts";
import type { Destinations } from "../store/types.ts";
import { membershipIn } from "./access/membership.ts";
import { SharedMemory } from "./access/sharedMemory.ts";
import { withPassword, withToken } from "./borrowedSecrets.ts";
import { allowCaptures } from "./curating/captureRequests.ts";
import { MemoryService } from "./memoryService.ts";
import type { MemoryServiceOptions } from "./memoryServiceOptions.ts";
import { keptFolder } from "./remote/keptSaves.ts";
import type { TeamAccess } from "./remote/teamClient.ts";
import type { Extractor } from "./saving/extraction.ts";
import { SecretGuard } from "./secrets/secretGuard.ts";
import type { AskAboutSecrets } from "./secrets/secretKinds.ts";
import { TrafficLog } from "./traffic.ts";
import type { UserMemory } from "./userMemory.ts";

const roleNames = { chat: "The language model", embedding: "The embedding model" } as const;

/** The separate bundles, which run in a worker or are loaded lazily. */
export interface Bundles {
	/** The built-in model's worker, `dist/embedder.cjs`. */
	readonly embedder: string;
	/** mem0ai, `dist/mem0.js`. */
	readonly mem0: string;
}

export interface OpenMemoryOptions {
	readonly config: Pick<Config, "memoryDir" | "userId" | "llm" | "embedding"> &
		Partial<
			Pick<
				Config,
				"borrowed" | "database" | "teamServer" | "logLevel" | "capture" | "secrets" | "backups" | "teamReview"
			>
		>;
	readonly bundles: Bundles;
	readonly log: Log;
	readonly clock?: Clock | undefined;
	/** The host program's language model, for `LLM_PROVIDER=vscode`. */
	readonly hostModel?: ChatModel | undefined;
	/** Absent: nobody can be asked. */
	readonly askAboutSecrets?: AskAboutSecrets | undefined;
	/** See readUsableConfig. */
	readonly notConfigured?: UsableConfig["notConfigured"];
	/** Tests bring another. */
	readonly openStore?: typeof openConfiguredStore;
	/** What the memory's status tells about the configuration. */
	readonly notices?: readonly string[];
	/** Only reads, from a memory that is there: see `openConfiguredStore`. */
	readonly reading?: { readonly busyTimeout: number } | undefined;
}

/**
 * Opens the configured memory without loading anything heavy: the first text loads the built-in model, the first request
 * the endpoint clients, the first text to distil mem0ai.
 * @throws StoreError
 */
export async function openMemory(options: OpenMemoryOptions): Promise<UserMemory> {
	const server = withToken(options.config);
	return server ? openRemoteMemory(server, options) : openOwnMemory(options);
}

/** Opens the memory in the configured database. @throws StoreError also where a team's server has the memory. */
export async function openOwnMemory(options: OpenMemoryOptions): Promise<MemoryService> {
	return new MemoryService(await openParts(options));
}

/** The memory on a team's server: no database is opened here, and no model is asked. */
async function openRemoteMemory(
	server: TeamAccess,
	{ log, notices, clock, config, askAboutSecrets, reading }: OpenMemoryOptions,
) {
	const [{ createTeamClient }, { RemoteMemory }] = await Promise.all([
		import("./remote/teamClient.ts"),
		import("./remote/remoteMemory.ts"),
	]);
	return RemoteMemory.open({
		client: createTeamClient(server),
		log,
		guard: new SecretGuard(config.secrets, askAboutSecrets),
		...(reading ? {} : { folder: keptFolder(config.memoryDir, server.url) }),
		...(notices ? { notices } : {}),
		...(clock ? { clock } : {}),
	});
}

/** Opens the configured memory for many people. @throws StoreError */
export async function openSharedMemory(options: OpenMemoryOptions): Promise<SharedMemory> {
	return new SharedMemory(await openParts(options));
}

/** What a memory is made of: the store is open. */
async function openParts({
	config,
	bundles,
	log,
	clock = systemClock,
	hostModel,
	askAboutSecrets,
	notConfigured = {},
	notices = [],
	reading,
	openStore = openConfiguredStore,
}: OpenMemoryOptions): Promise<MemoryServiceOptions> {
	const { borrowed = [] } = config;
	for (const line of endpointLines(config)) log.debug(line);
	const { store, notice } = await openStore(
		{ ...withPassword(config), log },
		destinationsOf(config, notConfigured),
		reading,
	);
	if (notice) log.warn(notice);
	for (const told of await store.notices.list()) log.warn(told);
	const health = { chat: new EndpointHealth(), embedding: new EndpointHealth() };
	const traffic = new TrafficLog(store.traffic, clock, log);
	const endpoints = { chat: httpOnly(config.llm), embedding: config.embedding };
	for (const role of ["chat", "embedding"] as const) {
		health[role].onDidRecord((request) => traffic.record(role, request));
		void tellWay(roleNames[role], endpoints[role], health[role], log);
	}
	const createChatModel = async () => {
		if (notConfigured.llm !== undefined) return chatNotConfigured(notConfigured.llm);
		const { llm } = config;
		if (!llm) return undefined;
		if (borrowed.includes("chat")) return borrowedChat(config.memoryDir, llm);
		if (llm.provider === "vscode") return hostModel;
		const { OpenAiChat } = await import("../endpoints/openai/chat.ts");
		return new OpenAiChat(llm, log, store.notes, { health: health.chat, budget: store.traffic });
	};
	const createEmbedder = async () => {
		if (notConfigured.embedding !== undefined) return embedderNotConfigured(notConfigured.embedding);
		const { embedding } = config;
		if (!embedding) {
			const onDidEmbed = (ok: boolean, duration: number) =>
				traffic.record("embedding", { host: "built in", ok, duration });
			return new BuiltinEmbedder({ workerFile: bundles.embedder, log, onDidEmbed });
		}
		if (borrowed.includes("embedding")) return borrowedEmbedder(config.memoryDir, embedding);
		const { OpenAiEmbedder } = await import("../endpoints/openai/embeddings.ts");
		return new OpenAiEmbedder(embedding, log, store.notes, {
			health: health.embedding,
			budget: store.traffic,
		});
	};
	const captures = config.capture === "review" && !reading;
	if (captures) await allowCaptures(config.memoryDir);
	const [chat, embedder] = await Promise.all([createChatModel(), createEmbedder()]);
	return {
		store,
		embedder: cachingEmbedder(embedder, store.spaces),
		distillation: chat && {
			chat,
			contextLength: config.llm?.contextLength,
			loadExtractor: () => loadExtractor(bundles.mem0),
		},
		health,
		traffic,
		userId: config.userId,
		...(await membershipIn(store, config.userId, { log, clock, notes: !reading })),
		reviews: config.teamReview,
		secrets: { policy: config.secrets ?? "redact", ask: askAboutSecrets },
		log,
		clock,
		notices: notice ? [...notices, notice] : notices,
		capturesIn: captures ? config.memoryDir : undefined,
		backups:
			config.backups && !config.database && !reading
				? configuredBackups({ ...config, backups: config.backups })
				: undefined,
		keepsQueries: config.logLevel === "DEBUG",
	};
}

/** Nothing waits for it: the operating system may take its time. */
async function tellWay(name: string, endpoint: HttpEndpoint | undefined, health: EndpointHealth, log: Log) {
	const way = endpoint && (await indirectWay(endpoint));
	health.way = way;
	if (way) log.info(`${name} is reached ${way}.`);
}

function destinationsOf(
	{ llm, embedding }: OpenMemoryOptions["config"],
	notConfigured: NonNullable<OpenMemoryOptions["notConfigured"]>,
): Destinations {
	const originOfModel = (endpoint: HttpEndpoint | undefined) => (endpoint ? originsOf(endpoint) : "");
	return {
		chat: notConfigured.llm === undefined ? originOfModel(httpOnly(llm)) : undefined,
		embedding: notConfigured.embedding === undefined ? originOfModel(embedding) : undefined,
	};
}

async function loadExtractor(file: string): Promise<Extractor> {
	const { extractor } = (await import(pathToFileURL(file).href)) as { extractor: Extractor };
	return extractor;
}
