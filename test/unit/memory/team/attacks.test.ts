import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { joinParts } from "../../../../src/memory/curating/splitting.ts";
import type { MemoryService } from "../../../../src/memory/memoryService.ts";
import { PatientEmbedder } from "../../../../src/memory/patientEmbedder.ts";
import { projectA } from "../../../support/fixtures/projects.ts";
import { startTeam, type Team } from "../../../support/team/teamFixture.ts";

describe("Somebody with a token of a team's server, and a program of their own, cannot", function () {
	this.timeout(60_000);
	let team: Team;
	afterEach(() => team.close());

	const asked = async (token: string, call: string, ...args: readonly unknown[]) => {
		const response = await team.send(token, call, JSON.stringify(args));
		return { status: response.status, ...((await response.json()) as { result?: never; error?: never }) };
	};
	const idOf = (saved: { readonly memories: readonly { readonly id: string }[] }) =>
		saved.memories[0]?.id ?? "";
	const inA = { scope: "project", project: projectA };

	it("write as somebody else by splitting a memory of theirs", async () => {
		team = await startTeam({ reviews: true });
		const [adas, bobs, roots] = [
			await team.tokenOf("ada"),
			await team.tokenOf("bob"),
			await team.tokenOf("chief", true),
		];
		const ada = await team.withToken(adas);
		const id = idOf(await ada.save({ text: "Releases are on Tuesdays.", ...inA }));
		const chief = await team.withToken(roots);
		await chief.acceptCandidates((await chief.review.list()).candidates);
		assert.equal((await ada.get(id)).visibility, "project");
		const words = joinParts(["Forged one.", "Forged two."]);
		const split = { kind: "tidy-up", action: "split", concerns: [id], text: words, ...inA };
		for (const token of [bobs, adas]) {
			const { result = [] } = await asked(token, "review.propose", [split]);
			const [candidate] = result as { id: string }[];
			await asked(token, "acceptCandidates", [candidate?.id]);
		}
		const carol = await team.person("carol");
		const { memories } = await carol.list({ scope: "all", project: projectA });
		const seen = memories.map(({ userId, text }) => `${userId}: ${text}`);
		assert.deepEqual(
			seen.filter((line) => /Forged/.test(line)),
			[],
		);
		const written = [...(await ada.list({ scope: "all", project: projectA })).memories];
		assert.deepEqual(
			written.map(({ text, visibility }) => [text, visibility]),
			[
				["Forged two.", "proposed-project"],
				["Forged one.", "proposed-project"],
			],
		);
	});

	it("bring back for all what an administrator has deleted", async () => {
		team = await startTeam({ reviews: true });
		const [ada, bob] = [await team.person("ada"), await team.person("bob")];
		const chief = await team.person("chief", { admin: true });
		const id = idOf(await ada.save({ text: "Run curl | sh.", ...inA }));
		await chief.acceptCandidates((await chief.review.list()).candidates);
		// What its author has deleted comes back as it was.
		await ada.delete(id);
		assert.equal((await ada.restore(id)).visibility, "project");
		await chief.delete(id);
		assert.equal((await ada.restore(id)).visibility, "proposed-project");
		assert.deepEqual((await bob.list({ scope: "all", project: projectA })).memories, []);
	});

	it("share a memory whose times no program can show", async () => {
		team = await startTeam();
		const token = await team.tokenOf("ada");
		for (const times of [
			{ was: { updatedAt: 1e300 } },
			{ was: { updatedAt: 8.64e15 } },
			{ was: { updatedAt: 1.5 } },
			{ createdAt: 8.64e15 },
			{ was: { expiresAt: 1e300 } },
			{ was: { history: [{ event: "ADD", newText: "x", at: 1e300 }] } },
		]) {
			const text = `The time ${JSON.stringify(times)} is strange.`;
			await asked(token, "transfer.importAll", [{ text, ...times }], {});
			const ada = await team.withToken(token);
			for (const { id } of (await ada.list({ scope: "all" })).memories) {
				await asked(token, "change", [{ id, pinned: true, visibility: "team" }]);
				const { createdAt, updatedAt, expiresAt = 0 } = await ada.get(id);
				for (const time of [createdAt, updatedAt, expiresAt])
					assert.doesNotThrow(() => new Date(time).toISOString(), text);
			}
		}
	});

	it("have one kind of deed undone as another", async () => {
		team = await startTeam();
		const token = await team.tokenOf("ada");
		const ada = await team.withToken(token);
		const id = idOf(await ada.save({ text: "Tabs, not spaces." }));
		const { result = [] } = await asked(token, "change", [{ id, pinned: true }]);
		const undone = await asked(token, "review.undo", result);
		assert.deepEqual([undone.status, (undone.error as { kind?: string } | undefined)?.kind], [400, "input"]);
		for (const odd of [[null], ["x"], [7], [[]], [{}], [{ seal: "" }], [{ __proto__: null, seal: {} }]])
			assert.equal((await asked(token, "undo", odd)).status, 400);
	});

	it("fill the server's memory with events that nobody reads", async () => {
		let tell = (): unknown => undefined;
		const memory = {
			onDidChange: (listener: () => void) => {
				tell = listener;
				return { dispose: () => undefined };
			},
		} as unknown as MemoryService;
		const probe = async () => ({ mode: "verbatim", pending: [] }) as const;
		team = await startTeam({ memory: { memoryOf: () => memory, version: "1", probe } });
		const { hostname, port } = new URL(team.host.url);
		const head = `GET /mcp/memory/changes HTTP/1.1\r\nHost: ${hostname}:${port}`;
		const socket = connect(Number(port), hostname);
		socket.write(`${head}\r\nAuthorization: Bearer ${await team.tokenOf("ada")}\r\n\r\n`);
		await once(socket, "data");
		socket.pause();
		for (let n = 0; n < 1_500_000; n += 1) {
			tell();
			if (n % 10_000 === 0) await turn();
		}
		let bytes = 0;
		socket.on("data", (chunk) => {
			bytes += chunk.length;
		});
		socket.resume();
		for (let before = -1; before !== bytes && bytes < 15_000_000; await sleep(2000)) before = bytes;
		socket.destroy();
		assert.ok(bytes > 0 && bytes < 15_000_000, `${bytes} bytes`);
	});

	it("have texts embedded for memories that are not there", async () => {
		team = await startTeam();
		const token = await team.tokenOf("ada");
		const { embedAll } = PatientEmbedder.prototype;
		let texts = 0;
		PatientEmbedder.prototype.embedAll = function (all, ...rest) {
			texts += all.length;
			return embedAll.call(this, all, ...rest);
		};
		try {
			const requests = Array.from({ length: 1000 }, (_, n) => ({ id: `id-${n}`, text: `Text ${n}` }));
			assert.equal((await asked(token, "change", requests)).status, 404);
		} finally {
			PatientEmbedder.prototype.embedAll = embedAll;
		}
		assert.equal(texts, 0);
	});

	it("bring the server down with deep or odd JSON", async () => {
		team = await startTeam();
		const token = await team.tokenOf("ada");
		const deep = (length: number) => `${"[".repeat(length)}${"]".repeat(length)}`;
		const bodies: readonly (readonly [string, string])[] = [
			["save", `[{"text":"x","metadata":{"a":${deep(200_000)}}}]`],
			["undo", `[[{"seal":"x","a":${deep(200_000)}}]]`],
			["get", `[${deep(200_000)}]`],
			["save", `[{"text":"x","__proto__":{"admin":true}}]`],
			["save", `[{"text":"x","metadata":{"__proto__":{"admin":true},"constructor":{"prototype":{"a":1}}}}]`],
			["__proto__", "[]"],
			["constructor", "[]"],
			["list", `[{"limit":1e9}]`],
			["list", `[{"project":{"id":"a\\u0000b","name":"x"}}]`],
			["deleted", `[10,{"key":1.5,"seq":3}]`],
			["review.get", `["share-"]`],
			["review.get", `["share-x@99999999999999999999"]`],
			["transfer.page", `["AAAA"]`],
			["get", `["\\ud800"]`],
			["save", `[{"text":"x","conversationId":"\\u0000"}]`],
			["list", `[{"author":"a\\u0000","client":"b\\u0000"}]`],
			["save", `[{"text":"y","metadata":{"a\\u0000":"\\u0000\\ud800"}}]`],
			["change", `[[{"id":"x","text":"a\\u0000"}]]`],
			["uses.add", `[[{"client":"x","what":"read","memories":["\\u0000"]}]]`],
		];
		for (const [call, body] of bodies) {
			const response = await team.send(token, call, body);
			assert.ok(response.status < 500, `${call} ${body.slice(0, 80)}: ${response.status}`);
		}
		assert.equal(({} as { admin?: unknown }).admin, undefined);
	});
});
