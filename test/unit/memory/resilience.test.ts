import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { endpointFixture, environmentOf, settled, texts } from "../../support/fixtures/endpointFixture.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import type { OpenAiServer } from "../../support/openaiServer/server.ts";
import {
	itWithProcesses,
	openTestStore,
	runOnStore,
	storeEnvironment,
} from "../../support/postgres/testStore.ts";

const count = 100;
const places = ["Rome", "Oslo", "Bern", "Kyiv", "Lima"];
/** Two facts each; all 200 are different. */
const sayings = Array.from(
	{ length: count },
	(_, index) =>
		`Member ${index} lives in ${places[index % 5]}. Member ${index} plays instrument number ${index}.`,
);
const allFacts = sayings.flatMap((saying) => saying.split(/(?<=\.) /)).sort();

describe("When something dies in the middle of 100 saves", function () {
	this.timeout(120_000);
	const memory = endpointFixture();

	/** Every fact once, its vector and its journal entry, as they are on disk. */
	async function checkExactlyOnce(): Promise<void> {
		const rows = (sql: string) => runOnStore<Record<string, unknown>>(memory.folder, sql);
		const wanted = "SELECT text FROM {s}.memories WHERE deleted_at IS NULL";
		assert.deepEqual((await rows(wanted)).map(({ text }) => text).sort(), allFacts);
		assert.deepEqual(
			await rows(
				"SELECT m.text FROM {s}.memories m LEFT JOIN {s}.vectors v ON v.seq = m.seq WHERE m.deleted_at IS NULL AND v.vector IS NULL",
			),
			[],
		);
		assert.deepEqual(
			(await rows("SELECT distil, count(*) AS n FROM {s}.journal GROUP BY distil")).map((row) => ({
				...row,
			})),
			[{ distil: "done", n: count }],
		);
	}

	it("the endpoint: all are answered, and end up stored, embedded and distilled exactly once", async () => {
		const server = await memory.server({ delay: 5 });
		const service = await memory.openOn(server);
		const saves = sayings.map((text) => service.save({ text }));
		while (server.count("chat") < 30) await pause(5);
		await server.close();
		const results = await Promise.all(saves);
		const distilled = results.filter(({ mode }) => mode === "distilled").length;
		assert.ok(distilled > 0 && distilled < count, `${distilled} were distilled before`);
		for (const { memories, mode, pending } of results) {
			assert.ok(memories.length > 0);
			if (mode === "verbatim") assert.ok(pending.includes("distillation"));
		}
		const again = await memory.server({ port: server.port });
		service.workSoon();
		await settled(service, 90_000);
		assert.ok(again.count("chat") >= count - distilled);
		assert.deepEqual((await texts(service)).length, 200);
		await service.dispose();
		await checkExactlyOnce();
	});

	itWithProcesses(
		"our own process, by kill -9: all that it had begun end up stored, embedded and distilled exactly once",
		async () => {
			const server = await memory.server();
			server.fault({ kind: "hang" }, { role: "chat" });
			const child = await startServer(server, memory.folder);
			for (const [id, text] of sayings.entries())
				child.stdin?.write(
					`${JSON.stringify({ jsonrpc: "2.0", id: id + 10, method: "tools/call", params: { name: "save_memory", arguments: { text } } })}\n`,
				);
			const { store } = await openTestStore(memory.folder);
			while ((await store.memories.counts("ada")).all < count) await pause(20);
			await store.close();
			child.kill("SIGKILL");
			await once(child, "close");

			server.mend();
			const service = await memory.openOn(server);
			// What the dead process had is found at once word for word.
			assert.equal(
				(await texts(service)).filter((text) => text.includes("instrument")).length >= count / 2,
				true,
			);
			await settled(service, 90_000);
			await service.dispose();
			await checkExactlyOnce();
		},
	);

	it("both processes of two at the same work: one does it, nothing is done twice", async () => {
		const server = await memory.server();
		server.fault({ kind: "status", status: 500 }, { role: "chat" });
		const first = await memory.openOn(server, { MCP_TIMEOUT: "5" });
		await Promise.all(sayings.slice(0, 20).map((text) => first.save({ text })));
		server.mend();
		const second = await memory.openOn(server);
		const before = server.count("chat");
		first.workSoon();
		second.workSoon();
		await settled(second, 60_000);
		assert.equal(server.count("chat") - before, 20);
		assert.equal((await texts(second)).length, 40);
	});
});

describe("A model endpoint that hangs", function () {
	this.timeout(30_000);
	const memory = endpointFixture();

	it("does not keep the process from ending", async () => {
		const server = await memory.server();
		server.fault({ kind: "hang" });
		const service = await memory.openOn(server);
		const save = service.save({ text: "Ada lives in Paris. Bob lives in Rome." }).catch(() => undefined);
		while (server.requests.length === 0) await pause(10);
		const begun = performance.now();
		await service.dispose();
		assert.ok(performance.now() - begun < 2000);
		await save;
		server.mend();
		const restarted = await memory.openOn(server);
		await settled(restarted);
		assert.deepEqual(await texts(restarted), ["Ada lives in Paris.", "Bob lives in Rome."]);
	});
});

async function startServer(server: OpenAiServer, folder: string): Promise<ChildProcess> {
	const child = spawn(process.execPath, [serverFile], {
		env: {
			PATH: process.env.PATH,
			...storeEnvironment(folder),
			DEFAULT_USER_ID: "ada",
			...environmentOf(server),
		},
		cwd: folder,
		stdio: ["pipe", "pipe", "ignore"],
	});
	const initialize = {
		jsonrpc: "2.0",
		id: 1,
		method: "initialize",
		params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
	};
	child.stdin?.write(`${JSON.stringify(initialize)}\n`);
	child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
	await once(child.stdout as NonNullable<ChildProcess["stdout"]>, "data");
	return child;
}
