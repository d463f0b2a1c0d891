import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { byHost } from "../../../src/memory/traffic.ts";
import { endpointFixture, environmentOf, settled, texts } from "../../support/fixtures/endpointFixture.ts";
import { runOnStore } from "../../support/postgres/testStore.ts";

describe("Traffic", function () {
	this.timeout(30_000);
	const memory = endpointFixture();

	it("is counted by role and host, with the tokens that the server reports, across restarts", async () => {
		const server = await memory.server({ apiKey: "sk-planted-0815" });
		const env = { ...environmentOf(server), LLM_API_KEY: "sk-planted-0815" };
		const first = await memory.open(env);
		await first.save({ text: "Ada plays chess." });
		await settled(first);
		await first.search({ query: "who plays" });
		await first.dispose();
		const service = await memory.open(env);
		const rows = byHost(await service.usage(1));
		const { host } = new URL(server.origin);
		for (const [role, path] of [
			["chat", "chat"],
			["embedding", "embeddings"],
		] as const) {
			const row = rows.find((each) => each.role === role);
			assert.deepEqual([row?.host, row?.requests, row?.errors], [host, server.count(path), 0]);
			assert.ok((row?.inputTokens ?? 0) > 0 && (row?.latency ?? -1) >= 0, JSON.stringify(row));
			assert.equal((row?.outputTokens ?? 0) > 0, role === "chat");
		}
		await service.dispose();
		for (const each of readdirSync(memory.folder, { recursive: true, withFileTypes: true }))
			if (each.isFile())
				assert.ok(!readFileSync(join(each.parentPath, each.name)).includes("sk-planted"), each.name);
	});

	it("counts errors, and those of several processes and users together", async () => {
		const server = await memory.server();
		const [ada, bob] = [await memory.openOn(server), await memory.openOn(server, { DEFAULT_USER_ID: "bob" })];
		await ada.search({ query: "one" });
		await bob.search({ query: "two" });
		server.fault({ kind: "status", status: 401 }, { role: "embeddings" });
		await bob.search({ query: "three" });
		// One after the other: the first does not see what the second has not written yet.
		await bob.usage(1);
		const embedding = byHost(await ada.usage(1)).find(({ role }) => role === "embedding");
		assert.equal(embedding?.requests, server.count("embeddings"));
		assert.ok((embedding?.errors ?? 0) >= 1);
	});

	it("counts the built-in model, and is not written down for every request", async () => {
		const service = await memory.open({});
		const sum = "SELECT CAST(sum(requests) AS int) AS n FROM {s}.traffic";
		const written = async () => (await runOnStore<{ n: number | null }>(memory.folder, sum))[0]?.n;
		for (let i = 0; i < 5; i += 1) await service.search({ query: `question ${i}` });
		assert.equal(await written(), null);
		await memory.clock.pass(20_000);
		assert.equal(await written(), 5);
		const [row] = byHost(await service.usage(7));
		assert.deepEqual([row?.role, row?.host, row?.requests, row?.errors], ["embedding", "built in", 5, 0]);
	});

	it("goes to other servers without a save that shows twice", async () => {
		const [bad, good] = [await memory.server(), await memory.server()];
		const urls = `${bad.baseUrl}, ${good.baseUrl}`;
		const service = await memory.open({ ...environmentOf(bad), LLM_BASE_URL: urls, MCP_TIMEOUT: "2" });
		const list = ["Ada plays chess.", "Bob plays go.", "Cleo plays the cello."];
		bad.fault({ kind: "reset" }, { role: "chat" });
		for (const text of list) await service.save({ text });
		bad.fault({ kind: "hang" }, { role: "chat" });
		await service.save({ text: "Dan plays tennis." });
		await settled(service);
		const found = await texts(service);
		assert.equal(new Set(found).size, found.length);
		assert.equal(found.length, 4, found.join());
		const { llm } = await service.status();
		assert.equal(llm?.leftOut?.[0]?.url, bad.baseUrl);
		assert.match(llm.origin, /,/);
		assert.deepEqual(
			byHost(await service.usage(1))
				.filter(({ role }) => role === "chat")
				.map(({ host }) => host)
				.sort(),
			[bad, good].map(({ origin }) => new URL(origin).host).sort(),
		);
	});
});
