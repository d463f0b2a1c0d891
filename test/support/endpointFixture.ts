import { readConfig } from "../../src/config/config.ts";
import { createLog, type Log } from "../../src/config/log.ts";
import type { MemoryService } from "../../src/memory/memoryService.ts";
import { openMemory } from "../../src/memory/openMemory.ts";
import type { SaveResult } from "../../src/memory/requests.ts";
import { bundles, temporaryFolder } from "./fixtures.ts";
import { OpenAiServer, type OpenAiServerOptions } from "./openaiServer.ts";
import { pause } from "./serviceFixture.ts";

export interface EndpointFixture {
	/** The lines of the log, all levels. */
	readonly lines: string[];
	readonly folder: string;
	/** A server that is closed after the test. */
	server(options?: OpenAiServerOptions): Promise<OpenAiServer>;
	/** A service on the test's folder, closed after the test; its background work runs. */
	open(env: Readonly<Record<string, string>>): Promise<MemoryService>;
	/** Language model and embeddings on one server. */
	openOn(server: OpenAiServer, more?: Readonly<Record<string, string>>): Promise<MemoryService>;
}

/** Registers mocha's hooks; the fixture is new for each test. */
export function endpointFixture(): EndpointFixture {
	const closing: (() => Promise<unknown>)[] = [];
	const state = { lines: [] as string[], folder: "" };
	const log: Log = createLog("DEBUG", (level, message) => state.lines.push(`${level}: ${message}`));
	// The server's embeddings come from the built-in model, which takes its time to load: not within a test's own.
	before(async () => {
		const server = await OpenAiServer.start();
		await fetch(`${server.baseUrl}/embeddings`, {
			method: "POST",
			body: JSON.stringify({ model: "test-embed", input: "warm up" }),
		});
		await server.close();
	});
	beforeEach(() => {
		state.folder = temporaryFolder();
		state.lines = [];
	});
	afterEach(async () => {
		for (const close of closing.splice(0).reverse()) await close();
	});
	const open = async (env: Readonly<Record<string, string>>) => {
		const { config } = readConfig({ MEMORY_DIR: state.folder, DEFAULT_USER_ID: "ada", ...env });
		const service = await openMemory({ config, bundles, log });
		closing.push(() => service.dispose());
		service.startBackgroundWork();
		return service;
	};
	return {
		get lines() {
			return state.lines;
		},
		get folder() {
			return state.folder;
		},
		server: async (options) => {
			const server = await OpenAiServer.start(options);
			closing.push(() => server.close());
			return server;
		},
		open,
		openOn: (server, more = {}) => open({ ...environmentOf(server), ...more }),
	};
}

/** What a user of the server configures. */
export function environmentOf(server: OpenAiServer): Record<string, string> {
	return {
		LLM_PROVIDER: "openai",
		LLM_BASE_URL: server.baseUrl,
		LLM_CHOICE: "test-chat",
		EMBEDDING_MODEL_CHOICE: "test-embed",
	};
}

/** Waits until nothing is pending. */
export async function settled(service: MemoryService, patience = 30_000): Promise<void> {
	const deadline = Date.now() + patience;
	for (;;) {
		const { distillation, embedding } = service.status().pending;
		if (distillation + embedding === 0) return;
		if (Date.now() > deadline)
			throw new Error(
				`Still pending after ${patience} ms: ${distillation} to distil, ${embedding} to embed.`,
			);
		await pause(50);
	}
}

export function texts(service: MemoryService): string[] {
	return service
		.list({ scope: "all", limit: 200 })
		.memories.map(({ text }) => text)
		.sort();
}

export function saved({ memories }: SaveResult): string[] {
	return memories.map(({ text, event }) => `${event} ${text}`);
}
