import assert from "node:assert/strict";
import { join } from "node:path";
import { silentLog } from "../../../src/config/log.ts";
import { ConfigError } from "../../../src/config/remarks.ts";
import { readUsableConfig } from "../../../src/config/usableConfig.ts";
import type { Environment } from "../../../src/config/variables.ts";
import { tools } from "../../../src/mcp/tools/index.ts";
import { openMemory } from "../../../src/memory/openMemory.ts";
import { bundles } from "../../support/fixtures/builtFiles.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("A configuration with an endpoint that is not configured", () => {
	const table: readonly (readonly [Environment, notConfigured: readonly string[], llm: boolean])[] = [
		[{}, [], false],
		[{ LLM_PROVIDER: "openai", LLM_CHOICE: "m" }, [], true],
		[{ LLM_PROVIDER: "ollama" }, ["llm", "embedding"], false],
		[{ LLM_PROVIDER: "ollama", EMBEDDING_PROVIDER: "builtin" }, ["llm"], false],
		[{ LLM_PROVIDER: "anthropic" }, ["llm", "embedding"], false],
		[{ LLM_PROVIDER: "openai", LLM_CHOICE: "m", EMBEDDING_PROVIDER: "azure" }, ["embedding"], true],
		[{ EMBEDDING_PROVIDER: "azure" }, ["embedding"], false],
		[{ LLM_PROVIDER: "openai", LLM_CHOICE: "m", EMBEDDING_BASE_URL: "ftp://x" }, ["embedding"], true],
	];
	for (const [env, notConfigured, llm] of table)
		it(`${JSON.stringify(env)}: ${notConfigured.join(" and ") || "nothing"} not configured`, () => {
			const read = readUsableConfig(env, {});
			assert.deepEqual(Object.keys(read.notConfigured), notConfigured);
			assert.equal(read.config.llm !== undefined, llm);
			if (notConfigured.includes("embedding")) assert.equal(read.config.embedding, undefined);
		});

	it("is refused if the problem is with the memory itself", () => {
		assert.throws(() => readUsableConfig({ LOG_LEVEL: "loud", LLM_PROVIDER: "ollama" }, {}), ConfigError);
	});

	it("keeps saved texts, finds them by words, and says what is missing", async () => {
		const folder = temporaryFolder();
		const env = { MEMORY_DIR: join(folder, "memory"), DEFAULT_USER_ID: "ada", LLM_PROVIDER: "ollama" };
		const { config, notConfigured } = readUsableConfig(env, {});
		const memory = await openMemory({ config, bundles, log: silentLog, notConfigured });
		try {
			const signal = new AbortController().signal;
			const context = {
				memory,
				project: undefined,
				conversationId: undefined,
				origin: { how: "tool" as const },
				signal,
				version: "1",
			};
			const told = await tools.find(({ name }) => name === "memory_status")?.run({} as never, context);
			assert.equal((told as { mode?: string }).mode, "verbatim");
			assert.match((await memory.status()).llm?.problem ?? "", /is not set up\. LLM_CHOICE is missing/);
			assert.match((await memory.status()).embedding.problem ?? "", /is not set up\. LLM_CHOICE is missing/);
			const saved = await memory.save({ text: "We deploy with make ship" });
			assert.deepEqual([saved.memories[0]?.event, saved.mode], ["ADD", "verbatim"]);
			assert.deepEqual(saved.pending, ["distillation", "embedding"]);
			const found = await memory.search({ query: "make ship" });
			assert.equal(found.memories[0]?.text, "We deploy with make ship");
		} finally {
			await memory.dispose();
		}
		// Mended: what was saved meanwhile is embedded, by a model somebody has chosen.
		const mended = await openMemory({
			config: readUsableConfig({ ...env, LLM_PROVIDER: "none" }, {}).config,
			bundles,
			log: silentLog,
		});
		try {
			assert.equal((await mended.search({ query: "make ship" })).memories.length, 1);
		} finally {
			await mended.dispose();
		}
	});
});
