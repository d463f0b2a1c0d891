import assert from "node:assert/strict";
import { readConfig } from "../../../src/config/config.ts";
import type { HttpEndpoint } from "../../../src/config/endpoints.ts";
import { checkHealth } from "../../../src/doctor/health/healthCheck.ts";
import { EndpointHealth } from "../../../src/endpoints/endpointHealth.ts";
import { tools } from "../../../src/mcp/tools/index.ts";
import { envOf, secret, withWorkbench } from "../../support/fixtures/brokenSetups.ts";
import { endpointFixture, settled } from "../../support/fixtures/endpointFixture.ts";

const host = "gpu1:8000";

describe("The traffic of an endpoint", () => {
	it("is that of the last hour", () => {
		let now = 1_000_000_000;
		const health = new EndpointHealth(() => now);
		assert.deepEqual(health.traffic, { requests: 0, failures: 0 });
		health.record(true, 100, { host });
		now += 50 * 60_000;
		health.record(false, 5000, { host });
		health.record(true, 230.4, { host });
		assert.deepEqual(health.traffic, {
			requests: 3,
			failures: 1,
			latency: 230,
			last: { at: now, ok: true },
		});
		now += 20 * 60_000;
		assert.deepEqual([health.traffic.requests, health.traffic.failures], [2, 1]);
	});

	it("does not grow for ever", () => {
		const health = new EndpointHealth();
		for (let i = 0; i < 20_000; i += 1) health.record(true, 1, { host });
		assert.ok(health.traffic.requests <= 5000);
	});
});

describe("The health that memory_status tells", () => {
	const fixture = endpointFixture();

	it("comes from what was really asked: latency, requests and failures", async () => {
		const server = await fixture.server();
		const service = await fixture.openOn(server);
		server.fault({ kind: "status", status: 500 }, { role: "chat", times: 1 });
		let asked = 0;
		const watched = service.onDidAsk(() => {
			asked += 1;
		});
		await service.save({ text: "Ada lives in Paris. Bob lives in Rome." });
		await settled(service);
		watched.dispose();
		const status = tools.find(({ name }) => name === "memory_status");
		const context = {
			memory: service,
			project: undefined,
			conversationId: undefined,
			origin: { how: "tool" as const },
			signal: new AbortController().signal,
			version: "1",
		};
		const told = status?.outputSchema.parse(await status.run({} as never, context)) as {
			llm: { state: string; requests: number; failures: number; latency: number };
			embedding: { requests: number; failures: number };
		};
		assert.equal(told.llm.state, "working");
		assert.deepEqual([told.llm.requests, told.llm.failures], [2, 1]);
		assert.ok(told.llm.latency >= 0);
		assert.equal(told.embedding.failures, 0);
		assert.ok(asked >= 4);
	});

	it("advises the diagnostics when an endpoint fails", async () => {
		const server = await fixture.server({ apiKey: "sk-other" });
		const service = await fixture.openOn(server);
		await service.save({ text: "Ada lives in Paris." });
		const status = tools.find(({ name }) => name === "memory_status");
		const context = {
			memory: service,
			project: undefined,
			conversationId: undefined,
			origin: { how: "tool" as const },
			signal: new AbortController().signal,
			version: "1",
		};
		const told = (await status?.run({} as never, context)) as { notices: string[]; llm: { state: string } };
		assert.equal(told.llm.state, "failing");
		assert.match(told.notices.join(), /Run All Diagnostics, or mcp-mem0 doctor/);
	});
});

describe("A health check of an endpoint", () => {
	const check = (baseUrl: string) => {
		const { llm } = readConfig(envOf(baseUrl)).config;
		return checkHealth("chat", llm as HttpEndpoint, 500, new AbortController().signal);
	};

	it("is one request, which costs no tokens", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server({ apiKey: secret });
			assert.equal((await check(server.baseUrl)).problem, undefined);
			assert.deepEqual(
				server.requests.map(({ method, path }) => `${method} ${path}`),
				["GET /v1/models"],
			);
		}));

	it("tells of what keeps every request from working, without the key", () =>
		withWorkbench(async (bench) => {
			const refusing = await bench.server({ apiKey: "sk-other" });
			const hanging = await bench.server();
			hanging.fault({ kind: "hang" });
			const loading = await bench.server({ family: "llamacpp" });
			loading.fault({ kind: "loading" });
			const table: readonly (readonly [string, RegExp])[] = [
				[`http://127.0.0.1:${await bench.closedPort()}/v1`, /nothing listens at 127\.0\.0\.1/],
				[refusing.baseUrl, /refused the API key/],
				[hanging.baseUrl, /did not answer within/],
				[loading.baseUrl, /still loading/],
			];
			for (const [url, words] of table) {
				const { problem } = await check(url);
				assert.ok(problem);
				assert.match(problem, words);
				assert.ok(!problem.includes(secret));
			}
		}));

	it("does not mind a server without a list of models", () =>
		withWorkbench(async (bench) => {
			const server = await bench.server({ family: "tei" });
			assert.equal((await check(server.baseUrl)).problem, undefined);
		}));
});
