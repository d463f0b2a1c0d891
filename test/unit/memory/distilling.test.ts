import assert from "node:assert/strict";
import { addUser } from "../../../src/memory/access/accounts.ts";
import type { MemoryService } from "../../../src/memory/memoryService.ts";
import { endpointFixture, saved, settled, texts } from "../../support/fixtures/endpointFixture.ts";
import { projectA } from "../../support/fixtures/projects.ts";
import { openTestStore } from "../../support/postgres/testStore.ts";

const twoFacts = "Ada lives in Paris. Alpha is deployed with make ship.";
const facts = ["Ada lives in Paris.", "Alpha is deployed with make ship."];

describe("Memory formed by mem0ai through an endpoint", function () {
	this.timeout(30_000);
	const memory = endpointFixture();

	it("takes the facts out of what is saved, and answers what was stored", async () => {
		const service = await memory.openOn(await memory.server());
		const result = await service.save({ text: twoFacts });
		assert.deepEqual(
			saved(result),
			facts.map((fact) => `ADD ${fact}`),
		);
		assert.equal(result.mode, "distilled");
		assert.deepEqual(result.pending, []);
		assert.equal(result.note, undefined);
		assert.deepEqual(await texts(service), facts);
		for (const { id, text } of result.memories) assert.equal((await service.get(id)).text, text);
	});

	it("finds the facts by their meaning at once", async () => {
		const service = await memory.openOn(await memory.server());
		await service.save({ text: twoFacts });
		const { memories, note } = await service.search({ query: "where is Ada's home" });
		assert.equal(memories[0]?.text, facts[0]);
		assert.equal(note, undefined);
	});

	it("keeps the text that was saved, readable from each of its facts", async () => {
		const service = await memory.openOn(await memory.server());
		for (const { id } of (await service.save({ text: twoFacts })).memories)
			assert.equal(await service.savedText(id), twoFacts);
	});

	it("keeps scope, project, conversation, metadata and time of the save with every fact", async () => {
		const service = await memory.openOn(await memory.server());
		const result = await service.save({
			text: twoFacts,
			scope: "project",
			project: projectA,
			conversationId: "chat 7",
			metadata: { file: "a.md" },
		});
		assert.equal(result.memories.length, 2);
		for (const { id } of result.memories) {
			const { scope, project, conversationId, metadata, createdAt, updatedAt } = await service.get(id);
			assert.deepEqual(
				{ scope, project, conversationId, metadata },
				{ scope: "project", project: projectA, conversationId: "chat 7", metadata: { file: "a.md" } },
			);
			assert.equal(updatedAt, createdAt);
		}
	});

	it("asks no model when the same is saved again, and answers with the facts that are known", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		const first = await service.save({ text: twoFacts });
		const asked = server.requests.length;
		const again = await service.save({ text: `  ${twoFacts.toUpperCase()}` });
		assert.deepEqual(
			again.memories.map(({ id, event }) => [id, event]),
			first.memories.map(({ id }) => [id, "DUPLICATE"]),
		);
		assert.equal(server.requests.length, asked);
	});

	for (const [what, change] of [
		["deleted", (service: MemoryService, id: string) => service.delete(id)],
		["edited", (service: MemoryService, id: string) => service.update(id, "Ada lives in Oslo.")],
	] as const)
		it(`brings back a fact that was ${what}, when the same is saved again`, async () => {
			const service = await memory.openOn(await memory.server());
			const { memories } = await service.save({ text: twoFacts });
			await change(service, memories[0]?.id ?? "");
			const again = await service.save({ text: twoFacts });
			assert.deepEqual(saved(again).sort(), [`ADD ${facts[0]}`, `DUPLICATE ${facts[1]}`]);
			assert.deepEqual(
				await texts(service),
				[...facts, ...(what === "edited" ? ["Ada lives in Oslo."] : [])].sort(),
			);
		});

	it("does not store a fact twice that another save has brought", async () => {
		const service = await memory.openOn(await memory.server());
		await service.save({ text: twoFacts });
		const result = await service.save({ text: "Ada lives in Paris. Bob lives in Rome." });
		assert.deepEqual(saved(result), ["DUPLICATE Ada lives in Paris.", "ADD Bob lives in Rome."]);
		const known = await service.save({ text: "Ada lives in Paris. Bob lives in Rome. " });
		assert.ok(known.memories.every(({ event }) => event === "DUPLICATE"));
		assert.deepEqual(await texts(service), [...facts, "Bob lives in Rome."].sort());
	});

	it("shows the model what is known already, and what was said before in the conversation", async () => {
		const prompts: string[] = [];
		const server = await memory.server({
			chat: ({ messages }) => {
				prompts.push(messages.at(-1)?.content ?? "");
				const text = prompts.length === 1 ? "Ada has a dog, Rex" : "Rex likes carrots";
				return { content: JSON.stringify({ memory: [{ id: "0", text }] }) };
			},
		});
		const service = await memory.openOn(server);
		await service.save({ text: "Ada has a dog called Rex", conversationId: "c" });
		await service.save({ text: "He likes carrots", conversationId: "c" });
		await service.save({ text: "Something of another conversation", conversationId: "d" });
		assert.equal(prompts.length, 3);
		assert.match(prompts[1] ?? "", /Last k Messages\s+user: Ada has a dog called Rex/);
		assert.match(prompts[1] ?? "", /Existing Memories\s+\[\{"id":"0","text":"Ada has a dog, Rex"\}/);
		assert.doesNotMatch(prompts[1] ?? "", /New Messages[^#]*Rex/);
		assert.doesNotMatch(prompts[2] ?? "", /carrots.*\n[\s\S]*## Recently/);
	});

	it("shows the model nothing of other projects", async () => {
		const prompts: string[] = [];
		const server = await memory.server({
			chat: ({ messages }) => {
				prompts.push(messages.at(-1)?.content ?? "");
				return { content: '{"memory":[]}' };
			},
		});
		const service = await memory.openOn(server);
		await service.save({ text: "Alpha is deployed on Thursdays", scope: "project", project: projectA });
		await service.save({ text: "When is alpha deployed?", scope: "global" });
		assert.equal(prompts.length, 2);
		assert.match(prompts[1] ?? "", /When is alpha deployed/);
		assert.doesNotMatch(prompts[1] ?? "", /on Thursdays/);
	});

	it("shows the model nothing private where all of a team are to have the facts", async () => {
		const prompts: string[] = [];
		const server = await memory.server({
			chat: ({ messages }) => {
				prompts.push(messages.at(-1)?.content ?? "");
				return { content: '{"memory":[]}' };
			},
		});
		const { store } = await openTestStore(memory.folder);
		await addUser(store.users, "ada", { admin: false, renew: false });
		await store.close();
		const service = await memory.openOn(server);
		const more = { scope: "project", project: projectA, conversationId: "c" };
		await service.save({
			text: "Ada earns more than the others who deploy kestrel",
			...more,
			visibility: "private",
		});
		await service.save({ text: "Kestrel deploys on Thursdays", ...more });
		await service.save({ text: "Who deploys kestrel does so twice", ...more });
		assert.equal(prompts.length, 3);
		assert.doesNotMatch(prompts.slice(1).join(), /earns more/);
		assert.match(prompts[2] ?? "", /on Thursdays[\s\S]*on Thursdays/);
	});

	it("keeps a text word for word where that is asked for, without the language model", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		const result = await service.save({ text: twoFacts, infer: false });
		assert.deepEqual(saved(result), [`ADD ${twoFacts}`]);
		assert.equal(result.mode, "verbatim");
		assert.equal(server.count("chat"), 0);
	});

	it("sends the request of the classical API, with what is configured", async () => {
		const server = await memory.server({ apiKey: "sk-test-4711" });
		const service = await memory.openOn(server, {
			LLM_API_KEY: "sk-test-4711",
			LLM_TEMPERATURE: "0.7",
			LLM_MAX_TOKENS: "900",
			LLM_HEADERS: '{"X-Team": "blue"}',
		});
		await service.save({ text: twoFacts });
		const chat = server.requests.find(({ path }) => path === "/v1/chat/completions");
		const body = (chat?.body ?? {}) as Record<string, unknown>;
		assert.equal(chat?.method, "POST");
		assert.equal(body.model, "test-chat");
		assert.equal(body.temperature, 0.7);
		assert.equal(body.max_tokens, 900);
		assert.deepEqual(
			(body.messages as { role: string }[]).map(({ role }) => role),
			["system", "user"],
		);
		assert.equal(chat?.headers.authorization, "Bearer sk-test-4711");
		assert.equal(chat?.headers["x-team"], "blue");
		const embeddings = server.requests.find(({ path }) => path === "/v1/embeddings");
		const embedded = (embeddings?.body ?? {}) as Record<string, unknown>;
		assert.deepEqual(Object.keys(embedded).sort(), ["encoding_format", "input", "model"]);
		assert.equal(embedded.encoding_format, "float");
		assert.ok(memory.lines.length > 0);
		assert.ok(!memory.lines.some((line) => line.includes("4711")), "the key is in the log");
	});

	it("sends no Authorization header to a server that needs no key, whatever the environment holds", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server, {
			LLM_API_KEY: "",
			OPENAI_API_KEY: "sk-ambient",
			OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
		});
		process.env.OPENAI_CUSTOM_HEADERS = "X-Leak: yes";
		process.env.OPENAI_ORG_ID = "org-leak";
		try {
			await service.save({ text: twoFacts });
		} finally {
			delete process.env.OPENAI_CUSTOM_HEADERS;
			delete process.env.OPENAI_ORG_ID;
		}
		assert.ok(server.requests.length >= 3);
		for (const { headers } of server.requests) {
			assert.equal(headers.authorization, undefined);
			const leaked = Object.keys(headers).filter((name) => /stainless|openai|leak/.test(name));
			assert.deepEqual(leaked, []);
		}
	});

	it("takes four requests for a save, and one connection for requests one after the other", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		for (const name of ["Ada", "Bob", "Eve"])
			await service.save({ text: `${name} is here. ${name} is there.` });
		assert.equal(server.count("chat"), 3);
		assert.equal(server.count("embeddings"), 6);
		assert.ok(server.connections() <= 2, `${server.connections()} connections`);
	});

	it("keeps the names in facts up to date when memories change", async () => {
		const service = await memory.openOn(await memory.server());
		const [first] = (await service.save({ text: "Ada works with Grace Hopper on Project Apollo." })).memories;
		assert.ok(first);
		assert.ok((await service.entities(first.id)).includes("Grace Hopper"));
		await service.update(first.id, "Ada works with Linus Torvalds on Project Apollo.");
		await memory.clock.pass(10_000);
		assert.ok((await service.entities(first.id)).includes("Linus Torvalds"));
		assert.ok(!(await service.entities(first.id)).includes("Grace Hopper"));
		assert.deepEqual(
			(await service.history(first.id)).map(({ event }) => event),
			["ADD", "UPDATE"],
		);
		await service.delete(first.id);
		assert.equal((await service.history(first.id)).at(-1)?.event, "DELETE");
	});

	it("does not distil a text any more that somebody has changed", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "status", status: 500 }, { role: "chat" });
		const [kept] = (await service.save({ text: twoFacts })).memories;
		assert.ok(kept);
		await service.update(kept.id, "Ada has moved to Oslo");
		server.mend();
		await settled(service);
		assert.deepEqual(await texts(service), ["Ada has moved to Oslo"]);
	});

	it("does not bring back a text that was deleted before it could be distilled", async () => {
		const server = await memory.server();
		const service = await memory.openOn(server);
		server.fault({ kind: "status", status: 500 }, { role: "chat" });
		const [kept] = (await service.save({ text: twoFacts })).memories;
		assert.ok(kept);
		await service.delete(kept.id);
		server.mend();
		service.workSoon();
		await settled(service);
		await memory.clock.pass(60_000);
		assert.deepEqual(await texts(service), []);
	});

	it("takes the day it was said, not the day it is distilled, for what “yesterday” means", async () => {
		const prompts: string[] = [];
		const server = await memory.server({
			chat: ({ messages }) => {
				prompts.push(messages.at(-1)?.content ?? "");
				return { content: '{"memory":["User was in Rome on February 2, 2020"]}' };
			},
		});
		const destinations = { chat: server.origin, embedding: server.origin };
		const { store } = await openTestStore(memory.folder, { destinations });
		const save = {
			id: "an-old-save",
			text: "Yesterday I was in Rome",
			userId: "ada",
			scope: "global" as const,
			createdAt: Date.UTC(2020, 1, 3),
		};
		await store.saves.store(save, { distil: true });
		await store.distillation.release([save.id]);
		await store.close();
		const service = await memory.openOn(server);
		await settled(service);
		assert.match(prompts[0] ?? "", /Observation Date\s+2020-02-03/);
		assert.deepEqual(await texts(service), ["User was in Rome on February 2, 2020"]);
	});
});
