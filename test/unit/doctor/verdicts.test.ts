import assert from "node:assert/strict";
import { readConfig } from "../../../src/config/config.ts";
import { type HttpEndpoint, httpOnly } from "../../../src/config/endpoints.ts";
import { checkHealth } from "../../../src/doctor/health/healthCheck.ts";
import { toText } from "../../../src/doctor/output/text.ts";
import type { FindingStatus } from "../../../src/doctor/report.ts";
import { envOf, examined, withWorkbench } from "../../support/fixtures/brokenSetups.ts";
import { endpointFixture } from "../../support/fixtures/endpointFixture.ts";
import { gateway, type Refusal } from "../../support/fixtures/gateway.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import { distil } from "../../support/openaiServer/distil.ts";

const json = { "content-type": "application/json", "retry-after": "0" };
const answer = (status: number, body: string, headers: Readonly<Record<string, string>> = json) => ({
	status,
	headers,
	body,
});
const error = (status: number, message: string) => answer(status, JSON.stringify({ error: { message } }));
const page = "<!doctype html><html><head><title>Sign in</title></head></html>";

/** What a server, or something in front of it, may answer instead of the API. */
const answers: Readonly<Record<string, Refusal | "hang">> = {
	"401": error(401, "Incorrect API key provided."),
	"401 in plain text": answer(401, "Unauthorized"),
	"403, missing scopes": error(403, "You have insufficient permissions. Missing scopes: api.model.read."),
	"404": answer(404, '{"detail":"Not Found"}'),
	"404 in plain text": answer(404, "404 page not found"),
	"405": answer(405, '{"detail":"Method Not Allowed"}'),
	"429": error(429, "Rate limit reached."),
	"500": error(500, "The server had an error."),
	"503 of a gateway": answer(503, `${page}`, { "content-type": "text/html", "retry-after": "0" }),
	"a web page": answer(200, page, { "content-type": "text/html" }),
	"a redirect to a sign-in": answer(302, "", { location: "https://login.example.com/" }),
	nothing: answer(200, ""),
	"an empty object": answer(200, "{}"),
	"no answer in time": "hang",
};

const roles = {
	chat: { path: "/chat/completions", check: "chat.chat" },
	embedding: { path: "/embeddings", check: "embedding.vectors" },
} as const;
const scopes = { everywhere: "", "for the list of models": "/models", "for the model": "model" } as const;

describe("A verdict of the Endpoint Doctor", () => {
	const memory = endpointFixture();
	const text = "Ada moved to Lisbon.";

	for (const role of ["chat", "embedding"] as const) {
		const { path, check } = roles[role];
		/** The other role is on a sound server, or there is none. */
		const envFor = (url: string, sound: string) => ({
			...(role === "chat" ? { LLM_PROVIDER: "openai", LLM_BASE_URL: url, LLM_API_KEY: "k-4711" } : {}),
			LLM_CHOICE: role === "chat" ? "test-chat" : "",
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_BASE_URL: role === "chat" ? sound : url,
			EMBEDDING_API_KEY: "k-0815",
			EMBEDDING_MODEL_CHOICE: "test-embed",
			MCP_TIMEOUT: "1",
		});

		for (const [name, given] of Object.entries(answers))
			for (const [where, part] of Object.entries(scopes))
				it(`agrees with the memory: ${name} ${where}, ${role}`, () =>
					withWorkbench(async (bench) => {
						const inner = await bench.server({ contextLength: 32_768 });
						const spoiled = part === "model" ? path : part;
						const port = await gateway(bench, inner.port, (_, url) =>
							url.includes(spoiled) ? given : undefined,
						);
						const env = envFor(`http://127.0.0.1:${port}/v1`, inner.baseUrl);
						const report = await examined(env, {}, { deadline: 1500, roles: [role] });
						const service = await memory.open(env);
						const { mode, pending } = await service.save({ text });
						const works =
							role === "chat" ? mode === "distilled" && pending.length === 0 : pending.length === 0;
						const shown = toText(report);
						const status = (id: string): FindingStatus | undefined =>
							report.findings.find((finding) => finding.id === id)?.status;
						assert.equal(works, part === "/models", shown);
						assert.equal(status(check) === "ok", works, shown);
						assert.equal(
							report.findings.some((each) => each.status === "failed"),
							!works,
							shown,
						);
						const [key, api] = [status(`${role}.auth`), status(`${role}.path`)];
						// Where the list is there and the model is not, the list shows that the path is right.
						assert.equal(api === "ok", part !== "", shown);
						assert.equal(key === "ok", works, shown);
						assert.equal(key === "failed", !works && /^40[13]/.test(name), shown);
					}));
	}

	it("waits for a model that is being loaded, or warns: it does not fail what a save waits for", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server({
				chat: async (request) => {
					await pause(900);
					return distil(request);
				},
			});
			const report = await examined(envOf(server.baseUrl), {}, { deadline: 700, roles: ["chat"] });
			const { status, cause } = report.findings.find(({ id }) => id === "chat.chat") ?? {};
			assert.equal(status, "warning", toText(report));
			assert.match(cause ?? "", /Saves wait longer/);
			const service = await memory.openOn(server);
			assert.equal((await service.save({ text })).mode, "distilled");
		}));

	const noList = error(403, "You have insufficient permissions. Missing scopes: api.model.read.");

	it("needs no tokens to see that a restricted key works, nor does a health check", () =>
		withWorkbench(async (bench) => {
			const inner = await bench.server();
			const port = await gateway(bench, inner.port, (_, url) =>
				url.endsWith("/models") ? noList : undefined,
			);
			const env = envOf(`http://127.0.0.1:${port}/v1`);
			const report = await examined(env, {}, { depth: "connection" });
			assert.deepEqual(
				report.findings.filter(({ status }) => status !== "ok").map(({ id, status }) => `${id} ${status}`),
				["chat.models skipped", "embedding.models skipped"],
			);
			const llm = httpOnly(readConfig(env).config.llm) as HttpEndpoint;
			const health = await checkHealth("chat", llm, 5000, new AbortController().signal);
			assert.equal(health.problem, undefined);
			assert.ok(inner.requests.length > 0);
			for (const { body } of inner.requests) assert.deepEqual(body ?? {}, {});
		}));

	for (const [name, given] of Object.entries({ "500": answers["500"], "a web page": answers["a web page"] }))
		it(`fails a connection where every request gets ${name}`, () =>
			withWorkbench(async (bench) => {
				const port = await gateway(bench, 1, () => given);
				const report = await examined(envOf(`http://127.0.0.1:${port}/v1`), {}, { depth: "connection" });
				assert.ok(report.findings.some(({ status }) => status === "failed"));
				for (const id of ["chat.path", "chat.auth", "chat.models"])
					assert.notEqual(report.findings.find((finding) => finding.id === id)?.status, "ok", id);
			}));

	it("lets lists of models say what they like, as long as the model answers", () =>
		withWorkbench(async (bench) => {
			const inner = await bench.server({ contextLength: 32_768 });
			const lists = [
				{ object: "list", data: [] },
				{ object: "list", data: null },
				{ data: [{ id: "models/test-chat", object: "model" }] },
				[{ id: "test-chat" }, { name: "without an id" }],
				{ models: [{ name: "models/test-chat", displayName: "Test" }] },
			];
			for (const list of lists) {
				const port = await gateway(bench, inner.port, (_, url) =>
					url.endsWith("/models") ? answer(200, JSON.stringify(list)) : undefined,
				);
				const report = await examined(envOf(`http://127.0.0.1:${port}/v1`), {});
				const bad = report.findings.filter(({ status }) => status === "failed" || status === "warning");
				assert.deepEqual(bad, [], JSON.stringify(list));
			}
		}));
});
