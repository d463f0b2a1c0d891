import assert from "node:assert/strict";
import type { Environment } from "../../../src/config/variables.ts";
import { importChanged } from "../../support/fixtures/changedModule.ts";

/** The configurations that are remarked on: in every kind of problem and notice. */
const configurations: readonly Environment[] = [
	{ LLM_PROVIDER: "opennai", LLM_BASE_URL: "htp://127.0.0.1:1/v1", LLM_TEMPERATURE: "7" },
	{ LLM_PROVIDER: "ollama" },
	{ LLM_PROVIDER: "openai", LLM_CHOICE: "m", EMBEDDING_PROVIDER: "azure" },
	{ LLM_HEADERS: "X-Team: blue", LLM_API_KEY: "tell nobody" },
	{ LLM_BASE_URL: "db-server.local:8009/v1/v1", MCP_TIMEOUT: "900", TRANSPORT: "sse" },
	{ EMBEDDING_MODEL_CHOICE: "m", DATABASE_MAX_OVERFLOW: "10" },
	{
		LLM_BASE_URL: "http://a.lan/v1",
		LLM_CHOICE: "m",
		LLM_API_KEY: "k",
		EMBEDDING_BASE_URL: "http://b.lan/v1",
	},
];

const reworded = "Reworded.";

/** The source of remarks.ts with every remark in the same, meaningless words. */
function reword(source: string): string {
	return `${source.replace("function wordsOf(", "function unusedWordsOf(")}
		function wordsOf() {
			return { subject: "Re", state: "worded", why: "reworded" };
		}`;
}

/** What a module says of every configuration, as it is and with other words. */
async function both<Module>(module: string, use: (module: Module, env: Environment) => unknown) {
	const asItIs = (await import(`../../../src/${module}`)) as Module;
	const changed = await importChanged<Module>(module, "config/remarks.ts", reword);
	return configurations.map((env) => [use(asItIs, env), use(changed, env)] as const);
}

/** The same value, with all words about the configuration replaced. */
function withoutWords(value: unknown, names: readonly string[]): unknown {
	return JSON.parse(
		JSON.stringify(value, (name, each) =>
			names.includes(name) && typeof each === "string" ? reworded : each,
		),
	);
}

describe("Other words for the remarks on a configuration", () => {
	it("do not change which fields are marked", async () => {
		type Module = typeof import("../../../src/settings/examineValues.ts");
		const found = await both<Module>("settings/examineValues.ts", ({ examineValues }, env) => {
			const { problems, hints, endpoints } = examineValues(env, {});
			return { problems: Object.keys(problems), hints: Object.keys(hints), endpoints };
		});
		for (const [asItIs, changed] of found) assert.deepEqual(changed, asItIs);
		assert.match(JSON.stringify(found[0]), /\["LLM_PROVIDER","LLM_BASE_URL","LLM_TEMPERATURE"\]/);
	});

	it("do not change what is still usable", async () => {
		type Module = typeof import("../../../src/config/usableConfig.ts");
		const found = await both<Module>("config/usableConfig.ts", ({ readUsableConfig }, env) => {
			const { config, notConfigured } = readUsableConfig(env, {});
			return { config, notConfigured };
		});
		for (const [asItIs, changed] of found)
			assert.deepEqual(
				withoutWords(changed, ["llm", "embedding"]),
				withoutWords(asItIs, ["llm", "embedding"]),
			);
	});

	it("do not change the Doctor's findings and fixes", async () => {
		type Module = typeof import("../../../src/doctor/checks/configuration.ts");
		const found = await both<Module>("doctor/checks/configuration.ts", ({ checkConfiguration }, env) =>
			checkConfiguration(env, {}).findings.map(({ evidence = [], ...finding }) => ({
				...finding,
				evidence: evidence.length,
			})),
		);
		for (const [asItIs, changed] of found)
			assert.deepEqual(withoutWords(changed, ["seen", "cause"]), withoutWords(asItIs, ["seen", "cause"]));
		assert.match(JSON.stringify(found[0]?.[0]), /"Set LLM_PROVIDER to openai"/);
	});
});
