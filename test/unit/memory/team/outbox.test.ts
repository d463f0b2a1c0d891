import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLog } from "../../../../src/config/log.ts";
import { directly } from "../../../../src/config/network.ts";
import { InputError } from "../../../../src/memory/errors.ts";
import { KeptSaves } from "../../../../src/memory/remote/keptSaves.ts";
import { RemoteMemory } from "../../../../src/memory/remote/remoteMemory.ts";
import { createTeamClient } from "../../../../src/memory/remote/teamClient.ts";
import { SecretGuard } from "../../../../src/memory/secrets/secretGuard.ts";
import { StoreError } from "../../../../src/store/errors.ts";
import { projectA } from "../../../support/fixtures/projects.ts";
import { invalid } from "../../../support/fixtures/serviceFixture.ts";
import { temporaryFolder } from "../../../support/fixtures/temporaryFolder.ts";
import { startTeam, type Team } from "../../../support/team/teamFixture.ts";

describe("What a team's server cannot take now", function () {
	this.timeout(60_000);
	let team: Team;
	let way: Server;
	let url: string;
	/** What becomes of a request on its way to the server. `lost`: it is done there, and the answer does not arrive. */
	let mode: "open" | "away" | "lost";
	let folder: string;
	/** All that was sent to the server. */
	let sent: string;

	beforeEach(async () => {
		sent = "";
		team = await startTeam();
		mode = "open";
		folder = join(temporaryFolder(), "kept");
		way = createServer((request, response) => {
			request.on("data", (chunk: Buffer) => {
				sent += chunk.toString();
			});
			if (mode === "away") return void response.destroy();
			const { method, headers, url: path } = request;
			const lost = mode === "lost";
			const onward = httpRequest(new URL(path ?? "", team.host.url), { method, headers }, (answer) => {
				if (lost) {
					answer.resume();
					return void answer.once("end", () => response.destroy());
				}
				response.writeHead(answer.statusCode ?? 500, answer.headers);
				answer.pipe(response);
			});
			onward.once("error", () => response.destroy());
			response.once("close", () => onward.destroy());
			request.pipe(onward);
		});
		await new Promise<void>((listening) => way.listen(0, "127.0.0.1", listening));
		url = `http://127.0.0.1:${(way.address() as AddressInfo).port}/mcp`;
	});
	afterEach(async () => {
		way.closeAllConnections();
		await new Promise((closed) => way.close(closed));
		await team.close();
	});

	const textsThere = async (userId = "ada") =>
		(await team.shared.of({ userId, admin: false }).list({ scope: "all" })).memories
			.map(({ text }) => text)
			.sort();
	const files = () => readdirSync(folder).filter((name) => name.endsWith(".json"));
	const delivered = async (memory: RemoteMemory) => {
		// Any answer shows that it is back.
		await memory.status();
		while (files().length > 0) await sleep(20);
	};

	it("is kept, found here at once, by other processes and after a restart, and arrives once", async () => {
		const token = await team.tokenOf("ada");
		const first = await team.withToken(token, url, folder);
		await first.save({ text: "The office closes at eight." });
		mode = "away";
		const saved = await first.save({
			text: "Alpha is deployed with make ship.",
			scope: "project",
			project: projectA,
			metadata: { ticket: "A-7" },
			pinned: true,
		});
		assert.equal(saved.keptHere, true);
		assert.match(saved.note ?? "", /is kept, and arrives there when it is back/);
		const id = saved.memories[0]?.id ?? "";
		const second = await team.withToken(token, url, folder);
		assert.equal(second.userId, "ada");
		for (const memory of [first, second]) {
			const found = await memory.search({ query: "how is alpha deployed?", project: projectA });
			assert.deepEqual(
				found.memories.map((each) => [each.id, each.keptHere, each.weak]),
				[[id, true, undefined]],
			);
			assert.match(found.note ?? "", /only the ones that wait .*broke off the connection/);
			assert.equal((await memory.list({ scope: "all" })).memories[0]?.id, id);
			assert.deepEqual((await memory.list({ scope: "project", project: projectA })).total, 1);
			assert.equal((await memory.get(id)).text, "Alpha is deployed with make ship.");
			assert.equal((await memory.history(id))[0]?.newText, "Alpha is deployed with make ship.");
		}
		const { groups, onlyHere } = await first.groups("project", 10);
		assert.deepEqual(
			groups.map(({ key, name, count }) => [key, name, count]),
			[[projectA.id, projectA.name, 1]],
		);
		assert.match(onlyHere ?? "", /broke off the connection/);
		assert.equal(await first.review.count(), 0);
		const deleted = await first.deleted(5);
		assert.deepEqual(deleted.memories, []);
		assert.match(deleted.onlyHere ?? "", /broke off the connection/);
		await assert.rejects(first.list({ scope: "global" }), StoreError);
		const status = await first.status();
		assert.equal(status.away?.waiting, 1);
		assert.match(status.away?.problem ?? "", /broke off/);
		mode = "open";
		await Promise.all([delivered(first), delivered(second)]);
		assert.deepEqual(await textsThere(), [
			"Alpha is deployed with make ship.",
			"The office closes at eight.",
		]);
		const there = await first.get(id);
		assert.deepEqual(
			[there.keptHere, there.project?.id, there.metadata, there.pinned, there.visibility],
			[undefined, projectA.id, { ticket: "A-7" }, true, "project"],
		);
		assert.equal((await first.status()).away, undefined);
	});

	it("is not saved twice where only the answer was lost", async () => {
		const ada = await team.withToken(await team.tokenOf("ada"), url, folder);
		await ada.status();
		mode = "lost";
		const texts = Array.from({ length: 5 }, (_, n) => `Fact ${n} of a bad connection.`);
		const saved = [];
		for (const text of texts) saved.push(await ada.save({ text }));
		assert.deepEqual(new Set(saved.map(({ keptHere }) => keptHere)), new Set([true]));
		assert.deepEqual(await textsThere(), texts);
		// It is there and waits here, and is one.
		mode = "open";
		const listed = await ada.list({ scope: "all" });
		assert.equal(listed.memories.length, 5);
		await delivered(ada);
		assert.deepEqual(await textsThere(), texts);
		assert.deepEqual(
			new Set((await ada.list({ scope: "all" })).memories.map(({ id }) => id)),
			new Set(saved.map(({ memories }) => memories[0]?.id)),
		);
	});

	it("may be taken back", async () => {
		const ada = await team.withToken(await team.tokenOf("ada"), url, folder);
		mode = "away";
		const { memories } = await ada.save({ text: "Not meant." });
		assert.equal((await ada.delete(memories[0]?.id)).text, "Not meant.");
		assert.deepEqual(files(), []);
		mode = "open";
		await ada.status();
		assert.deepEqual(await textsThere(), []);
	});

	it("waits again after an Undo of that, also where the server knows by then that it was taken back", async () => {
		const ada = await team.withToken(await team.tokenOf("ada"), url, folder);
		mode = "away";
		const ids: string[] = [];
		for (const text of ["Meant.", "Meant as well."])
			ids.push((await ada.save({ text })).memories[0]?.id ?? "");
		await ada.deleteAll(ids);
		assert.deepEqual(files(), []);
		assert.equal((await ada.restore(ids[0])).text, "Meant.");
		assert.equal(files().length, 1);
		mode = "open";
		await delivered(ada);
		while (readdirSync(folder).some((name) => name.endsWith(".withdrawn"))) await sleep(20);
		assert.deepEqual(await textsThere(), ["Meant."]);
		assert.equal((await ada.restore(ids[1])).text, "Meant as well.");
		await delivered(ada);
		assert.deepEqual(await textsThere(), ["Meant as well.", "Meant."]);
	});

	it("is counted in a list once the server is back, before it has arrived", async () => {
		const ada = await team.withToken(await team.tokenOf("ada"), url, folder);
		await ada.save({ text: "There." });
		mode = "away";
		await ada.save({ text: "On the way." });
		mode = "open";
		const { memories, total } = await ada.list({ scope: "all" });
		assert.equal(memories.length, 2);
		assert.equal(total, 2);
		await delivered(ada);
		assert.equal((await ada.list({ scope: "all" })).total, 2);
	});

	it("is refused at once if the server would refuse it, and is not kept for somebody who is not known", async () => {
		const token = await team.tokenOf("ada");
		const ada = await team.withToken(token, url, folder);
		mode = "away";
		await assert.rejects(ada.save({ text: "" }), invalid("text", /empty/));
		await assert.rejects(
			ada.save({ text: "x", visibility: "project" }),
			invalid("visibility", /belongs to no project/),
		);
		const stranger = await team.withToken("mem0_unknown", url, folder);
		await assert.rejects(stranger.save({ text: "Whose?" }), StoreError);
		assert.deepEqual(files(), []);
	});

	it("has no secret and no token in it, and is the user's own file", async () => {
		const token = await team.tokenOf("ada");
		const ada = await team.withToken(token, url, folder);
		mode = "away";
		const key = `sk-proj-${"a1B2c3D4e5F6".repeat(4)}`;
		const saved = await ada.save({ text: `The key of the staging account is ${key} by the way.` });
		assert.match(saved.note ?? "", /is kept/);
		for (const name of readdirSync(folder)) {
			const path = join(folder, name);
			const content = name + readFileSync(path, "utf8");
			assert.ok(!content.includes(token) && !content.includes(key), content);
			if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o77, 0);
		}
	});

	it("is not sent, either, where it has a secret that this machine lets into no memory", async () => {
		const token = await team.tokenOf("ada");
		const ada = await team.withToken(token, url, folder);
		const key = `sk-proj-${"a1B2c3D4e5F6".repeat(4)}`;
		const text = `The key of the staging account is ${key} by the way.`;
		const saved = await ada.save({ text, metadata: { note: key } });
		assert.match(saved.note ?? "", /replaced/);
		const id = saved.memories[0]?.id ?? "";
		const [changed] = await ada.change([{ id, text: `${text} Still.` }]);
		assert.match(changed?.note ?? "", /replaced/);
		assert.match((await ada.update(id, `${text} Again.`)).note ?? "", /replaced/);
		const [imported] = await ada.transfer.importAll([{ text: `${text} From a file.` }]);
		assert.deepEqual([imported?.event, imported?.isRedacted], ["ADD", true]);
		await ada.review.proposeEdit(await ada.get(id), text);
		assert.ok(!sent.includes(key));
		const client = createTeamClient({ url, token, network: directly });
		const strict = await RemoteMemory.open({ client, log: silentLog, guard: new SecretGuard("refuse") });
		const before = sent;
		await assert.rejects(strict.save({ text }), InputError);
		await assert.rejects(strict.change([{ id, text }]), InputError);
		assert.equal(sent, before);
		await strict.dispose();
	});

	it("leaves nothing of a text that was never kept, as its process was killed", async () => {
		const ada = await team.withToken(await team.tokenOf("ada"), url, folder);
		const [old, young] = ["0000000000000001-old.json.part", "0000000000000002-young.json.part"];
		for (const name of [old, young]) writeFileSync(join(folder, name), "half of a text");
		const hoursAgo = Date.now() / 1000 - 7200;
		utimesSync(join(folder, old), hoursAgo, hoursAgo);
		mode = "away";
		await ada.save({ text: "Kept." });
		mode = "open";
		await delivered(ada);
		while (readdirSync(folder).includes(old)) await sleep(20);
		assert.ok(readdirSync(folder).includes(young));
	});

	it("is its author's, whoever uses the server here next", async () => {
		const ada = await team.withToken(await team.tokenOf("ada"), url, folder);
		const bobs = await team.tokenOf("bob");
		await team.withToken(bobs, url, folder);
		mode = "away";
		await ada.save({ text: "Ada's own." });
		await ada.dispose();
		mode = "open";
		const bob = await team.withToken(bobs, url, folder);
		assert.match((await bob.status()).notices.join(), /Saves of ada wait on this machine/);
		assert.deepEqual((await bob.search({ query: "Ada's own" })).memories, []);
		assert.deepEqual([await textsThere("bob"), files().length], [[], 1]);
	});

	it("stays where it can be read if the server never takes it, or is no save at all", async () => {
		const ada = await team.withToken(await team.tokenOf("ada"), url, folder);
		mode = "away";
		await ada.save({ text: "Kept." });
		const [name = ""] = files();
		const kept = JSON.parse(readFileSync(join(folder, name), "utf8")) as { request: object };
		const bad = {
			...kept,
			id: "00000000-0000-4000-8000-000000000000",
			request: { ...kept.request, visibility: "all" },
		};
		writeFileSync(join(folder, `0000-${bad.id}.json`), JSON.stringify({ ...bad, at: 0 }));
		writeFileSync(join(folder, "0000000000000000-half.json"), '{"id": "half');
		mode = "open";
		await ada.status();
		while (files().length > 2) await sleep(20);
		assert.deepEqual(await textsThere(), ["Kept."]);
	});

	it("is taken back on the server, too, where only the answer was lost", async () => {
		const ada = await team.withToken(await team.tokenOf("ada"), url, folder);
		mode = "lost";
		const { memories } = await ada.save({ text: "Not meant, and there." });
		assert.deepEqual(await textsThere(), ["Not meant, and there."]);
		mode = "away";
		await ada.delete(memories[0]?.id);
		assert.deepEqual(files(), []);
		for (const name of readdirSync(folder))
			assert.doesNotMatch(readFileSync(join(folder, name), "utf8"), /Not meant/);
		mode = "open";
		await ada.status();
		while (readdirSync(folder).some((name) => name.endsWith(".withdrawn"))) await sleep(20);
		assert.deepEqual(await textsThere(), []);
	});

	it("arrives though the server fails on one of them, which waits on", async () => {
		const ada = await team.withToken(await team.tokenOf("ada"), url, folder);
		mode = "away";
		await ada.save({ text: "Poison." });
		await ada.save({ text: "Sound." });
		const service = team.shared.of({ userId: "ada", admin: false });
		const save = service.save.bind(service);
		service.save = async (request) => {
			if (request.text === "Poison.") throw new Error("It fails.");
			return save(request);
		};
		mode = "open";
		await ada.status();
		while (files().length > 1) await sleep(20);
		assert.deepEqual(await textsThere(), ["Sound."]);
	});

	it("keeps its order whatever the clock says", async () => {
		const saves = new KeptSaves(folder);
		const request = (text: string) => ({ id: randomUUID(), userId: "ada", request: { text } });
		for (const [at, text] of [
			[5000, "1"],
			[9000, "2"],
			[100, "3"],
			[100, "4"],
		] as const)
			await saves.keep({ ...request(text), at });
		const all = await new KeptSaves(folder).all();
		assert.deepEqual(
			all.map((each) => each.request.text),
			["1", "2", "3", "4"],
		);
	});

	it("says that it could not be kept, and reads what the server has all the same", async () => {
		const blocked = join(temporaryFolder(), "file", "team");
		const ada = await team.withToken(await team.tokenOf("ada"), url, blocked);
		await ada.save({ text: "There." });
		rmSync(join(blocked, ".."), { recursive: true });
		writeFileSync(join(blocked, ".."), "in the way");
		assert.equal((await ada.list({ scope: "all" })).total, 1);
		mode = "away";
		await assert.rejects(
			ada.save({ text: "Nowhere." }),
			(error) => error instanceof StoreError && /Nothing was saved/.test(error.message),
		);
	});

	it("is not delivered as another user, whose token took the place of the author's", async () => {
		const [adas, bobs] = [await team.tokenOf("ada"), await team.tokenOf("bob")];
		let token = adas;
		const client = createTeamClient({ url, token: async () => token, network: directly });
		const memory = await RemoteMemory.open({ client, log: silentLog, folder });
		mode = "away";
		await memory.save({ text: "Ada's own." });
		token = bobs;
		await team.store.users.revoke("ada", Date.now());
		await team.clock.pass(2500);
		mode = "open";
		await assert.rejects(memory.list({ scope: "all" }), StoreError);
		assert.deepEqual((await memory.list({ scope: "all" })).memories, []);
		assert.equal(memory.userId, "bob");
		await sleep(2500);
		assert.deepEqual([await textsThere("bob"), files().length], [[], 1]);
		await memory.dispose();
	});
});
