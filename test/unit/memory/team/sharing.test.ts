import assert from "node:assert/strict";
import type { Log } from "../../../../src/config/log.ts";
import { InputError } from "../../../../src/memory/errors.ts";
import { MemoryService } from "../../../../src/memory/memoryService.ts";
import { fileFormats } from "../../../../src/memory/transfer/exporting.ts";
import { readOwnFields } from "../../../../src/memory/transfer/ownRecord.ts";
import type { MemoryStore } from "../../../../src/store/memoryStore.ts";
import { projectA, projectB } from "../../../support/fixtures/projects.ts";
import { invalid } from "../../../support/fixtures/serviceFixture.ts";
import { sharedEmbedder } from "../../../support/fixtures/sharedEmbedder.ts";
import { temporaryFolder } from "../../../support/fixtures/temporaryFolder.ts";
import { openTestStore } from "../../../support/postgres/testStore.ts";

describe("A memory of a team", () => {
	let store: MemoryStore;
	let lines: string[];
	const opened: MemoryService[] = [];

	/** A service of one person, as a server opens one for each; the store is shared. */
	const open = (userId: string, { admin = false, reviews = false, team = true } = {}) => {
		const embedder = sharedEmbedder();
		const note = (line: string) => void lines.push(line);
		const log: Log = { debug: note, info: note, warn: note, error: note };
		const lent = { ...store, close: async () => undefined };
		const service = new MemoryService({
			store: lent,
			embedder: {
				get space() {
					return embedder.space;
				},
				description: embedder.description,
				origin: embedder.origin,
				calibration: embedder.calibration,
				embed: (texts, options) => embedder.embed(texts, options),
				dispose: async () => undefined,
			},
			userId,
			actor: { userId, admin },
			team,
			reviews,
			log,
		});
		opened.push(service);
		return service;
	};
	const save = async (service: MemoryService, text: string, more: object = {}) => {
		const saved = await service.save({ text, ...more });
		return { ...saved, id: saved.memories[0]?.id ?? "" };
	};
	const textsFor = async (service: MemoryService, request: object = {}) =>
		(await service.list(request)).memories.map(({ text }) => text).sort();

	beforeEach(async () => {
		lines = [];
		({ store } = await openTestStore(temporaryFolder()));
	});
	afterEach(async () => {
		await Promise.all(opened.splice(0).map((service) => service.dispose()));
		await store.close();
	});

	it("is the project's if saved into a project, and private if global, unless asked otherwise", async () => {
		const [ada, bob] = [open("ada"), open("bob")];
		const inA = { scope: "project", project: projectA };
		await save(ada, "Alpha is deployed with make ship.", inA);
		await save(ada, "Ada doubts the deadline of alpha.", { ...inA, visibility: "private" });
		await save(ada, "Ada likes short answers.");
		await save(ada, "The office closes at eight.", { visibility: "team" });
		assert.deepEqual(await textsFor(bob, { project: projectA }), [
			"Alpha is deployed with make ship.",
			"The office closes at eight.",
		]);
		assert.deepEqual(await textsFor(bob, { project: projectB }), ["The office closes at eight."]);
		assert.deepEqual(await textsFor(bob, { scope: "all" }), ["The office closes at eight."]);
		assert.deepEqual(await textsFor(bob, { project: projectA, author: "bob" }), []);
		assert.equal((await textsFor(ada, { project: projectA })).length, 4);
		const found = await bob.search({ query: "how is alpha deployed?", project: projectA });
		assert.equal(found.memories[0]?.text, "Alpha is deployed with make ship.");
		assert.equal(found.memories[0]?.userId, "ada");
		assert.equal((await bob.status(projectA)).counts.all, 2);
		assert.deepEqual(
			(await bob.groups("author", 10, undefined, projectA)).groups.map(({ key, count }) => [key, count]),
			[["ada", 2]],
		);
	});

	it("is shared by nobody's mistake: outside a team, without a project, or with another word", async () => {
		const ada = open("ada");
		const alone = open("ada", { team: false });
		const text = "Something.";
		await assert.rejects(save(ada, text, { visibility: "project" }), invalid("visibility", /no project/));
		await assert.rejects(
			save(ada, text, { visibility: "everybody" }),
			invalid("visibility", /one of private/),
		);
		await assert.rejects(save(alone, text, { visibility: "team" }), invalid("visibility", /no team/));
		assert.deepEqual(await textsFor(alone), []);
		const { id } = await save(alone, text, { scope: "project", project: projectA });
		assert.equal((await alone.get(id)).visibility, undefined);
		await assert.rejects(
			ada.change([{ id, scope: "global", visibility: "project" }]),
			invalid("visibility", /no project/),
		);
		assert.deepEqual(await textsFor(open("bob"), { project: projectA }), []);
	});

	it("is changed by its author; what a colleague writes waits for the author", async () => {
		const [ada, bob] = [open("ada"), open("bob")];
		const { id } = await save(ada, "We deploy on Thursdays.", { visibility: "team" });
		const updated = await bob.update(id, "We deploy on Fridays.");
		assert.equal(updated.text, "We deploy on Thursdays.");
		assert.match(updated.note ?? "", /waits for review by ada/);
		const denied = (error: unknown) => error instanceof InputError && /Only ada/.test(error.message);
		await assert.rejects(bob.delete(id), denied);
		await assert.rejects(bob.change([{ id, pinned: true }]), denied);
		await assert.rejects(bob.change([{ id, visibility: "private" }]), denied);
		assert.equal(await bob.review.count(), 0);
		const { candidates } = await ada.review.list();
		assert.deepEqual(
			candidates.map(({ text, why, action }) => [text, why, action]),
			[["We deploy on Fridays.", "bob proposes this text.", "edit"]],
		);
		const decided = await ada.acceptCandidates(candidates);
		assert.equal((await bob.get(id)).text, "We deploy on Fridays.");
		await ada.review.undo(decided);
		assert.equal((await bob.get(id)).text, "We deploy on Thursdays.");
		await ada.change([{ id, visibility: "private" }]);
		await assert.rejects(bob.get(id), invalid("id", /No memory/));
	});

	it("of another, an administrator changes and deletes; the history names them, and reading is logged", async () => {
		const [ada, root] = [open("ada"), open("root", { admin: true })];
		const { id } = await save(ada, "Ada's private key fact is blue.");
		assert.deepEqual(await textsFor(root, { scope: "all" }), []);
		await assert.rejects(open("bob").administration.list("ada"), invalid("user", /Only an administrator/));
		const [found] = (await root.administration.list("ada")).memories;
		assert.equal(found?.id, id);
		await root.get(id);
		assert.ok(lines.some((line) => line.includes(`Administrator root read the memory ${id} of ada`)));
		assert.ok((await ada.uses.clients()).some(({ client }) => client === "administrator root"));
		lines.length = 0;
		await root.history(id);
		assert.ok(lines.some((line) => line.includes(`Administrator root read the memory ${id} of ada`)));
		await root.update(id, "Ada's fact is green.");
		assert.ok(lines.includes(`Administrator root changed the memory ${id} of ada.`));
		await assert.rejects(
			root.change([{ id, visibility: "team" }]),
			/Only ada, who wrote it, may share this memory/,
		);
		const by = (await ada.history(id)).map((entry) => entry.by);
		assert.deepEqual(by, [undefined, "root"]);
		await root.delete(id);
		assert.ok(lines.includes(`Administrator root deleted the memory ${id} of ada.`));
		lines.length = 0;
		await root.history(id);
		assert.ok(
			lines.some((line) => line.includes(`Administrator root read the history of the deleted memory ${id}`)),
		);
		assert.equal((await ada.deleted(10)).memories[0]?.id, id);
		await ada.restore(id);
		const { id: shared } = await save(ada, "A shared fact.", { visibility: "team" });
		lines.length = 0;
		await root.get(shared);
		assert.deepEqual(
			lines.filter((line) => line.includes("Administrator")),
			[],
		);
	});

	it("waits for an administrator where the team reviews what is shared", async () => {
		const [ada, bob] = [open("ada", { reviews: true }), open("bob", { reviews: true })];
		const root = open("root", { reviews: true, admin: true });
		const inA = { scope: "project", project: projectA };
		const first = await save(ada, "Alpha needs Node 22.", inA);
		assert.match(first.note ?? "", /private until an administrator/);
		const second = await save(ada, "Alpha is written in Rust.", inA);
		assert.deepEqual(await textsFor(bob, { project: projectA }), []);
		assert.equal((await textsFor(ada, { project: projectA })).length, 2);
		assert.deepEqual(
			[await bob.review.count(), await ada.review.count(), await root.review.count()],
			[0, 0, 2],
		);
		const { candidates } = await root.review.list();
		assert.match(candidates[0]?.why ?? "", /ada wants to share it with everybody who works on the project/);
		const accepted = candidates.filter(({ concerns }) => concerns?.includes(first.id));
		const refused = candidates.filter(({ concerns }) => concerns?.includes(second.id));
		assert.equal((await bob.review.reject(refused.map(({ id }) => id))).length, 0);
		await root.review.reject(refused.map(({ id }) => id));
		const decided = await root.acceptCandidates(accepted);
		assert.deepEqual(await textsFor(bob, { project: projectA }), ["Alpha needs Node 22."]);
		assert.equal((await ada.get(second.id)).visibility, undefined);
		assert.equal(await root.review.count(), 0);
		await root.review.undo(decided);
		assert.deepEqual(await textsFor(bob, { project: projectA }), []);
		assert.equal(await root.review.count(), 1);
		await ada.update(second.id, undefined, "team");
		assert.equal((await ada.get(second.id)).visibility, "proposed-team");
		const { id } = await save(root, "The administrator's own fact.", { visibility: "team" });
		assert.equal((await bob.get(id)).visibility, "team");
	});

	it("waits for an administrator again once it says something else, who accepts only what they have seen", async () => {
		const [ada, bob] = [open("ada", { reviews: true }), open("bob", { reviews: true })];
		const root = open("root", { reviews: true, admin: true });
		const inA = { scope: "project", project: projectA };
		const { id } = await save(ada, "Alpha needs Node 22.", inA);
		const seen = (await root.review.list()).candidates;
		await ada.update(id, "Alpha needs curl | sh.");
		assert.equal((await root.acceptCandidates(seen).catch(() => [])).length, 0);
		assert.deepEqual(await textsFor(bob, { project: projectA }), []);
		await root.acceptCandidates((await root.review.list()).candidates);
		assert.deepEqual(await textsFor(bob, { project: projectA }), ["Alpha needs curl | sh."]);
		const said = await ada.update(id, "Alpha needs root.");
		assert.match(said.note ?? "", /private until an administrator/);
		assert.deepEqual(await textsFor(bob, { project: projectA }), []);
		await root.acceptCandidates((await root.review.list()).candidates);
		await bob.update(id, "Alpha needs nothing.");
		await ada.acceptCandidates((await ada.review.list()).candidates);
		assert.equal((await ada.get(id)).visibility, "proposed-project");
		await root.acceptCandidates((await root.review.list()).candidates);
		await ada.change([{ id, pinned: true }]);
		assert.deepEqual(await textsFor(bob, { project: projectA }), ["Alpha needs nothing."]);
		await ada.change([{ id, scope: "project", project: projectB }]);
		assert.deepEqual(await textsFor(bob, { project: projectB }), []);
		await ada.change([{ id, text: "Ada's own.", scope: "global" }]);
		assert.equal((await ada.get(id)).visibility, undefined);
	});

	it("is as it was when a whole memory is brought back, but nobody shares what a file says", async () => {
		const [ada, alone] = [open("ada"), open("ada", { team: false })];
		await save(ada, "The team deploys on Fridays.", { visibility: "team" });
		const lines: string[] = [];
		for await (const line of fileFormats.jsonl.parts(alone)) lines.push(line);
		const { visibility, ...record } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
		assert.equal(visibility, "team");
		const { was } = readOwnFields({ ...record, visibility, id: "other" });
		const { was: forged } = readOwnFields({ ...record, visibility: "everybody", id: "other" });
		assert.deepEqual([was.visibility, forged.visibility], ["team", undefined]);
		await alone.transfer.importAll([{ text: "Brought back.", was: { ...was, id: "back" } }]);
		await ada.transfer.importAll([{ text: "From a stranger's file.", was: { ...was, id: "file" } }]);
		assert.deepEqual(await textsFor(open("bob")), ["Brought back.", "The team deploys on Fridays."]);
	});

	it("stays when its author departs, whose private memories can be exported and erased", async () => {
		const [ada, bob] = [open("ada"), open("bob")];
		const root = open("root", { admin: true });
		const { id: shared } = await save(ada, "A secret draft of the plan.");
		await ada.change([{ id: shared, text: "The plan of the team.", visibility: "team" }]);
		await save(ada, "Ada's home address.");
		const { id: gone } = await save(ada, "Ada's old address.");
		await ada.delete(gone);
		await save(bob, "Bob's own fact.");
		const exported: string[] = [];
		for await (const { memory, history } of root.administration.privateMemories("ada"))
			exported.push(`${memory.text} ${history.length}`);
		assert.deepEqual(exported, ["Ada's home address. 1"]);
		await assert.rejects(bob.administration.erase("ada"), invalid("user", /Only an administrator/));
		assert.equal(await root.administration.erase("ada"), 2);
		assert.ok(lines.some((line) => line.includes("root erased 2 private memories of ada")));
		assert.deepEqual(await textsFor(ada, { scope: "all" }), ["The plan of the team."]);
		assert.equal((await bob.get(shared)).userId, "ada");
		assert.equal(JSON.stringify(await ada.history(shared)).includes("secret draft"), false);
		const kept: string[] = [];
		for (const userId of ["ada", "bob"])
			kept.push(...(await store.memories.keptTexts(userId, 100)).texts.map(({ text }) => text));
		assert.equal(
			kept.some((text) => /address|draft/.test(text)),
			false,
		);
		assert.deepEqual(await ada.uses.clients(), []);
		assert.deepEqual(await textsFor(bob, {}), ["Bob's own fact.", "The plan of the team."]);
	});
});
