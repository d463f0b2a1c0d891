import assert from "node:assert/strict";
import { variables } from "../../../src/config/variables.ts";
import { type EnvImport, readEnvImport } from "../../../src/settings/env/envImport.ts";
import { examineValues } from "../../../src/settings/examineValues.ts";
import type { Values } from "../../../src/settings/values.ts";

/** The values after an import into nothing, or into what is configured. */
function valuesAfter({ changes }: EnvImport, before: Values = {}): Values {
	const entries = Object.entries(before).filter(
		([name]) => !changes.some(({ variable }) => variable === name),
	);
	return Object.fromEntries([
		...entries,
		...changes.flatMap(({ variable, value }) => (value === undefined ? [] : [[variable, value]])),
	]);
}

function endpointsOf(read: EnvImport) {
	const { config, problems } = examineValues(valuesAfter(read), {});
	assert.deepEqual(problems, {});
	return config;
}

describe("The examples of the guide, imported", () => {
	it("custom server: both roles on it, with its key", () => {
		const read = readEnvImport(
			`LLM_PROVIDER=openai
LLM_BASE_URL=http://db-server.local:8009/v1
LLM_API_KEY=sk-your-custom-key
LLM_CHOICE=gpt-3.5-turbo
EMBEDDING_PROVIDER=openai
EMBEDDING_MODEL_CHOICE=text-embedding-3-small
`,
			{},
			{},
		);
		assert.deepEqual(read.notes, []);
		assert.deepEqual(read.keys, [
			{ variable: "LLM_API_KEY", origin: "http://db-server.local:8009", key: "sk-your-custom-key" },
		]);
		const config = endpointsOf(read);
		assert.equal(config?.embedding?.baseUrl, "http://db-server.local:8009/v1");
		assert.equal(config?.llm?.model, "gpt-3.5-turbo");
	});

	it("proxy: with the path of its URL", () => {
		const read = readEnvImport(
			`LLM_PROVIDER=openai
LLM_BASE_URL=https://your-proxy.com/openai/v1
LLM_API_KEY=sk-your-openai-key
LLM_CHOICE=gpt-4
EMBEDDING_PROVIDER=openai
EMBEDDING_MODEL_CHOICE=text-embedding-3-large
`,
			{},
			{},
		);
		assert.equal(read.keys[0]?.origin, "https://your-proxy.com");
		assert.equal(endpointsOf(read)?.embedding?.baseUrl, "https://your-proxy.com/openai/v1");
	});

	it("mixed: a comment has no effect; the rule about EMBEDDING_BASE_URL holds", () => {
		const read = readEnvImport(
			`LLM_PROVIDER=openai
LLM_BASE_URL=http://db-server.local:8009/v1
LLM_CHOICE=gpt-3.5-turbo
EMBEDDING_PROVIDER=openai
# No EMBEDDING_BASE_URL - uses default api.openai.com for embeddings
EMBEDDING_MODEL_CHOICE=text-embedding-3-small
`,
			{},
			{},
		);
		assert.deepEqual(read.keys, []);
		assert.equal(endpointsOf(read)?.embedding?.baseUrl, "http://db-server.local:8009/v1");
	});
});

describe("A .env file of mcp-mem0", () => {
	const ancestor = `
# General
DEFAULT_USER_ID=default_user
TRANSPORT=sse
HOST=0.0.0.0
PORT=8050
MCP_TIMEOUT=300
export LLM_PROVIDER=OpenAI
LLM_BASE_URL="https://your-proxy.com/openai/v1" # the proxy
LLM_API_KEY='sk-llm-4711'
LLM_CHOICE=gpt-4
LLM_TEMPERATURE=0.20
LLM_MAX_TOKENS=200
LLM_CONTEXT_LENGTH=2048
EMBEDDING_PROVIDER=ollama
EMBEDDING_BASE_URL=http://localhost:11434
EMBEDDING_API_KEY=
EMBEDDING_MODEL_CHOICE=nomic-embed-text
EMBEDDING_MODEL_DIMS=1024
DATABASE_URL=postgresql://user:password-4712@localhost:5432/mem0
DATABASE_POOL_SIZE=5
DATABASE_MAX_CONNECTIONS=10
DATABASE_MAX_OVERFLOW=10
DATABASE_POOL_TIMEOUT=30
DATABASE_POOL_RECYCLE=3600
DATABASE_HEALTH_CHECK_INTERVAL=30
DATABASE_RETRY_ATTEMPTS=3
DATABASE_RETRY_DELAY=1
DATABASE_MAX_RETRY_DELAY=60
DEBUG=true
LOG_LEVEL=INFO
AZURE_OPENAI_API_KEY=az-4713
AZURE_OPENAI_ENDPOINT=https://example.openai.azure.com
AZURE_OPENAI_API_VERSION=2024-02-15-preview
AZURE_OPENAI_DEPLOYMENT_NAME=gpt
OPENAI_API_KEY=sk-openai-4714
OPENAI_BASE_URL=http://elsewhere.example/v1
SOMETHING_ELSE=secret-4715
`;
	const read = readEnvImport(ancestor, {}, {});

	it("is understood, with quotes, export, comments and words in any case", () => {
		assert.deepEqual(valuesAfter(read), {
			DATABASE_URL: "postgresql://user@localhost:5432/mem0",
			DATABASE_POOL_SIZE: "5",
			DATABASE_POOL_TIMEOUT: "30",
			DATABASE_POOL_RECYCLE: "3600",
			DATABASE_RETRY_ATTEMPTS: "3",
			DEFAULT_USER_ID: "default_user",
			MCP_TIMEOUT: "300",
			LLM_PROVIDER: "openai",
			LLM_BASE_URL: "https://your-proxy.com/openai/v1",
			LLM_CHOICE: "gpt-4",
			LLM_TEMPERATURE: "0.2",
			LLM_MAX_TOKENS: "200",
			LLM_CONTEXT_LENGTH: "2048",
			EMBEDDING_PROVIDER: "ollama",
			EMBEDDING_BASE_URL: "http://localhost:11434",
			EMBEDDING_MODEL_CHOICE: "nomic-embed-text",
			EMBEDDING_MODEL_DIMS: "1024",
			AZURE_OPENAI_ENDPOINT: "https://example.openai.azure.com",
			AZURE_OPENAI_API_VERSION: "2024-02-15-preview",
			AZURE_OPENAI_DEPLOYMENT_NAME: "gpt",
			LOG_LEVEL: "DEBUG",
		});
		assert.deepEqual(read.keys, [
			{ variable: "LLM_API_KEY", origin: "https://your-proxy.com", key: "sk-llm-4711" },
		]);
		assert.match(read.notes.join("\n"), /EMBEDDING_API_KEY is empty: http:\/\/localhost:11434 gets no key\./);
	});

	it("accounts for every variable: each is imported or named in a note, and no note has a value", () => {
		const taken = new Set<string>(read.changes.map(({ variable }) => variable));
		for (const { variable } of read.keys) taken.add(variable);
		const notes = read.notes.join("\n");
		for (const [, name = ""] of ancestor.matchAll(/^(?:export )?([A-Z_]+)=/gm))
			assert.ok(
				taken.has(name) || new RegExp(`\\b${name}\\b`).test(notes),
				`${name} is neither taken nor named`,
			);
		assert.doesNotMatch(notes, /47\d\d|elsewhere|0\.0\.0\.0|8050/);
		assert.match(notes, /For the standalone server only: HOST, PORT, TRANSPORT\./);
		assert.match(notes, /DATABASE_HEALTH_CHECK_INTERVAL, .*DATABASE_RETRY_DELAY are not applicable/);
		assert.match(notes, /The password in DATABASE_URL is not imported\./);
		assert.match(notes, /Unknown: SOMETHING_ELSE\./);
		assert.match(notes, /OPENAI_BASE_URL is never used/);
		assert.match(notes, /OPENAI_API_KEY is not stored: no configured endpoint uses it/);
	});

	it("may name every variable of this program", () => {
		const names = variables.map(({ name }) => `${name}=x`).join("\n");
		assert.doesNotMatch(readEnvImport(names, {}, {}).notes.join(), /Unknown/);
	});
});

describe("An import of .env", () => {
	it("replaces the endpoints, and keeps settings it does not mention", () => {
		const before: Values = {
			LLM_PROVIDER: "ollama",
			LLM_CHOICE: "qwen3",
			EMBEDDING_BASE_URL: "http://other.example/v1",
			MEMORY_DIR: "/srv/memory",
			DEFAULT_USER_ID: "ada",
		};
		const read = readEnvImport("LLM_PROVIDER=openai\nLLM_CHOICE=gpt-4\n", before, {});
		assert.deepEqual(valuesAfter(read, before), {
			LLM_PROVIDER: "openai",
			LLM_CHOICE: "gpt-4",
			MEMORY_DIR: "/srv/memory",
			DEFAULT_USER_ID: "ada",
		});
		assert.deepEqual(readEnvImport("DEFAULT_USER_ID=bob\n", before, {}).changes, [
			{ variable: "DEFAULT_USER_ID", value: "bob" },
		]);
	});

	it("takes no endpoint and no key of a file whose URL cannot be read", () => {
		const before: Values = { LLM_PROVIDER: "ollama", LLM_CHOICE: "qwen3" };
		for (const line of ["LLM_BASE_URL: http://a.local/v1", "LLM_BASEURL=http://a.local/v1"]) {
			const text = `LLM_PROVIDER=openai\n${line}\nLLM_API_KEY=sk-1\nDEFAULT_USER_ID=bob\n`;
			const { changes, keys, notes } = readEnvImport(text, before, {});
			assert.deepEqual(changes, [{ variable: "DEFAULT_USER_ID", value: "bob" }]);
			assert.deepEqual(keys, []);
			assert.match(notes.join("\n"), /in line 2 of the file is not read.*\n.*not imported/);
		}
	});

	it("takes nothing of the environment into the file", () => {
		const text =
			"LLM_PROVIDER=openai\nLLM_CHOICE=m\nLLM_BASE_URL=http://a.local/v1\nLLM_API_KEY=${AWS_SECRET}\n";
		const { keys, notes } = readEnvImport(text, {}, { AWS_SECRET: "sk-aws" });
		assert.deepEqual(keys, []);
		assert.match(notes.join(), /LLM_API_KEY is not stored\. This is a placeholder/);
	});

	it("mends a key as it was pasted, and says so", () => {
		const { keys, notes } = readEnvImport("LLM_API_KEY=Bearer sk-1\n", {}, {});
		assert.deepEqual(keys[0]?.key, "sk-1");
		assert.match(notes.join(), /LLM_API_KEY is mended: .*Bearer/);
	});

	it("reads a key alone as one for OpenAI, as mcp-mem0 does", () => {
		const read = readEnvImport("LLM_API_KEY=sk-1\n", {}, {});
		assert.deepEqual(read.changes, [{ variable: "LLM_PROVIDER", value: "openai" }]);
		assert.equal(read.keys[0]?.origin, "https://api.openai.com");
	});

	const bound: readonly (readonly [what: string, text: string, keys: readonly string[]])[] = [
		[
			"OPENAI_API_KEY is for api.openai.com only",
			"LLM_PROVIDER=openai\nLLM_CHOICE=m\nLLM_BASE_URL=http://a.local/v1\nEMBEDDING_BASE_URL=default\nOPENAI_API_KEY=sk-o",
			["EMBEDDING_API_KEY https://api.openai.com sk-o"],
		],
		[
			"one key serves both roles at one host",
			"LLM_PROVIDER=openai\nLLM_CHOICE=m\nOPENAI_API_KEY=sk-o",
			["LLM_API_KEY https://api.openai.com sk-o"],
		],
		[
			"AZURE_OPENAI_API_KEY is for Azure",
			"LLM_PROVIDER=azure\nLLM_CHOICE=d\nAZURE_OPENAI_ENDPOINT=https://x.openai.azure.com\nAZURE_OPENAI_API_KEY=az",
			["LLM_API_KEY https://x.openai.azure.com az"],
		],
		[
			"each key goes to its own host",
			"LLM_PROVIDER=openai\nLLM_CHOICE=m\nLLM_BASE_URL=http://a.local/v1\nLLM_API_KEY=one\nEMBEDDING_BASE_URL=http://b.local/v1\nEMBEDDING_API_KEY=two",
			["LLM_API_KEY http://a.local one", "EMBEDDING_API_KEY http://b.local two"],
		],
		[
			"an empty key says that none is needed",
			"LLM_PROVIDER=ollama\nLLM_CHOICE=m\nLLM_API_KEY=",
			["LLM_API_KEY http://localhost:11434 "],
		],
		["a key is for no host while it cannot be told which", "LLM_PROVIDER=ollama\nLLM_API_KEY=sk-1", []],
		["what cannot be a key is none", "LLM_PROVIDER=openai\nLLM_CHOICE=m\nLLM_API_KEY='sk 1 ö'", []],
	];
	for (const [what, text, keys] of bound)
		it(what, () => {
			const read = readEnvImport(text, {}, {});
			assert.deepEqual(
				read.keys.map(({ variable, origin, key }) => `${variable} ${origin} ${key}`),
				keys,
			);
			if (keys.length === 0) assert.match(read.notes.join(), /LLM_API_KEY is not stored/);
		});
});
