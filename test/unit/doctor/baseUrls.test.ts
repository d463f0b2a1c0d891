import assert from "node:assert/strict";
import {
	defineSetups,
	envOf,
	examined,
	headerSecret,
	secret,
	type Workbench,
	withWorkbench,
} from "../../support/fixtures/brokenSetups.ts";
import { gateway } from "../../support/fixtures/gateway.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";
import type { Family, Fault } from "../../support/openaiServer/server.ts";

describe("The Endpoint Doctor, of paths and servers in trouble", () => {
	before(warmUp);

	/** A server under a path, and what is configured instead of it. */
	const pathSetup = (name: string, basePath: string, configured: string, fix: RegExp) => ({
		name,
		make: async (bench: Workbench) => {
			const { origin } = await bench.server({ basePath });
			return { env: envOf(`${origin}${configured}`) };
		},
		finds: { id: "chat.path", cause: /The API is at/ },
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
			finds: { id: "chat.path", seen: /Unexpected endpoint/, cause: /The API is at/ },
			fix: /\/v1$/,
		},
		{
			name: "Open WebUI, whose API is at /api and whose other paths are pages and lists of other things",
			make: async (bench) => {
				const { port: inner } = await bench.server({ basePath: "/api", contextLength: 32_768 });
				const port = await gateway(bench, inner, (_, path) => {
					if (/^\/api\/(models|chat|embeddings)/.test(path)) return undefined;
					if (path === "/api/v1/models") return { status: 200, headers: {}, body: '[{"id":"workspace"}]' };
					return { status: 200, headers: {}, body: "<!doctype html><html></html>" };
				});
				return { env: envOf(`http://127.0.0.1:${port}/v1`) };
			},
			finds: { id: "chat.path", cause: /The API is at http:\/\/127\.0\.0\.1:\d+\/api\.$/ },
			fix: /\/api$/,
		},
		{
			name: "a doubled /v1, which is read as one",
			make: async (bench) => ({ env: envOf(`${(await bench.server()).baseUrl}/v1`) }),
			finds: {
				id: "configuration.corrected-llm",
				status: "warning",
				seen: /^LLM_BASE_URL="http:.*\/v1\/v1" is read as/,
				cause: /doubled \/v1/,
			},
			fix: /Set LLM_BASE_URL to http:\/\/127\.0\.0\.1:\d+\/v1$/,
		},
		{
			name: "the URL of one request",
			make: async (bench) => ({ env: envOf(`${(await bench.server()).baseUrl}/chat/completions`) }),
			finds: { id: "configuration.corrected-llm", status: "warning", cause: /chat\/completions was dropped/ },
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
				id: "chat.path",
				seen: /redirects to http:\/\/127\.0\.0\.1:\d+\/v1/,
				cause: /do not follow redirects/,
			},
			fix: /\/v1$/,
		},
		faultSetup(
			"a web page with status 200",
			{ kind: "html" },
			"chat.path",
			/website, or to a proxy/,
			/Correct LLM_BASE_URL/,
		),
		faultSetup(
			"a model that is being loaded",
			{ kind: "loading" },
			"chat.chat",
			/still loading/,
			/Wait until it has loaded/,
			"llamacpp",
		),
		faultSetup("an account without credit", { kind: "credits" }, "chat.chat", /no credit/, /Add credit/),
		faultSetup(
			"a server that is asked too often",
			{ kind: "rateLimit" },
			"chat.chat",
			/how often/,
			/Wait a moment/,
		),
		faultSetup(
			"a server that fails",
			{ kind: "status", status: 502 },
			"chat.chat",
			/fails/,
			/See the server.s log/,
		),
		{
			name: "an error with status 200",
			make: async (bench) => {
				const server = await bench.server();
				server.fault({ kind: "errorIn200" }, { role: "chat" });
				return { env: envOf(server.baseUrl), mend: () => server.mend() };
			},
			finds: {
				id: "chat.chat",
				seen: /Provider returned error/,
				cause: /The server, or one behind it, fails/,
			},
			fix: /See the server.s log/,
		},
		{
			name: "an error that quotes the key and a header",
			make: async (bench) => {
				const server = await bench.server();
				const body = {
					error: { message: `Bad gateway: Authorization=Bearer ${secret}, X-Team=${headerSecret}` },
				};
				server.fault({ kind: "status", status: 502, body });
				return {
					env: envOf(server.baseUrl, { LLM_HEADERS: JSON.stringify({ "X-Team": headerSecret }) }),
					mend: () => server.mend(),
				};
			},
			finds: { id: "chat.chat", seen: /Bad gateway: Authorization=Bearer \(key\)/ },
			fix: /See the server.s log/,
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
			finds: { id: "chat.chat", seen: /“Model unloaded by the user”/ },
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
			assert.equal(report.findings.find(({ id }) => id === "chat.models")?.status, "skipped");
			assert.equal(report.findings.find(({ id }) => id === "chat.chat")?.status, "ok");
		}));
});
