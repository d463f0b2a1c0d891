import { defineSetups, envOf, secret, type Workbench } from "../../support/fixtures/brokenSetups.ts";
import { gateway } from "../../support/fixtures/gateway.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";
import type { Family } from "../../support/openaiServer/server.ts";

const key = { apiKey: secret };
const wrong = (baseUrl: string) => envOf(baseUrl, { LLM_API_KEY: "sk-or-not-of-this-server" });

/** A server that wants a key, asked without one or with a wrong one. */
const keySetup = (name: string, family: Family, given: string | undefined, seen: RegExp, cause: RegExp) => ({
	name,
	make: async (bench: Workbench) => {
		const { baseUrl } = await bench.server({ ...key, family, contextLength: 32_768 });
		return { env: envOf(baseUrl, { LLM_API_KEY: given }) };
	},
	finds: { id: "chat.auth", seen, cause },
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
		{
			name: "the placeholder of an example",
			make: async (bench) => ({
				env: envOf((await bench.server({ apiKey: secret })).baseUrl, { LLM_API_KEY: "your_api_key_here" }),
			}),
			finds: { id: "configuration.LLM_API_KEY", seen: /is a placeholder/ },
			fix: /Enter the key again/,
		},
		{
			name: "a refusal in plain text",
			make: async (bench) => {
				const server = await bench.server();
				server.fault({ kind: "unauthorizedText" });
				return { env: envOf(server.baseUrl), mend: () => server.mend() };
			},
			finds: { id: "chat.auth", seen: /“Unauthorized”/ },
			fix: /Enter the key/,
		},
		{
			name: "a key of another service",
			make: async (bench) => ({ env: wrong((await bench.server(key)).baseUrl) }),
			finds: { id: "chat.auth", cause: /key of OpenRouter/ },
			fix: /Enter the key/,
		},
		{
			name: "OPENAI_API_KEY, which is for api.openai.com only",
			make: async (bench) => ({
				env: envOf((await bench.server(key)).baseUrl, { LLM_API_KEY: undefined }),
				ambient: { OPENAI_API_KEY: secret },
			}),
			finds: {
				id: "chat.auth",
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
				id: "chat.auth",
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
			finds: { id: "chat.auth", seen: /wants a user name and a password/, cause: /proxy or gateway/ },
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
			finds: { id: "chat.auth", seen: /Access denied/, cause: /another Azure resource/ },
			fix: /Enter the key/,
		},
	]);
});
