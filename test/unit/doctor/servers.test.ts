import assert from "node:assert/strict";
import { enterKey } from "../../../src/doctor/fixes.ts";
import { toText } from "../../../src/doctor/output/text.ts";
import { worstOf } from "../../../src/doctor/report.ts";
import { defineSetups, envOf, examined, withWorkbench } from "../../support/fixtures/brokenSetups.ts";
import { scriptedServer, vectorsFor } from "../../support/fixtures/scriptedServer.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";

describe("The Endpoint Doctor, of several servers", () => {
	before(warmUp);

	it("names the hosts of a key like a person does", () => {
		assert.equal(
			enterKey("LLM_API_KEY", "http://gpu1,http://gpu2").label,
			"Enter the key for http://gpu1, http://gpu2",
		);
	});

	it("examines each, and names its host in each finding", () =>
		withWorkbench(async (bench) => {
			const servers = [await bench.server(), await bench.server()];
			const report = await examined(envOf(servers.map(({ baseUrl }) => baseUrl).join(", ")), {});
			assert.equal(worstOf(report.findings), "ok", toText(report));
			const ids = report.findings.map(({ id }) => id);
			assert.equal(new Set(ids).size, ids.length, "unique");
			for (const { port } of servers) {
				const key = report.findings.find(({ id }) => id === `chat.auth@127.0.0.1:${port}`);
				assert.ok(key?.title.endsWith(`(127.0.0.1:${port})`), toText(report));
				assert.ok(ids.includes(`embedding.vectors@127.0.0.1:${port}`));
			}
			assert.match(report.endpoints.chat?.url ?? "", /^http:.*, http:/);
			assert.match(toText(report), /All 2 servers can be used/);
		}));

	it("does not mind that a further server calls the same vectors by another name", async () => {
		const named = (model: string) =>
			scriptedServer((body) => (body.input ? vectorsFor(body, { model }) : [404, "not found"]));
		const servers = [await named("test-embed"), await named("text-embeddings")];
		const env = {
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_MODEL_CHOICE: "test-embed",
			EMBEDDING_BASE_URL: servers.map(({ baseUrl }) => baseUrl).join(", "),
		};
		const { findings } = await examined(env, {}, { roles: ["embedding"] });
		const found = findings.filter(({ id }) => id.startsWith("embedding.vectors@"));
		assert.deepEqual(
			found.map(({ status, seen }) => [status, seen.includes("text-embeddings")]),
			[
				["ok", false],
				["ok", false],
			],
		);
		for (const server of servers) server.close();
	});

	defineSetups([
		{
			name: "one that is not running, while another works",
			make: async (bench) => {
				const port = await bench.closedPort();
				const { baseUrl } = await bench.server();
				return {
					env: envOf(`${baseUrl}, http://127.0.0.1:${port}/v1`),
					mend: () => bench.server({ port }),
				};
			},
			finds: { id: /^chat\.tcp@/, status: "warning", seen: /Nothing listens/ },
			fix: /Start the server/,
		},
		{
			name: "one whose path is wrong, and mends that one",
			make: async (bench) => {
				const [good, bad] = [await bench.server(), await bench.server()];
				return { env: envOf(`${bad.origin}, ${good.baseUrl}`) };
			},
			finds: { id: /^chat\.path@/, status: "warning" },
			fix: /Set the base URL/,
		},
		{
			name: "all of them not running",
			make: async (bench) => {
				const ports = [await bench.closedPort(), await bench.closedPort()];
				return { env: envOf(ports.map((port) => `http://127.0.0.1:${port}/v1`).join(",")) };
			},
			finds: { id: "chat.servers", seen: /None of the 2 servers can be used/ },
			fix: "none",
		},
		{
			name: "one that makes other vectors than the first",
			make: async (bench) => {
				const first = await bench.server();
				const other = await bench.server({
					embeddingModels: ["other-weights"],
					answersAs: "test-embed",
					family: "llamacpp",
				});
				return { env: envOf([first.baseUrl, other.baseUrl].join()) };
			},
			finds: {
				id: "embedding.servers",
				status: "warning",
				seen: /2 of 2 servers can be used, but not all make the same vectors/,
				cause: /cosine of/,
			},
			fix: "none",
		},
	]);
});
