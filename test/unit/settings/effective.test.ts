import assert from "node:assert/strict";
import fc from "fast-check";
import { readConfig } from "../../../src/config/config.ts";
import type { Environment } from "../../../src/config/variables.ts";
import { effectiveConfiguration, mask } from "../../../src/settings/effective.ts";
import type { KeyVariable } from "../../../src/settings/keys/boundKeys.ts";
import type { Values } from "../../../src/settings/values.ts";
import { anyValues } from "../../support/fixtures/anyValues.ts";

const secret = { kind: "key", source: "secret storage" } as const;

/** `VARIABLE=value (source)`, a line each. */
function lines(
	values: Values,
	keys: Partial<Record<KeyVariable, typeof secret>> = {},
	ambient: Environment = {},
) {
	const { rows } = effectiveConfiguration({ values, keys, ambient });
	return rows
		.filter(({ variable }) => /^(LLM|EMBEDDING|AZURE)_/.test(variable))
		.map(({ variable, value, source }) => `${variable}=${value} (${source})`);
}

describe("The effective configuration", () => {
	it("names nothing but what has a say", () => {
		assert.deepEqual(lines({}), ["LLM_PROVIDER=none (default)", "EMBEDDING_PROVIDER=builtin (default)"]);
		const unused = { LLM_PROVIDER: "none", LLM_BASE_URL: "http://a.local/v1", EMBEDDING_PROVIDER: "builtin" };
		assert.deepEqual(lines(unused), ["LLM_PROVIDER=none (setting)", "EMBEDDING_PROVIDER=builtin (setting)"]);
	});

	it("says of each value where it came from", () => {
		const values = {
			LLM_PROVIDER: "openai",
			LLM_BASE_URL: "db-server.local:8009/v1/chat/completions",
			LLM_CHOICE: "qwen3-8b",
			LLM_HEADERS: '{"X-Token":"tell-nobody","X-Env":"${env:HOME}"}',
		};
		assert.deepEqual(lines(values, { LLM_API_KEY: secret }, { HOME: "/home" }), [
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

	it("says when the environment's OPENAI_API_KEY is used, and shows it no more than another", () => {
		const found = lines(
			{ LLM_PROVIDER: "openai", LLM_CHOICE: "m" },
			{},
			{ OPENAI_API_KEY: "sk-ambient-4711" },
		);
		assert.ok(found.includes(`LLM_API_KEY=${mask} (OPENAI_API_KEY)`), found.join("\n"));
		assert.doesNotMatch(found.join(), /4711/);
	});

	it("says what is set where no configuration results, and what is wrong with it", () => {
		const { rows, problems, result } = effectiveConfiguration({
			values: { LLM_PROVIDER: "ollama" },
			keys: {},
			ambient: {},
		});
		assert.equal(result, undefined);
		assert.deepEqual(rows, [{ variable: "LLM_PROVIDER", value: "ollama", source: "setting" }]);
		assert.deepEqual(problems, { LLM_CHOICE: "The provider ollama needs the name of a model." });
	});

	it("is an environment in which the same results, whatever is configured", () => {
		const some = (kind: boolean | undefined) =>
			kind === undefined ? undefined : ({ kind: kind ? "key" : "none", source: "s" } as const);
		fc.assert(
			fc.property(
				anyValues,
				fc.option(fc.boolean()),
				fc.option(fc.boolean()),
				(given, llmKey, embeddingKey) => {
					// What headers hold is masked.
					const { LLM_HEADERS: _, EMBEDDING_HEADERS: __, ...values } = given;
					const keys = {
						LLM_API_KEY: some(llmKey ?? undefined),
						EMBEDDING_API_KEY: some(embeddingKey ?? undefined),
					};
					const present = Object.fromEntries(Object.entries(keys).filter(([, key]) => key)) as Parameters<
						typeof effectiveConfiguration
					>[0]["keys"];
					const { rows, result } = effectiveConfiguration({ values, keys: present, ambient: {} });
					fc.pre(result !== undefined);
					const named = (source: string, name: string) =>
						source === "as LLM_API_KEY" ? "LLM_API_KEY" : name;
					const env = Object.fromEntries(
						rows.map(({ variable, value, source }) => [
							variable,
							value === mask ? named(source, variable) : value,
						]),
					);
					const again = readConfig(env, {}).config;
					assert.deepEqual(again.llm, result?.config.llm);
					assert.deepEqual(again.embedding, result?.config.embedding);
					assert.equal(again.memoryDir, result?.config.memoryDir);
					assert.equal(again.userId, result?.config.userId);
				},
			),
			{ numRuns: 400 },
		);
	});
});
