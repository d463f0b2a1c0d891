import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { MemoryService } from "../../../src/memory/memoryService.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { endpointFixture, environmentOf, settled } from "../../support/fixtures/endpointFixture.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import { itWithProcesses, openTestStore, storeEnvironment } from "../../support/postgres/testStore.ts";

const people = Array.from({ length: 150 }, (_, index) => ({
	text: `Member ${index} keeps bees in town ${index}`,
}));

describe("Another embedding model", function () {
	this.timeout(60_000);
	const memory = endpointFixture();
	const builtin = { EMBEDDING_PROVIDER: "builtin" };

	async function remembered(env: Record<string, string> = builtin): Promise<void> {
		const service = await memory.open(env);
		await service.transfer.importAll(people);
		await settled(service);
		await service.dispose();
	}
	const first = async (service: MemoryService, query: string) =>
		(await service.search({ query, limit: 1 })).memories[0]?.text;

	it("starts a new space: older memories are found by their words, and nothing of them is sent unasked", async () => {
		await remembered();
		const server = await memory.server();
		const service = await memory.openOn(server);
		assert.equal(await first(service, "Member 77"), people[77]?.text);
		service.workSoon();
		await memory.clock.pass(60_000);
		const sent = server.requests.flatMap(({ body }) => [(body as { input: string | string[] }).input].flat());
		assert.ok(sent.length > 0);
		assert.ok(!sent.some((text) => text.includes("keeps bees")));
		assert.equal((await service.status()).outsideSpace, people.length);
		assert.equal((await service.status()).pending.embedding, 0);
		// What is new goes to the new model, and is found by its meaning.
		await service.save({ text: "Ada lives in Paris", infer: false });
		assert.equal(await first(service, "where is the home of Ada"), "Ada lives in Paris");
		assert.equal((await service.status()).outsideSpace, people.length);
	});

	it("gets all memories when asked to, with progress", async () => {
		await remembered();
		const server = await memory.server();
		const service = await memory.openOn(server);
		const seen: number[] = [];
		const { done, total } = await service.reembed(({ done }) => seen.push(done));
		assert.deepEqual([done, total], [people.length, people.length]);
		assert.equal(seen[0], 0);
		assert.ok(
			seen.some((each) => each > 0 && each < people.length),
			`seen ${seen}`,
		);
		assert.equal(seen.at(-1), people.length);
		assert.equal((await service.status()).outsideSpace, 0);
		const found = await service.search({ query: "who in town 77 has an apiary?" });
		assert.equal(found.note, undefined);
	});

	it("can be cancelled, and goes on where it was", async () => {
		await remembered();
		const server = await memory.server({ delay: 30 });
		const service = await memory.openOn(server);
		const stop = new AbortController();
		const partial = await service.reembed(({ done }) => {
			if (done > 0) stop.abort();
		}, stop.signal);
		assert.ok(partial.done > 0 && partial.done < people.length, `${partial.done}`);
		const asked = server.count("embeddings");
		service.workSoon();
		await memory.clock.pass(60_000);
		assert.ok(server.count("embeddings") <= asked + 1, "cancelled work goes on");
		const rest = await service.reembed();
		assert.equal(rest.total, people.length - partial.done);
		assert.equal((await service.status()).outsideSpace, 0);
	});

	it("stays cancelled with the built-in model, too, which embeds everything of itself only when it is new", async () => {
		await remembered(environmentOf(await memory.server()));
		const service = await memory.open(builtin);
		const stop = new AbortController();
		const { done } = await service.reembed((progress) => {
			if (progress.done > 0) stop.abort();
		}, stop.signal);
		assert.ok(done < people.length);
		// What was under way when it was cancelled comes to its end.
		await memory.clock.pass(0);
		const outside = (await service.status()).outsideSpace;
		assert.ok(outside > 0);
		service.workSoon();
		await memory.clock.pass(60_000);
		assert.equal((await service.status()).outsideSpace, outside);
	});

	it("can be cancelled before it has answered at all", async () => {
		await remembered();
		const server = await memory.server();
		server.fault({ kind: "hang" }, { role: "embeddings" });
		const service = await memory.openOn(server);
		const stop = new AbortController();
		setTimeout(() => stop.abort(), 200);
		const { done } = await service.reembed(() => undefined, stop.signal);
		assert.equal(done, 0);
	});

	it("leaves the background work to this process while there is any", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server, builtin);
		server.fault({ kind: "status", status: 503 }, { role: "chat" });
		await service.save({ text: "Ada lives in Paris." });
		server.mend();
		server.fault({ kind: "hang" }, { role: "chat" });
		const asked = server.count("chat");
		for (let i = 0; i < 400 && server.count("chat") === asked; i += 1) {
			memory.clock.forward(500);
			await pause(25);
		}
		assert.ok(server.count("chat") > asked);
		await service.reembed();
		const { store } = await openTestStore(memory.folder);
		assert.equal(await store.leases.acquire("background work of ada", 1000), false);
		await store.close();
	});

	it("goes on by itself after a restart in the middle", async () => {
		await remembered();
		const server = await memory.server();
		const service = await memory.openOn(server);
		await service.search({ query: "anything" });
		server.fault({ kind: "hang" }, { role: "embeddings" });
		const asked = server.count("embeddings");
		const running = service.reembed().catch(() => undefined);
		while (server.count("embeddings") === asked) await pause(10);
		await service.dispose();
		await running;
		server.mend();
		const restarted = await memory.openOn(server);
		await settled(restarted);
		assert.equal((await restarted.status()).outsideSpace, 0);
	});

	it("is left without asking: the earlier model finds its vectors again", async () => {
		await remembered();
		const other = await memory.openOn(await memory.server());
		await other.reembed();
		await other.dispose();
		const back = await memory.open(builtin);
		assert.deepEqual([(await back.status()).pending.embedding, (await back.status()).outsideSpace], [0, 0]);
	});

	it("on another host, or under another name, is another space", async () => {
		const one = await memory.server();
		await remembered({ ...environmentOf(one) });
		const two = await memory.server();
		const moved = await memory.openOn(two);
		await moved.search({ query: "anything" });
		assert.equal((await moved.status()).outsideSpace, people.length);
		await moved.dispose();
		const renamed = await memory.openOn(one, {
			EMBEDDING_MODEL_DIMS: "512",
			EMBEDDING_MODEL_CHOICE: "other",
		});
		assert.equal((await renamed.status()).outsideSpace, people.length);
		await renamed.dispose();
		const same = await memory.openOn(one);
		await same.search({ query: "anything" });
		assert.equal((await same.status()).outsideSpace, 0);
	});

	it("with other prefixes is another space, and each text is sent after its own", async () => {
		const server = await memory.server({ embeddingModels: ["nomic-embed-text"] });
		const nomic = { EMBEDDING_MODEL_CHOICE: "nomic-embed-text" };
		await remembered({ ...environmentOf(server), ...nomic });
		const sent = () =>
			server.requests
				.filter(({ path }) => path.endsWith("/embeddings"))
				.flatMap(({ body }) => (body as { readonly input: string | readonly string[] }).input);
		assert.ok(sent().length > 0);
		for (const text of sent()) assert.match(text, /^search_document: \S/);
		const same = await memory.openOn(server, nomic);
		await same.search({ query: "Who plays chess?" });
		assert.ok(sent().includes("search_query: Who plays chess?"));
		assert.equal((await same.status()).outsideSpace, 0);
		await same.dispose();
		const without = await memory.openOn(server, {
			...nomic,
			EMBEDDING_QUERY_PREFIX: "none",
			EMBEDDING_DOCUMENT_PREFIX: "none",
		});
		await without.search({ query: "Who plays chess?" });
		assert.ok(sent().includes("Who plays chess?"));
		assert.equal((await without.status()).outsideSpace, people.length);
	});

	itWithProcesses("is moved to by the command line as well", async () => {
		await remembered();
		const server = await memory.server();
		const { stderr } = await promisify(execFile)(process.execPath, [serverFile, "reembed"], {
			cwd: memory.folder,
			env: {
				PATH: process.env.PATH,
				...storeEnvironment(memory.folder),
				DEFAULT_USER_ID: "ada",
				...environmentOf(server),
			},
		});
		assert.match(stderr, /Embedding with test-embed at http/);
		assert.match(stderr, /150 memories embedded\./);
		const service = await memory.openOn(server);
		await service.search({ query: "anything" });
		assert.equal((await service.status()).outsideSpace, 0);
	});

	it("is moved to also while the language model is away", async () => {
		await remembered();
		const [server, chat] = [await memory.server(), await memory.server()];
		chat.fault({ kind: "status", status: 500 }, { role: "chat" });
		const service = await memory.openOn(server, {
			LLM_BASE_URL: chat.baseUrl,
			EMBEDDING_BASE_URL: server.baseUrl,
		});
		await service.save({ text: "Ada lives in Paris. Bob lives in Rome." });
		const { done } = await service.reembed();
		assert.ok(done >= people.length);
		assert.equal((await service.status()).pending.distillation, 1);
	});

	it("that is away says so, and is gone on with when it is back", async () => {
		await remembered();
		const server = await memory.server();
		const service = await memory.openOn(server);
		await service.search({ query: "anything" });
		await server.close();
		await assert.rejects(service.reembed(), /nothing listens at/);
		await memory.server({ port: server.port });
		await settled(service);
		assert.equal((await service.status()).outsideSpace, 0);
	});
});
