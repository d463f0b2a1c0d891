import assert from "node:assert/strict";
import { createServer } from "node:http";
import {
	defineSetups,
	envOf,
	examined,
	secret,
	type Workbench,
	withWorkbench,
} from "../support/brokenSetups.ts";
import type { Family, Fault } from "../support/openaiServer.ts";
import { warmUp } from "../support/warmUp.ts";

const key = { apiKey: secret };
const wrong = (baseUrl: string) => envOf(baseUrl, { LLM_API_KEY: "sk-or-not-of-this-server" });

/** A server that wants a key, asked without one or with a wrong one. */
const keySetup = (name: string, family: Family, given: string | undefined, seen: RegExp, cause: RegExp) => ({
	name,
	make: async (bench: Workbench) => {
		const { baseUrl } = await bench.server({ ...key, family, contextLength: 32_768 });
		return { env: envOf(baseUrl, { LLM_API_KEY: given }) };
	},
	finds: { id: "llm.auth", seen, cause },
	fix: /Enter the key/,
});

describe("The Endpoint Doctor, of keys", () => {
	before(warmUp);

	defineSetups([
		keySetup(
			"a missing key",
			"openai",
			undefined,
			/wants an API key.*didn't provide an API key/,
			/No key is set/,
		),
		keySetup(
			"a key that is refused",
			"openai",
			"sk-mistyped-key",
			/refused.*Incorrect API key provided/,
			/mistyped/,
		),
		keySetup("vLLM's refusal, a string", "vllm", "wrong-key", /refused.*“Unauthorized”/, /mistyped/),
		keySetup(
			"LocalAI's refusal, which says nothing",
			"localai",
			"wrong-key",
			/refused the API key \(HTTP 401\)\.$/,
			/mistyped/,
		),
		keySetup(
			"llama.cpp's refusal, though its list of models is open",
			"llamacpp",
			"wrong-key",
			/Invalid API Key/,
			/mistyped/,
		),
		keySetup(
			"a key that LiteLLM cannot have made",
			"litellm",
			"mistyped-key",
			/LiteLLM Virtual Key expected/,
			/start with sk-/,
		),
		keySetup(
			"a key pasted with its quotation marks",
			"openai",
			`"${secret.slice(0, 12)}"`,
			/refused/,
			/quotation mark/,
		),
		keySetup("the placeholder of an example", "openai", "your_api_key_here", /refused/, /placeholder/),
		{
			name: "a refusal in plain text",
			make: async (bench) => {
				const server = await bench.server();
				server.fault({ kind: "unauthorizedText" });
				return { env: envOf(server.baseUrl), mend: () => server.mend() };
			},
			finds: { id: "llm.auth", seen: /“Unauthorized”/ },
			fix: /Enter the key/,
		},
		{
			name: "a key of another service",
			make: async (bench) => ({ env: wrong((await bench.server(key)).baseUrl) }),
			finds: { id: "llm.auth", cause: /key of OpenRouter/ },
			fix: /Enter the key/,
		},
		{
			name: "OPENAI_API_KEY, which is for api.openai.com only",
			make: async (bench) => ({
				env: envOf((await bench.server(key)).baseUrl, { LLM_API_KEY: undefined }),
				ambient: { OPENAI_API_KEY: secret },
			}),
			finds: {
				id: "llm.auth",
				cause: /OPENAI_API_KEY is set in the environment, but is sent to api\.openai\.com only/,
			},
			fix: /Enter the key/,
		},
		{
			name: "a server that takes the key in another header",
			make: async (bench) => {
				const inner = await bench.server();
				const port = await gateway(bench, inner.port, (headers) =>
					headers["x-api-key"] === secret
						? undefined
						: { status: 401, headers: {}, body: '{"error":"no key"}' },
				);
				return { env: envOf(`http://127.0.0.1:${port}/v1`) };
			},
			finds: {
				id: "llm.auth",
				cause: /takes the key in the header “x-api-key”, not in “Authorization: Bearer”/,
			},
			fix: "none",
		},
		{
			name: "a proxy that wants its own sign-in",
			make: async (bench) => {
				const port = await gateway(bench, (await bench.server()).port, () => ({
					status: 401,
					headers: { "WWW-Authenticate": 'Basic realm="proxy"' },
					body: "",
				}));
				return { env: envOf(`http://127.0.0.1:${port}/v1`) };
			},
			finds: { id: "llm.auth", seen: /wants a user name and a password/, cause: /proxy or gateway/ },
			fix: "none",
		},
		{
			name: "Azure's refusal of a key",
			make: async (bench) => {
				const { origin } = await bench.server({ ...key, family: "azure" });
				return {
					env: {
						LLM_PROVIDER: "azure",
						AZURE_OPENAI_ENDPOINT: origin,
						LLM_API_KEY: "another-resource",
						AZURE_OPENAI_DEPLOYMENT_NAME: "test-chat",
						EMBEDDING_MODEL_CHOICE: "test-embed",
					},
				};
			},
			finds: { id: "llm.auth", seen: /Access denied/, cause: /another Azure resource/ },
			fix: /Enter the key/,
		},
	]);
});

describe("The Endpoint Doctor, of paths and servers in trouble", () => {
	before(warmUp);

	/** A server under a path, and what is configured instead of it. */
	const pathSetup = (name: string, basePath: string, configured: string, fix: RegExp) => ({
		name,
		make: async (bench: Workbench) => {
			const { origin } = await bench.server({ basePath });
			return { env: envOf(`${origin}${configured}`) };
		},
		finds: { id: "llm.path", cause: /The API is at/ },
		fix,
	});
	/** The family's own words in place of an answer. */
	const faultSetup = (
		name: string,
		fault: Fault,
		id: string,
		cause: RegExp,
		fix: RegExp | "none",
		family: Family = "openai",
	) => ({
		name,
		make: async (bench: Workbench) => {
			const server = await bench.server({ family, contextLength: 32_768 });
			server.fault(fault);
			return { env: envOf(server.baseUrl), mend: () => server.mend() };
		},
		finds: { id, cause },
		fix,
	});

	defineSetups([
		pathSetup("a missing /v1", "/v1", "", /to http:\/\/127\.0\.0\.1:\d+\/v1$/),
		pathSetup("a /v1 too many", "/openai", "/openai/v1", /\/openai$/),
		pathSetup("another path than the server's", "/api/v1", "/v1", /\/api\/v1$/),
		pathSetup("a proxy's path without its end", "/openai/v1", "/openai", /\/openai\/v1$/),
		{
			name: "LM Studio's answer to a wrong path, an error with status 200",
			make: async (bench) => ({
				env: envOf((await bench.server({ family: "lmstudio", contextLength: 32_768 })).origin),
			}),
			finds: { id: "llm.path", seen: /Unexpected endpoint/, cause: /The API is at/ },
			fix: /\/v1$/,
		},
		{
			name: "a doubled /v1, which is read as one",
			make: async (bench) => ({ env: envOf(`${(await bench.server()).baseUrl}/v1`) }),
			finds: { id: "configuration.mended-llm", status: "warning", seen: /is read as/, cause: /doubled \/v1/ },
			fix: /Set LLM_BASE_URL to http:\/\/127\.0\.0\.1:\d+\/v1$/,
		},
		{
			name: "the URL of one request",
			make: async (bench) => ({ env: envOf(`${(await bench.server()).baseUrl}/chat/completions`) }),
			finds: { id: "configuration.mended-llm", status: "warning", cause: /chat\/completions was dropped/ },
			fix: /Set LLM_BASE_URL to/,
		},
		{
			name: "a redirect",
			make: async (bench) => {
				const inner = await bench.server();
				const port = await gateway(bench, inner.port, (_, path) =>
					path.startsWith("/old/")
						? { status: 301, headers: { Location: path.replace("/old/", "/v1/") }, body: "" }
						: undefined,
				);
				return { env: envOf(`http://127.0.0.1:${port}/old`) };
			},
			finds: {
				id: "llm.path",
				seen: /redirects to http:\/\/127\.0\.0\.1:\d+\/v1/,
				cause: /follow no redirects/,
			},
			fix: /\/v1$/,
		},
		faultSetup(
			"a web page with status 200",
			{ kind: "html" },
			"llm.path",
			/website, or to a proxy/,
			/Correct LLM_BASE_URL/,
		),
		faultSetup(
			"a model that is being loaded",
			{ kind: "loading" },
			"llm.models",
			/still loading/,
			/Wait until it has loaded/,
			"llamacpp",
		),
		faultSetup("an account without credit", { kind: "credits" }, "llm.models", /no credit/, /Add credit/),
		faultSetup(
			"a server that is asked too often",
			{ kind: "rateLimit" },
			"llm.models",
			/how often/,
			/Wait a moment/,
		),
		faultSetup("a server that fails", { kind: "status", status: 502 }, "llm.models", /fails/, /own log/),
		{
			name: "an error with status 200",
			make: async (bench) => {
				const server = await bench.server();
				server.fault({ kind: "errorIn200" }, { role: "chat" });
				return { env: envOf(server.baseUrl), mend: () => server.mend() };
			},
			finds: {
				id: "llm.chat",
				seen: /Provider returned error/,
				cause: /The server, or what it stands before, fails/,
			},
			fix: /own log/,
		},
		{
			name: "an error that is a string",
			make: async (bench) => {
				const server = await bench.server({ family: "lmstudio", contextLength: 32_768 });
				server.fault(
					{ kind: "status", status: 400, body: { error: "Model unloaded by the user" } },
					{ role: "chat" },
				);
				return { env: envOf(server.baseUrl), mend: () => server.mend() };
			},
			finds: { id: "llm.chat", seen: /“Model unloaded by the user”/ },
			fix: /Choose another model/,
		},
	]);

	it("does not take an unknown list of models for a broken path", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server();
			server.fault({ kind: "status", status: 404, body: { detail: "Not Found" } });
			// Only the list is missing.
			const port = await gateway(bench, server.port, (_, path) =>
				path.endsWith("/models") ? { status: 404, headers: {}, body: '{"detail":"Not Found"}' } : undefined,
			);
			server.mend();
			const report = await examined(envOf(`http://127.0.0.1:${port}/v1`), {});
			assert.deepEqual(
				report.findings.filter(({ status }) => status === "failed"),
				[],
			);
			assert.equal(report.findings.find(({ id }) => id === "llm.models")?.status, "skipped");
			assert.equal(report.findings.find(({ id }) => id === "llm.chat")?.status, "ok");
		}));
});

interface Refusal {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** A gateway before a server, which answers some requests itself. */
async function gateway(
	bench: Workbench,
	inner: number,
	refuse: (headers: Readonly<Record<string, unknown>>, path: string) => Refusal | undefined,
): Promise<number> {
	const server = createServer(async (request, response) => {
		const own = refuse(request.headers, request.url ?? "/");
		let body = "";
		for await (const chunk of request) body += chunk;
		if (own) {
			response.writeHead(own.status, own.headers).end(own.body);
			return;
		}
		const answer = await fetch(`http://127.0.0.1:${inner}${request.url}`, {
			method: request.method ?? "GET",
			headers: { "content-type": "application/json" },
			body: request.method === "POST" ? body : null,
		});
		response
			.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" })
			.end(await answer.text());
	});
	return bench.raw((socket) => server.emit("connection", socket));
}
