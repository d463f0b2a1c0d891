import assert from "node:assert/strict";
import { readConfig } from "../../../src/config/config.ts";
import { type EndpointRole, httpOnly } from "../../../src/config/endpoints.ts";
import type { EndpointErrorKind } from "../../../src/endpoints/endpointError.ts";
import {
	errorOfAnswer,
	errorOfBody,
	errorOfConnection,
} from "../../../src/endpoints/openai/errorOfAnswer.ts";
import { requestUrl } from "../../../src/endpoints/openai/urls.ts";

const url = "http://models.local:8009/v1";
const endpoint = {
	provider: "openai",
	baseUrl: url,
	model: "qwen9",
	apiKey: "team-key-4711",
	headers: { "X-Token": "header-0815" },
} as const;
const context = (role: EndpointRole, more: object = {}) => ({
	endpoint: { ...endpoint, ...more },
	role,
	url: `${url}/${role === "chat" ? "chat/completions" : "embeddings"}`,
});
const openai = (message: string, more: object = {}) =>
	JSON.stringify({ error: { message, type: "invalid_request_error", ...more } });

/** What a user has set, and the error of a server that is not there, or that knows no such path. */
const settings: readonly (readonly [name: string, env: Readonly<Record<string, string>>, says: RegExp])[] = [
	[
		"the URL as it was written, and what it was read as",
		{ LLM_PROVIDER: "openai", LLM_BASE_URL: "http:/127.0.0.1:1", LLM_CHOICE: "m" },
		/at http:\/\/127\.0\.0\.1:1\/chat\/completions \(LLM_BASE_URL=http:\/127\.0\.0\.1:1\) .*correct LLM_BASE_URL\./,
	],
	[
		"a URL that was read as it is once",
		{ LLM_PROVIDER: "openai", LLM_BASE_URL: "http://127.0.0.1:1/v1/", LLM_CHOICE: "m" },
		/at http:\/\/127\.0\.0\.1:1\/v1\/chat\/completions cannot be reached/,
	],
	[
		"no variable that the user has not set",
		{ LLM_PROVIDER: "ollama", LLM_CHOICE: "m" },
		/Start the server, for example Ollama: ollama serve, or set LLM_BASE_URL\./,
	],
	[
		"Azure's variable",
		{
			LLM_PROVIDER: "azure",
			AZURE_OPENAI_ENDPOINT: "http://127.0.0.1:1",
			AZURE_OPENAI_DEPLOYMENT_NAME: "m",
			LLM_API_KEY: "k",
		},
		/correct AZURE_OPENAI_ENDPOINT\./,
	],
];

describe("An error of a configured endpoint names", () => {
	const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
	for (const [name, env, says] of settings)
		it(name, () => {
			const llm = httpOnly(readConfig(env).config.llm);
			assert.ok(llm);
			const { message } = errorOfConnection(
				{ endpoint: llm, role: "chat", url: requestUrl(llm, "chat") },
				refused,
			);
			assert.match(message, says);
		});

	it("the variable of the embeddings' URL, which may be the language model's", () => {
		const embedding = (env: Readonly<Record<string, string>>) => {
			const { config } = readConfig({ LLM_PROVIDER: "openai", LLM_CHOICE: "m", ...env });
			assert.ok(config.embedding);
			return errorOfConnection(
				{ endpoint: config.embedding, role: "embedding", url: requestUrl(config.embedding, "embedding") },
				refused,
			).message;
		};
		const [llm, own] = ["http://127.0.0.1:1/v1", "127.0.0.1:2/v1"];
		assert.match(embedding({ LLM_BASE_URL: llm }), /correct LLM_BASE_URL\.$/);
		assert.match(
			embedding({ LLM_BASE_URL: llm, EMBEDDING_BASE_URL: own }),
			/\(EMBEDDING_BASE_URL=127\.0\.0\.1:2\/v1\).*correct EMBEDDING_BASE_URL\.$/,
		);
		assert.match(
			embedding({ LLM_BASE_URL: llm, EMBEDDING_BASE_URL: "default" }),
			/or set EMBEDDING_BASE_URL\.$/,
		);
	});

	it("nothing of a query, which may hold a key", () => {
		const { config } = readConfig({
			LLM_PROVIDER: "openai",
			LLM_BASE_URL: "http://127.0.0.1:1/v1/v1?key=secret-4711",
			LLM_CHOICE: "m",
		});
		const llm = httpOnly(config.llm);
		assert.ok(llm);
		const { message } = errorOfConnection(
			{ endpoint: llm, role: "chat", url: requestUrl(llm, "chat") },
			refused,
		);
		assert.match(message, /LLM_BASE_URL=http:\/\/127\.0\.0\.1:1\/v1\/v1\?…/);
		assert.doesNotMatch(message, /4711/);
	});
});

interface Row {
	readonly role?: EndpointRole;
	readonly status: number;
	readonly body: string;
	readonly kind: EndpointErrorKind;
	readonly says?: RegExp;
	readonly limit?: number;
	readonly parameter?: string;
}

const table: Readonly<Record<string, Row>> = {
	"OpenAI: a wrong key": {
		status: 401,
		body: openai("Incorrect API key provided: team-key-4711.", { code: "invalid_api_key" }),
		kind: "unauthorized",
		says: /refused the API key \(HTTP 401\).*“Incorrect API key provided: \(key\)”.*Check LLM_API_KEY/,
	},
	"OpenAI: no such model": {
		status: 404,
		body: openai("The model `qwen9` does not exist or you do not have access to it.", {
			code: "model_not_found",
		}),
		kind: "model-not-found",
		says: /has no model "qwen9".*Check LLM_CHOICE.*\/v1\/models/,
	},
	"OpenAI: asked too often": {
		status: 429,
		body: openai("Rate limit reached for gpt-4"),
		kind: "rate-limited",
	},
	"OpenAI: no quota": {
		status: 429,
		body: openai("You exceeded your current quota, please check your plan", { code: "insufficient_quota" }),
		kind: "payment",
	},
	"OpenAI: max_tokens": {
		status: 400,
		body: openai(
			"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
		),
		kind: "unsupported",
		parameter: "max_tokens",
	},
	"OpenAI: temperature": {
		status: 400,
		body: openai(
			"Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
		),
		kind: "unsupported",
		parameter: "temperature",
	},
	"OpenAI: context length": {
		status: 400,
		body: openai(
			"This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
			{ code: "context_length_exceeded" },
		),
		kind: "too-large",
		limit: 8192,
	},
	"vLLM: no such model, in its flat shape": {
		status: 404,
		body: '{"object":"error","message":"The model `qwen9` does not exist.","type":"NotFoundError","param":null,"code":404}',
		kind: "model-not-found",
	},
	"vLLM: no key": { status: 401, body: '{"error":"Unauthorized"}', kind: "unauthorized" },
	"vLLM: dimensions": {
		role: "embedding",
		status: 400,
		body: '{"object":"error","message":"Model \\"bge\\" does not support matryoshka representation, changing output dimensions will lead to poor results.","code":400}',
		kind: "unsupported",
		parameter: "dimensions",
	},
	"LM Studio: JSON mode": {
		status: 400,
		body: `{"error":"'response_format.type' must be 'json_schema' or 'text'"}`,
		kind: "unsupported",
		parameter: "response_format",
	},
	"LM Studio: a wrong path, with status 200": {
		status: 200,
		body: '{"error":"Unexpected endpoint or method. (POST /chat/completions)"}',
		kind: "not-found",
		says: /does not know this path.*Unexpected endpoint.*LLM_BASE_URL.*\/v1/,
	},
	"Ollama: no such model": {
		status: 404,
		body: '{"error":{"message":"model \\"qwen9\\" not found, try pulling it first","type":"api_error"}}',
		kind: "model-not-found",
		says: /ollama pull qwen9/,
	},
	"llama.cpp: no embeddings": {
		role: "embedding",
		status: 501,
		body: '{"error":{"code":501,"message":"This server does not support embeddings. Start it with `--embeddings`","type":"not_supported_error"}}',
		kind: "rejected",
		says: /--embeddings/,
	},
	"llama.cpp: loading": {
		status: 503,
		body: '{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}',
		kind: "loading",
	},
	"llama.cpp: an input too long, as a 500": {
		role: "embedding",
		status: 500,
		body: '{"error":{"code":500,"message":"input is too large to process. increase the physical batch size","type":"server_error"}}',
		kind: "too-large",
	},
	"LiteLLM: dimensions": {
		role: "embedding",
		status: 400,
		body: '{"error":{"message":"litellm.UnsupportedParamsError: Setting dimensions is not supported for OpenAI `text-embedding-3` models","type":"None","param":"None","code":"400"}}',
		kind: "unsupported",
		parameter: "dimensions",
	},
	"LiteLLM: an unknown key": {
		status: 401,
		body: '{"error":{"message":"Authentication Error, Invalid proxy server token passed","type":"token_not_found_in_db","code":"401"}}',
		kind: "unauthorized",
	},
	"text-embeddings-inference: too many texts": {
		role: "embedding",
		status: 422,
		body: '{"message":"batch size 64 > maximum allowed batch size 32","code":422,"type":"Validation"}',
		kind: "batch-too-large",
		limit: 32,
	},
	"text-embeddings-inference: overloaded": {
		role: "embedding",
		status: 429,
		body: '{"message":"Model is overloaded","code":429,"type":"Overloaded"}',
		kind: "rate-limited",
	},
	"text-embeddings-inference: its backend": {
		role: "embedding",
		status: 424,
		body: '{"message":"inference error","code":424,"type":"Backend"}',
		kind: "server-error",
	},
	"Azure: no such deployment": {
		status: 404,
		body: '{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}',
		kind: "model-not-found",
	},
	"OpenRouter: a failure behind 200": {
		status: 200,
		body: '{"error":{"message":"Provider returned error","code":502}}',
		kind: "server-error",
	},
	"OpenRouter: no credits": {
		status: 402,
		body: '{"error":{"message":"Insufficient credits","code":402}}',
		kind: "payment",
	},
	"LocalAI: 401 without a word": { status: 401, body: "", kind: "unauthorized" },
	"nginx: 404": {
		status: 404,
		body: "<html><head><title>404 Not Found</title></head></html>",
		kind: "not-found",
		says: /“404 Not Found”/,
	},
	"nginx: 502": {
		status: 502,
		body: "<html><head><title>502 Bad Gateway</title></head></html>",
		kind: "server-error",
	},
	"anything else": {
		status: 400,
		body: openai("Something is odd"),
		kind: "rejected",
		says: /“Something is odd”/,
	},
};

describe("An error of a model server", () => {
	for (const [name, { role = "chat", status, body, kind, says, limit, parameter }] of Object.entries(table)) {
		it(`is understood: ${name}`, () => {
			const error = errorOfAnswer(context(role), status, () => null, body);
			assert.equal(error.kind, kind, error.message);
			assert.match(
				error.message,
				new RegExp(role === "chat" ? "^The language model at http" : "^The embedding model at http"),
			);
			assert.ok(error.message.includes(context(role).url), error.message);
			if (says) assert.match(error.message, says);
			if (limit !== undefined) assert.equal(error.limit, limit);
			assert.equal(error.parameter, parameter);
			assert.doesNotMatch(error.message, /4711|0815/);
		});
	}

	it("says how long to wait, in seconds or until a date", () => {
		const wait = (header: string) =>
			errorOfAnswer(context("chat"), 429, (name) => (name === "retry-after" ? header : null), "").retryAfter;
		assert.equal(wait("7"), 7000);
		const date = wait(new Date(Date.now() + 60_000).toUTCString()) ?? 0;
		assert.ok(date > 57_000 && date <= 60_000, String(date));
		assert.equal(wait("soon"), undefined);
	});

	it("is only tried again where that may help", () => {
		const transient = (status: number) => errorOfAnswer(context("chat"), status, () => null, "").transient;
		assert.deepEqual(
			[400, 401, 402, 403, 404, 408, 409, 422, 429, 500, 501, 502, 503, 504].filter(transient),
			[408, 429, 500, 502, 503, 504],
		);
	});

	it("is a web page where an answer should be", () => {
		const error = errorOfBody(context("chat"), "<!DOCTYPE html><title>Sign in</title>");
		assert.equal(error.kind, "no-api");
		assert.match(error.message, /answered with a web page.*“Sign in”.*LLM_BASE_URL/);
	});
});

describe("A connection that fails", () => {
	const failed = (
		code: string,
		wrap = (cause: object): unknown => Object.assign(new TypeError("fetch failed"), { cause }),
	) => errorOfConnection(context("chat"), wrap(Object.assign(new Error(code), { code })));
	const table: readonly (readonly [code: string, kind: EndpointErrorKind, says: RegExp])[] = [
		["ENOTFOUND", "unreachable", /no host is called models\.local/],
		["EAI_AGAIN", "unreachable", /no host is called models\.local/],
		["ECONNREFUSED", "unreachable", /nothing listens at models\.local:8009.*Start the server/],
		["ETIMEDOUT", "unreachable", /models\.local:8009 does not answer/],
		["DEPTH_ZERO_SELF_SIGNED_CERT", "unreachable", /DEPTH_ZERO_SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/],
		["CERT_HAS_EXPIRED", "unreachable", /CERT_HAS_EXPIRED/],
		["ERR_SSL_WRONG_VERSION_NUMBER", "unreachable", /Use http:\/\/ in LLM_BASE_URL/],
		["ECONNRESET", "connection-lost", /broke off the connection \(ECONNRESET\)/],
		["UND_ERR_SOCKET", "connection-lost", /broke off the connection/],
	];
	for (const [code, kind, says] of table) {
		it(`is understood: ${code}`, () => {
			const error = failed(code);
			assert.equal(error.kind, kind);
			assert.match(error.message, says);
		});
	}

	it("is understood in an AggregateError, as of a name with two addresses", () => {
		const error = failed("ECONNREFUSED", (cause) =>
			Object.assign(new TypeError("fetch failed"), { cause: new AggregateError([cause]) }),
		);
		assert.equal(error.kind, "unreachable");
	});
});
