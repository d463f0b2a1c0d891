import assert from "node:assert/strict";
import { readConfig } from "../../../src/config/config.ts";
import type { HttpEndpoint } from "../../../src/config/endpoints.ts";
import { ConfigError, messageOf } from "../../../src/config/remarks.ts";
import type { Environment } from "../../../src/config/variables.ts";

const own = "https://api.openai.com/v1";
const custom = "http://db-server.local:8009/v1";
const other = "http://embeddings.local:7997/v1";

/** Where each role's texts go, with which key and model. */
function effective(env: Environment, ambient: Environment = env) {
	const { config, notices } = readConfig(env, ambient);
	const shown = (endpoint: HttpEndpoint | { readonly provider: "vscode" } | undefined) =>
		endpoint === undefined || endpoint.provider === "vscode"
			? endpoint?.provider
			: { url: endpoint.baseUrl, key: endpoint.apiKey, model: endpoint.model };
	return {
		llm: shown(config.llm),
		embedding: shown(config.embedding) ?? "builtin",
		notices: notices.map(messageOf),
	};
}

interface Row {
	readonly env: Environment;
	readonly llm?: { url?: string; key?: string | undefined; model?: string } | string | undefined;
	readonly embedding: { url?: string; key?: string | undefined; model?: string } | "builtin";
}

const llm = { LLM_PROVIDER: "openai", LLM_BASE_URL: custom, LLM_API_KEY: "sk-llm", LLM_CHOICE: "m" };

/** Every case of the plan. */
const table: Readonly<Record<string, Row>> = {
	"nothing set: nothing is sent anywhere": { env: {}, llm: undefined, embedding: "builtin" },
	"embedding URL: EMBEDDING_BASE_URL if set": {
		env: { ...llm, EMBEDDING_BASE_URL: other },
		llm: { url: custom },
		embedding: { url: other },
	},
	"embedding URL: the word default is the provider's own": {
		env: { ...llm, EMBEDDING_BASE_URL: "default" },
		embedding: { url: own },
	},
	"embedding URL: the word in any case": {
		env: { ...llm, EMBEDDING_BASE_URL: " Default " },
		embedding: { url: own },
	},
	"embedding URL: unset and the same provider as the language model: its URL": {
		env: { ...llm, EMBEDDING_PROVIDER: "openai" },
		embedding: { url: custom },
	},
	"embedding URL: unset and another provider: that provider's own": {
		env: { ...llm, EMBEDDING_PROVIDER: "ollama" },
		embedding: { url: "http://localhost:11434/v1", model: "nomic-embed-text" },
	},
	"embedding provider: unset, the language model's where it can embed": {
		env: { ...llm },
		embedding: { url: custom, model: "text-embedding-3-small" },
	},
	"embedding provider: unset, builtin where the language model is VS Code's": {
		env: { LLM_PROVIDER: "vscode" },
		llm: "vscode",
		embedding: "builtin",
	},
	"embedding provider: unset, builtin where there is no language model": {
		env: { LLM_PROVIDER: "none" },
		llm: undefined,
		embedding: "builtin",
	},
	"embedding provider: builtin beside a language model": {
		env: { ...llm, EMBEDDING_PROVIDER: "builtin" },
		llm: { url: custom },
		embedding: "builtin",
	},
	"embedding provider: an endpoint without a language model": {
		env: { EMBEDDING_PROVIDER: "openai", EMBEDDING_BASE_URL: other, EMBEDDING_API_KEY: "sk-e" },
		llm: undefined,
		embedding: { url: other, key: "sk-e" },
	},
	"embedding key: EMBEDDING_API_KEY if set": {
		env: { ...llm, EMBEDDING_API_KEY: "sk-e" },
		llm: { key: "sk-llm" },
		embedding: { key: "sk-e" },
	},
	"embedding key: also when it is empty: the server needs none": {
		env: { ...llm, EMBEDDING_API_KEY: "" },
		llm: { key: "sk-llm" },
		embedding: { key: undefined },
	},
	"embedding key: else LLM_API_KEY": { env: { ...llm }, embedding: { key: "sk-llm" } },
	"keys: an empty LLM_API_KEY, no key at all": {
		env: { ...llm, LLM_API_KEY: "" },
		llm: { key: undefined },
		embedding: { key: undefined },
	},
	"keys: OPENAI_API_KEY for api.openai.com, when nothing else is set": {
		env: { LLM_PROVIDER: "openai", LLM_CHOICE: "m", OPENAI_API_KEY: "sk-ambient" },
		llm: { url: own, key: "sk-ambient" },
		embedding: { url: own, key: "sk-ambient" },
	},
	"keys: OPENAI_API_KEY does not replace what is set": {
		env: { LLM_PROVIDER: "openai", LLM_CHOICE: "m", LLM_API_KEY: "sk-llm", OPENAI_API_KEY: "sk-ambient" },
		llm: { key: "sk-llm" },
		embedding: { key: "sk-llm" },
	},
	"keys: OPENAI_API_KEY never goes out without TLS": {
		env: {
			LLM_PROVIDER: "openai",
			LLM_BASE_URL: "http://api.openai.com/v1",
			LLM_CHOICE: "m",
			OPENAI_API_KEY: "sk-ambient",
		},
		llm: { key: undefined },
		embedding: { key: undefined },
	},
	"keys: OPENAI_API_KEY never goes to another host": {
		env: { LLM_PROVIDER: "openai", LLM_BASE_URL: custom, LLM_CHOICE: "m", OPENAI_API_KEY: "sk-ambient" },
		llm: { url: custom, key: undefined },
		embedding: { url: custom, key: undefined },
	},
	"keys: OPENAI_API_KEY for embeddings at api.openai.com beside a keyless server": {
		env: { ...llm, LLM_API_KEY: "", EMBEDDING_BASE_URL: "default", OPENAI_API_KEY: "sk-ambient" },
		llm: { url: custom, key: undefined },
		embedding: { url: own, key: "sk-ambient" },
	},
	"OPENAI_BASE_URL never leaks into a client": {
		env: { LLM_PROVIDER: "openai", LLM_CHOICE: "m", OPENAI_BASE_URL: "http://leak.example/v1" },
		llm: { url: own },
		embedding: { url: own },
	},
	"ollama: its own URL and models": {
		env: { LLM_PROVIDER: "ollama", LLM_CHOICE: "qwen3" },
		llm: { url: "http://localhost:11434/v1", model: "qwen3" },
		embedding: { url: "http://localhost:11434/v1", model: "nomic-embed-text" },
	},
	"openrouter: its own URL": {
		env: { LLM_PROVIDER: "openrouter", LLM_CHOICE: "x/y", LLM_API_KEY: "k" },
		llm: { url: "https://openrouter.ai/api/v1", model: "x/y" },
		embedding: { url: "https://openrouter.ai/api/v1", model: "openai/text-embedding-3-small" },
	},
	"azure: from its own variables": {
		env: {
			LLM_PROVIDER: "azure",
			AZURE_OPENAI_ENDPOINT: "https://x.openai.azure.com/",
			AZURE_OPENAI_API_KEY: "az",
			AZURE_OPENAI_DEPLOYMENT_NAME: "gpt",
		},
		llm: { url: "https://x.openai.azure.com", key: "az", model: "gpt" },
		embedding: { url: "https://x.openai.azure.com", key: "az", model: "text-embedding-3-small" },
	},
	"LLM_PROVIDER unset, another LLM variable set: openai, as in mcp-mem0": {
		env: { LLM_BASE_URL: custom, LLM_CHOICE: "m" },
		llm: { url: custom },
		embedding: { url: custom },
	},
	"LLM_PROVIDER=none turns off what else is set": {
		env: { ...llm, LLM_PROVIDER: "none" },
		llm: undefined,
		embedding: "builtin",
	},
};

describe("The effective endpoints", () => {
	for (const [name, { env, ...expected }] of Object.entries(table)) {
		it(name, () => {
			const found = effective(env);
			for (const role of ["llm", "embedding"] as const) {
				if (!(role in expected)) continue;
				const wanted = expected[role];
				if (typeof wanted !== "object") assert.equal(found[role], wanted, role);
				else
					for (const [field, value] of Object.entries(wanted))
						assert.equal((found[role] as Record<string, unknown>)[field], value, `${role} ${field}`);
			}
		});
	}

	it("custom server: language model and embeddings on one host", () => {
		const { llm: chat, embedding } = effective({
			LLM_PROVIDER: "openai",
			LLM_BASE_URL: custom,
			LLM_API_KEY: "sk-your-custom-key",
			LLM_CHOICE: "gpt-3.5-turbo",
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_MODEL_CHOICE: "text-embedding-3-small",
		});
		assert.deepEqual(chat, { url: custom, key: "sk-your-custom-key", model: "gpt-3.5-turbo" });
		assert.deepEqual(embedding, { url: custom, key: "sk-your-custom-key", model: "text-embedding-3-small" });
	});

	it("proxy: both through it, path and all", () => {
		const url = "https://your-proxy.com/openai/v1";
		const { llm: chat, embedding } = effective({
			LLM_PROVIDER: "openai",
			LLM_BASE_URL: url,
			LLM_API_KEY: "sk-your-openai-key",
			LLM_CHOICE: "gpt-4",
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_MODEL_CHOICE: "text-embedding-3-large",
		});
		assert.deepEqual(chat, { url, key: "sk-your-openai-key", model: "gpt-4" });
		assert.deepEqual(embedding, { url, key: "sk-your-openai-key", model: "text-embedding-3-large" });
	});

	it("mixed: a custom language model, embeddings at the provider's default", () => {
		const found = effective(
			{
				LLM_PROVIDER: "openai",
				LLM_BASE_URL: custom,
				LLM_CHOICE: "gpt-3.5-turbo",
				EMBEDDING_PROVIDER: "openai",
				EMBEDDING_BASE_URL: "default",
				EMBEDDING_MODEL_CHOICE: "text-embedding-3-small",
			},
			{ OPENAI_API_KEY: "sk-ambient" },
		);
		assert.deepEqual(found.llm, { url: custom, key: undefined, model: "gpt-3.5-turbo" });
		assert.deepEqual(found.embedding, { url: own, key: "sk-ambient", model: "text-embedding-3-small" });
	});

	it("say that the language model's key does not go to another host", () => {
		const { notices } = effective({ ...llm, EMBEDDING_BASE_URL: "default" });
		assert.ok(
			notices.some((notice) =>
				/LLM_API_KEY is not sent to https:\/\/api\.openai\.com: .*EMBEDDING_API_KEY/.test(notice),
			),
		);
		assert.deepEqual(effective(llm).notices, []);
		assert.ok(!notices.join().includes("sk-llm"));
	});

	it("keep the language model's key from another origin", () => {
		const key = (env: Environment, ambient: Environment = {}) =>
			readConfig({ ...llm, ...env }, ambient).config.embedding?.apiKey;
		assert.equal(key({}), "sk-llm");
		assert.equal(key({ EMBEDDING_BASE_URL: `${custom}/other` }), "sk-llm");
		assert.equal(key({ EMBEDDING_BASE_URL: custom.replace("8009", "8010") }), undefined);
		assert.equal(key({ EMBEDDING_BASE_URL: "default" }), undefined);
		assert.equal(key({ EMBEDDING_BASE_URL: "default" }, { OPENAI_API_KEY: "sk-ambient" }), "sk-ambient");
		assert.equal(key({ EMBEDDING_BASE_URL: other, EMBEDDING_API_KEY: "sk-e" }), "sk-e");
	});

	it("share headers between roles on the same host only", () => {
		const headers = { LLM_HEADERS: '{"X-Team": "blue"}' };
		const of = (env: Environment) => readConfig(env).config.embedding?.headers;
		assert.deepEqual(of({ ...llm, ...headers }), { "X-Team": "blue" });
		assert.deepEqual(of({ ...llm, ...headers, EMBEDDING_BASE_URL: other }), {});
		assert.deepEqual(of({ ...llm, ...headers, EMBEDDING_HEADERS: '{"X-Team": "red"}' }), { "X-Team": "red" });
	});

	it("say what was assumed and what was corrected", () => {
		const { notices } = effective({ LLM_BASE_URL: "db-server.local:8009/v1/v1/chat/completions" });
		assert.match(
			notices.join("\\n"),
			/LLM_BASE_URL="db-server\.local:8009\/v1\/v1\/chat\/completions" is read as http:\/\/db-server\.local:8009\/v1: .*scheme.*doubled/,
		);
		assert.match(notices.join("\\n"), /LLM_PROVIDER is not set: openai is used/);
		assert.match(notices.join("\\n"), /LLM_CHOICE is not set: gpt-3\.5-turbo is used, as in mcp-mem0/);
	});

	const missing: readonly (readonly [Environment, RegExp])[] = [
		[{ LLM_PROVIDER: "ollama" }, /^LLM_CHOICE is missing: the provider ollama/],
		[{ LLM_PROVIDER: "azure", LLM_CHOICE: "gpt" }, /^AZURE_OPENAI_ENDPOINT is missing/],
		[
			{ LLM_PROVIDER: "azure", LLM_BASE_URL: "https://x.openai.azure.com" },
			/^AZURE_OPENAI_DEPLOYMENT_NAME is missing/,
		],
		[{ EMBEDDING_PROVIDER: "azure" }, /^AZURE_OPENAI_ENDPOINT is missing: embeddings/],
	];
	for (const [env, problem] of missing)
		it(`are refused for ${JSON.stringify(env)}, naming what is missing`, () => {
			assert.throws(
				() => readConfig(env),
				(error) => error instanceof ConfigError && problem.test(error.message),
			);
		});

	it("are a pure function of the values, and change nothing in the process", () => {
		const before = JSON.stringify(process.env);
		assert.deepEqual(readConfig(llm), readConfig(llm));
		assert.equal(JSON.stringify(process.env), before);
	});
});
