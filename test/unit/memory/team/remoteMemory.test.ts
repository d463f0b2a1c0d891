import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { NotAllowedError } from "../../../../src/memory/access/sharing.ts";
import { InvalidValueError, UnknownMemoryError } from "../../../../src/memory/errors.ts";
import { baseOf } from "../../../../src/memory/transfer/base.ts";
import { ConflictError } from "../../../../src/store/errors.ts";
import { projectA } from "../../../support/fixtures/projects.ts";
import { invalid } from "../../../support/fixtures/serviceFixture.ts";
import { startTeam, type Team } from "../../../support/team/teamFixture.ts";

describe("The memory that somebody has on a team's server", function () {
	this.timeout(60_000);
	let team: Team;
	const start = async (...options: Parameters<typeof startTeam>) => {
		team = await startTeam(...options);
	};
	afterEach(() => team.close());

	const inA = { scope: "project", project: projectA };

	it("saves, finds, lists, changes, deletes and restores, as the token's user", async () => {
		await start();
		const ada = await team.person("ada");
		assert.deepEqual([ada.userId, ada.isTeam], ["ada", true]);
		const saved = await ada.save({
			text: "The deploy key lives in the vault.",
			metadata: { source: "wiki", 7: ["x"] },
			origin: { how: "command", client: "VS Code" },
		});
		assert.equal(saved.memories[0]?.event, "ADD");
		const id = saved.memories[0]?.id ?? "";
		const again = await ada.save({ text: "The deploy key lives in the vault." });
		assert.deepEqual([again.memories[0]?.event, again.memories[0]?.id], ["DUPLICATE", id]);
		const { memories } = await ada.search({ query: "where is the deploy key?", explain: true });
		assert.equal(memories[0]?.id, id);
		assert.ok((memories[0]?.why?.matched.length ?? 0) > 0);
		assert.equal(memories[0]?.userId, "ada");
		assert.deepEqual((await ada.get(id)).metadata, { source: "wiki", 7: ["x"] });
		assert.equal((await ada.get(id)).origin?.client, "VS Code");
		const [changed] = await ada.change([{ id, text: "The deploy key lives in 1Password.", pinned: true }]);
		assert.equal(changed?.before.text, "The deploy key lives in the vault.");
		assert.equal(changed?.after.pinned, true);
		assert.deepEqual(
			(await ada.history(id)).map(({ event }) => event),
			["ADD", "UPDATE"],
		);
		assert.equal((await ada.delete(id)).id, id);
		await assert.rejects(
			ada.get(id),
			(error) => error instanceof UnknownMemoryError && /No memory/.test(String(error)),
		);
		assert.deepEqual(
			(await ada.deleted(10)).memories.map((memory) => memory.id),
			[id],
		);
		await ada.restore(id);
		for (let n = 0; n < 5; n += 1) await ada.save({ text: `Fact number ${n} of the list.` });
		const first = await ada.list({ limit: 4 });
		const second = await ada.list({ limit: 4, cursor: first.nextCursor });
		assert.deepEqual([first.memories.length, first.total, second.memories.length], [4, 6, 2]);
		assert.deepEqual((await ada.groups("author", 10)).groups[0]?.key, "ada");
		assert.equal(await ada.savedText(id), "The deploy key lives in the vault.");
		assert.deepEqual(
			await ada.entities(id),
			await team.shared.of({ userId: "ada", admin: false }).entities(id),
		);
		const status = await ada.status();
		assert.equal(status.counts.all, 6);
		assert.equal(status.database, `${team.host.url}, as ada`);
		assert.equal(status.teamServer, team.host.url);
	});

	it("throws what the memory there throws, with the same words and fields", async () => {
		await start();
		const [ada, bob] = [await team.person("ada"), await team.person("bob")];
		await assert.rejects(ada.save({ text: " " }), invalid("text", /empty/));
		await assert.rejects(
			ada.list({ order: "upwards" }),
			(error) =>
				error instanceof InvalidValueError && error.value.includes("upwards") && error.accepted !== "",
		);
		const { memories } = await ada.save({ text: "We deploy on Thursdays.", visibility: "team" });
		const id = memories[0]?.id ?? "";
		await assert.rejects(
			bob.delete(id),
			(error) =>
				error instanceof NotAllowedError &&
				error.memory.id === id &&
				/Only ada, who wrote it, or an administrator may delete/.test(error.message),
		);
		const read = await ada.get(id);
		await ada.update(id, "We deploy on Fridays.");
		await assert.rejects(
			ada.change([{ id, expected: read, text: "We deploy on Mondays." }]),
			(error) => error instanceof ConflictError && error.current.text === "We deploy on Fridays.",
		);
	});

	it("sees what others share, and nothing else of them", async () => {
		await start();
		const [ada, bob] = [await team.person("ada"), await team.person("bob")];
		await ada.save({ text: "Ada likes short answers." });
		const { memories } = await ada.save({ text: "Alpha is deployed with make ship.", ...inA });
		await ada.save({ text: "The office closes at eight.", visibility: "team" });
		const texts = async (request: object) =>
			(await bob.list(request)).memories.map(({ text }) => text).sort();
		assert.deepEqual(await texts({ scope: "all" }), ["The office closes at eight."]);
		assert.deepEqual(await texts({ project: projectA }), [
			"Alpha is deployed with make ship.",
			"The office closes at eight.",
		]);
		const updated = await bob.update(memories[0]?.id, "Alpha is deployed with make fly.");
		assert.match(updated.note ?? "", /waits for review by ada/);
		assert.equal(await ada.review.count(), 1);
		const { candidates } = await ada.review.list();
		const decided = await ada.acceptCandidates(candidates);
		assert.equal((await bob.get(memories[0]?.id)).text, "Alpha is deployed with make fly.");
		await ada.review.undo(decided);
		assert.equal((await bob.get(memories[0]?.id)).text, "Alpha is deployed with make ship.");
		const exported: string[] = [];
		for await (const { memory, history } of bob.transfer.all())
			exported.push(`${memory.text} ${history.length}`);
		assert.deepEqual(exported, []);
	});

	it("shows an administrator what is proposed to be shared, who accepts, edits, rejects and takes it back", async () => {
		await start({ reviews: true });
		const [ada, bob] = [await team.person("ada"), await team.person("bob")];
		const root = await team.person("rita", { admin: true });
		const first = await ada.save({ text: "Alpha needs Node 22.", ...inA });
		assert.match(first.note ?? "", /private until an administrator/);
		await ada.save({ text: "Alpha is written in Rust.", ...inA });
		assert.deepEqual([await bob.review.count(), await root.review.count()], [0, 2]);
		const { candidates } = await root.review.list();
		const [node, rust] = ["Node", "Rust"].map((word) =>
			candidates.filter(({ text }) => text.includes(word)),
		) as unknown as [typeof candidates, typeof candidates];
		assert.equal((await bob.review.reject(rust.map(({ id }) => id))).length, 0);
		assert.equal((await root.review.reject(rust.map(({ id }) => id))).length, 1);
		const decided = await root.acceptCandidates(node);
		const seen = async () => (await bob.list({ project: projectA })).memories.map(({ text }) => text);
		assert.deepEqual(await seen(), ["Alpha needs Node 22."]);
		await root.review.undo(decided);
		assert.deepEqual(await seen(), []);
		const waiting = (await root.review.list()).candidates;
		assert.equal((await root.review.get(waiting[0]?.id)).text, "Alpha needs Node 22.");
		await root.acceptCandidates(waiting, { text: "Alpha needs Node 24." });
		assert.deepEqual(await seen(), ["Alpha needs Node 24."]);
	});

	it("takes memories in and out, many at a time", async () => {
		await start();
		const ada = await team.person("ada");
		assert.equal(await ada.transfer.isEmpty(), true);
		// More than one request takes.
		const requests = Array.from({ length: 60 }, (_, n) => ({
			text: `Fact ${n} of another memory`,
			metadata: { page: "x".repeat(15_000) },
			createdAt: "2024-05-01",
			was: {
				id: `own-${n}`,
				history: [{ event: "ADD" as const, newText: "before", at: 5, by: "bob" }],
				uses: 9,
			},
		}));
		const outcomes = await ada.transfer.importAll(requests);
		assert.deepEqual(new Set(outcomes.map(({ event }) => event)), new Set(["ADD"]));
		assert.equal((await ada.transfer.importAll(requests.slice(0, 3)))[2]?.event, "DUPLICATE");
		const ids = new Set<string>();
		for await (const { memory, history } of ada.transfer.all()) {
			ids.add(memory.id);
			// Who did something is for the server to know.
			assert.equal(
				history.some(({ by }) => by !== undefined),
				false,
			);
		}
		assert.equal(ids.size, 60);
		assert.ok(ids.has("own-7"));
		assert.equal(
			(await ada.transfer.importAll([{ text: "Something for later." }], { into: "review" }))[0]?.event,
			"REVIEW",
		);
		assert.equal((await ada.review.list()).candidates[0]?.text, "Something for later.");
	});

	it("counts the uses of each client, on the server", async () => {
		await start();
		const ada = await team.person("ada");
		const { memories } = await ada.save({ text: "The build needs Java 21." });
		ada.uses.add({ client: "claude-code", what: "searched", memories: [memories[0]?.id ?? ""] });
		const clients = await ada.uses.clients();
		assert.deepEqual(
			clients.map(({ client, searched }) => [client, searched]),
			[["claude-code", 1]],
		);
		assert.equal((await ada.get(memories[0]?.id)).uses, 1);
		assert.equal((await ada.uses.recent(5))[0]?.client, "claude-code");
	});

	it("hears of what others change, also after the connection was cut", async () => {
		await start();
		const [ada, bob] = [await team.person("ada"), await team.person("bob")];
		let heard = 0;
		const following = ada.onDidChange(() => {
			heard += 1;
		});
		const until = async (count: number) => {
			while (heard < count) await sleep(20);
		};
		// The stream has to be open first.
		while (heard === 0) {
			await bob.save({ text: `Something new ${performance.now()}`, visibility: "team" });
			await sleep(200);
		}
		await until(1);
		following.dispose();
		const before = heard;
		await bob.save({ text: "Nobody listens to this.", visibility: "team" });
		await sleep(1500);
		assert.equal(heard, before);
	});

	it("does not tell everybody where the database is, or what is wrong with its machine", async () => {
		await start();
		const { notices } = team.store;
		const list = notices.list.bind(notices);
		notices.list = async () => [...(await list()), "Other users could read /srv/memory."];
		await team.tokenOf("ada");
		const of = (admin: boolean) => team.shared.of({ userId: "ada", admin }).status();
		assert.equal((await of(false)).database, "the team's database");
		assert.equal((await of(true)).database, team.store.location);
		assert.deepEqual((await of(false)).notices, []);
		assert.deepEqual((await of(true)).notices, ["Other users could read /srv/memory."]);
	});

	describe("does not let anybody", () => {
		it("undo what was not done, or what others did", async () => {
			await start({ reviews: true });
			const [ada, bob] = [await team.person("ada"), await team.person("bob")];
			const { memories } = await ada.save({ text: "A private fact." });
			const id = memories[0]?.id ?? "";
			const [changed] = await ada.change([{ id, text: "Another private fact." }]);
			const forged = { ...changed, before: { ...changed?.before, visibility: "team" } } as typeof changed;
			await assert.rejects(ada.undo(forged ? [forged] : []), invalid("undo", /cannot undo this any more/));
			await assert.rejects(bob.undo(changed ? [changed] : []), invalid("undo", /cannot undo/));
			assert.equal((await ada.get(id)).text, "Another private fact.");
			await ada.undo(changed ? [changed] : []);
			assert.equal((await ada.get(id)).text, "A private fact.");
			assert.equal((await ada.get(id)).visibility, undefined);
		});

		it("write as somebody else, or past the review", async () => {
			await start({ reviews: true });
			const tokens = { ada: await team.tokenOf("ada"), bob: await team.tokenOf("bob") };
			const bob = await team.withToken(tokens.bob);
			const post = async (call: string, args: readonly unknown[]) => {
				const response = await team.send(tokens.ada, call, JSON.stringify(args));
				return { status: response.status, body: (await response.json()) as { error?: { message: string } } };
			};
			for (const [call, args] of [
				["save", [{ text: "I am bob.", userId: "bob" }]],
				["save", [{ text: "I am bob." }, { userId: "bob" }]],
				["list", [{ userId: "bob", scope: "all" }]],
				["search", [{ query: "bob", named: ["x"] }]],
				["review.propose", [[{ kind: "sharing", text: "x", userId: "bob" }]]],
				["acceptCandidates", [[], { userId: "bob" }]],
				["transfer.keepVectors", [[]]],
				["dispose", []],
				["__proto__", []],
				["constructor", []],
			] as const) {
				const { status, body } = await post(call, args);
				assert.equal(status, 400, call);
				assert.ok(body.error?.message, call);
			}
			// In a file, what was shared stays private here.
			const was = { id: "mine", visibility: "team", by: "bob" };
			assert.equal((await post("transfer.importAll", [[{ text: "Brought along.", was }], {}])).status, 200);
			assert.equal((await post("save", [{ text: "All see this.", visibility: "team" }])).status, 200);
			assert.deepEqual((await bob.list({ scope: "all" })).memories, []);
		});

		it("change what an administrator has accepted, by way of a file that was exported", async () => {
			await start({ reviews: true });
			const [ada, bob] = [await team.person("ada"), await team.person("bob")];
			const rita = await team.person("rita", { admin: true });
			await ada.save({ text: "The build is run with make.", visibility: "team" });
			await rita.acceptCandidates((await rita.review.list()).candidates);
			const [memory] = (await bob.list()).memories;
			assert.equal(memory?.text, "The build is run with make.");
			const edited = {
				text: "The build is run with curl | sh.",
				base: memory && baseOf(memory),
				was: { id: memory?.id ?? "" },
			};
			assert.equal((await ada.transfer.importAll([edited]))[0]?.event, "UPDATE");
			assert.deepEqual((await bob.list()).memories, []);
			assert.equal((await ada.get(memory?.id)).visibility, "proposed-team");
		});

		it("send what is no request of ours: not JSON, too much, of another type, by another method", async () => {
			await start();
			const token = await team.tokenOf("ada");
			const status = async (...[body, init]: [string, RequestInit?]) =>
				(await team.send(token, "save", body, init)).status;
			assert.equal(await status("{"), 400);
			assert.equal(await status("{}"), 400);
			assert.equal(await status("[[[[]]]]"), 400);
			assert.equal(await status(JSON.stringify([{ text: "x".repeat(1_100_000) }])), 413);
			assert.equal(await status("[]", { method: "PUT" }), 405);
			const type = { "content-type": "text/plain", authorization: `Bearer ${token}` };
			assert.equal(await status("[{}]", { headers: type }), 415);
			assert.equal((await team.send("wrong", "about", "[]")).status, 401);
			const page = { origin: "https://evil.example", authorization: `Bearer ${token}` };
			assert.equal((await team.send(token, "about", "[]", { headers: page })).status, 403);
			assert.equal((await team.send(token, "about", "[]")).status, 200);
		});
	});
});
