import assert from "node:assert/strict";
import fc from "fast-check";
import { readConfig } from "../../../src/config/config.ts";
import type { Environment } from "../../../src/config/variables.ts";
import { effectiveRows, mask } from "../../../src/settings/effective.ts";
import { examineValues } from "../../../src/settings/examineValues.ts";
import { type KeyVariable, keySlots } from "../../../src/settings/keys/boundKeys.ts";
import { keyStatuses } from "../../../src/settings/keys/keyStatus.ts";
import type { Values } from "../../../src/settings/values.ts";
import { anyValues } from "../../support/fixtures/anyValues.ts";

type Kinds = Readonly<Partial<Record<KeyVariable, "key" | "none" | undefined>>>;

/** @param kinds what is stored for the host of each endpoint. */
function effective(values: Values, kinds: Kinds = {}, ambient: Environment = {}) {
	const examined = examineValues(values, ambient);
	const { endpoints } = examined;
	const known = keySlots(endpoints).flatMap((slot) => {
		const kind = kinds[slot.variable];
		return kind ? [{ ...slot, kind }] : [];
	});
	const rows = effectiveRows(examined, keyStatuses(endpoints, endpoints, { known, removed: [] }));
	return { ...examined, rows, known };
}

/** `VARIABLE=value (source)`, a line each. */
function lines(values: Values, kinds: Kinds = {}, ambient: Environment = {}) {
	return effective(values, kinds, ambient)
		.rows.filter(({ variable }) => /^(LLM|EMBEDDING|AZURE)_/.test(variable))
		.map(({ variable, value, source }) => `${variable}=${value} (${source})`);
}

describe("The effective configuration", () => {
	it("names only variables that have an effect", () => {
		assert.deepEqual(lines({}), ["LLM_PROVIDER=none (default)", "EMBEDDING_PROVIDER=builtin (default)"]);
		const unused = { LLM_PROVIDER: "none", LLM_BASE_URL: "http://a.local/v1", EMBEDDING_PROVIDER: "builtin" };
		assert.deepEqual(lines(unused), ["LLM_PROVIDER=none (setting)", "EMBEDDING_PROVIDER=builtin (setting)"]);
	});

	it("names the source of each value", () => {
		const values = {
			LLM_PROVIDER: "openai",
			LLM_BASE_URL: "db-server.local:8009/v1/chat/completions",
			LLM_CHOICE: "qwen3-8b",
			LLM_HEADERS: '{"X-Token":"tell-nobody","X-Env":"${env:HOME}"}',
		};
		assert.deepEqual(lines(values, { LLM_API_KEY: "key" }, { HOME: "/home" }), [
			"LLM_PROVIDER=openai (setting)",
			"LLM_BASE_URL=http://db-server.local:8009/v1 (setting)",
			`LLM_API_KEY=${mask} (secret storage)`,
			"LLM_CHOICE=qwen3-8b (setting)",
			"LLM_TEMPERATURE=0.2 (default)",
			`LLM_HEADERS={"X-Token":"${mask}","X-Env":"\${env:HOME}"} (setting)`,
			"LLM_MAX_TOKENS=2000 (default)",
			"EMBEDDING_PROVIDER=openai (as LLM_PROVIDER)",
			"EMBEDDING_BASE_URL=http://db-server.local:8009/v1 (as LLM_BASE_URL)",
			`EMBEDDING_API_KEY=${mask} (as LLM_API_KEY)`,
			"EMBEDDING_MODEL_CHOICE=text-embedding-3-small (default)",
			`EMBEDDING_HEADERS={"X-Token":"${mask}","X-Env":"\${env:HOME}"} (as LLM_HEADERS)`,
		]);
	});

	it("says when the environment's OPENAI_API_KEY is used, without showing it", () => {
		const found = lines(
			{ LLM_PROVIDER: "openai", LLM_CHOICE: "m" },
			{},
			{ OPENAI_API_KEY: "sk-ambient-4711" },
		);
		assert.ok(found.includes(`LLM_API_KEY=${mask} (OPENAI_API_KEY)`), found.join("\n"));
		assert.doesNotMatch(found.join(), /4711/);
	});

	it("lists what is set, and the problem, if the values are not valid", () => {
		const { rows, problems, config } = effective({ LLM_PROVIDER: "ollama" });
		assert.equal(config, undefined);
		assert.deepEqual(rows, [
			{ variable: "LLM_PROVIDER", value: "ollama", source: "setting", unsaved: false },
		]);
		assert.deepEqual(problems, { LLM_CHOICE: "The provider ollama needs the name of a model." });
	});

	it("is an environment with the same result, whatever is configured", () => {
		const kind = fc.constantFrom<("key" | "none" | undefined)[]>("key", "none", undefined);
		fc.assert(
			fc.property(anyValues, kind, kind, (given, llmKey, embeddingKey) => {
				// What headers hold is masked.
				const { LLM_HEADERS: _, EMBEDDING_HEADERS: __, ...values } = given;
				const found = effective(values, { LLM_API_KEY: llmKey, EMBEDDING_API_KEY: embeddingKey });
				fc.pre(found.config !== undefined);
				// Each key is called by its variable, so that it can be seen which is used where.
				const keys = found.known.map(({ variable, kind }) => [variable, kind === "key" ? variable : ""]);
				const env = { ...values, ...Object.fromEntries(keys) };
				const { config } = readConfig(env, {});
				const shown = found.rows.map(({ variable, value, source }) => [
					variable,
					value !== mask ? value : source === "as LLM_API_KEY" ? "LLM_API_KEY" : variable,
				]);
				const again = readConfig(Object.fromEntries(shown), {}).config;
				// Which variable says so is another matter.
				const result = <T extends object>(endpoint: T | undefined) => ({ ...endpoint, given: undefined });
				assert.deepEqual(result(again.llm), result(config.llm));
				assert.deepEqual(result(again.embedding), result(config.embedding));
				assert.equal(again.memoryDir, config.memoryDir);
				assert.equal(again.userId, config.userId);
			}),
			{ numRuns: 400 },
		);
	});
});
