import assert from "node:assert/strict";
import { join } from "node:path";
import { silentLog } from "../../../src/config/log.ts";
import { directly } from "../../../src/config/network.ts";
import type { Environment } from "../../../src/config/variables.ts";
import { createTeamTarget } from "../../../src/doctor/checks/team/teamTarget.ts";
import { token as tokenCheck } from "../../../src/doctor/checks/team/token.ts";
import type { ExamineOptions } from "../../../src/doctor/doctor.ts";
import type { Embedder } from "../../../src/endpoints/embedder.ts";
import { SharedMemory } from "../../../src/memory/access/sharedMemory.ts";
import { MemoryService } from "../../../src/memory/memoryService.ts";
import { KeptSaves, keptFolder } from "../../../src/memory/remote/keptSaves.ts";
import { StoreError } from "../../../src/store/errors.ts";
import { examined, firstTrouble, withWorkbench } from "../../support/fixtures/brokenSetups.ts";
import { sharedEmbedder } from "../../support/fixtures/sharedEmbedder.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";
import { openAway } from "../../support/postgres/awayFixture.ts";
import { type ReverseProxy, reverseProxy } from "../../support/team/reverseProxy.ts";
import { startTeam, type Team } from "../../support/team/teamFixture.ts";

const roles = ["configuration", "storage"] as const;

/** It outlives who has it. */
function lentEmbedder(): Embedder {
	const model = sharedEmbedder();
	const { space, calibration, description, origin } = model;
	const embed: Embedder["embed"] = (texts, options) => model.embed(texts, options);
	return { space, calibration, description, origin, embed, dispose: async () => undefined };
}

/** What is left of a probe on a team's server, what waits here for it, and what is told of a token. */
describe("The Endpoint Doctor, with a team's server,", function () {
	this.timeout(60_000);
	let team: Team;
	let token: string;
	before(async () => {
		await warmUp();
		team = await startTeam();
		token = await team.tokenOf("ada");
	});
	after(() => team.close());

	const environment = (url: string): Environment => ({
		MEMORY_DIR: join(temporaryFolder(), "none"),
		TEAM_SERVER_URL: url,
		TEAM_SERVER_TOKEN: token,
	});
	const examine = (env: Environment, options: Partial<ExamineOptions> = {}) =>
		examined(env, {}, { roles, ...options });
	/** Every text that the server's database has of a user, also of deleted memories. */
	const keptOf = async (user: string) => {
		const { memories } = team.store;
		const texts = (await memories.deleted(user, 10)).memories.map(({ text }) => text);
		let after: string | undefined;
		do {
			const page = await memories.keptTexts(user, 10, after);
			texts.push(...page.texts.map(({ text }) => text));
			after = page.next;
		} while (after !== undefined);
		return texts;
	};

	it("leaves nothing of the probe, to whoever asks or to others, also of one that was cut off", async () => {
		const nobody = "(probe of ada)";
		// A server that was killed meanwhile.
		const cut = new MemoryService({
			store: team.store,
			embedder: lentEmbedder(),
			userId: nobody,
			log: silentLog,
			borrowed: true,
		});
		await cut.save({ text: "The probe of the Endpoint Doctor is painted in ultramarine blue." });
		await cut.dispose();
		assert.notDeepEqual(await keptOf(nobody), []);
		const report = await examine(environment(team.host.url));
		assert.equal(report.findings.find(({ id }) => id === "storage.round-trip")?.status, "ok");
		for (const user of [nobody, "ada", "root"]) assert.deepEqual(await keptOf(user), []);
	});

	it("erases the probe although whoever asked is gone", () =>
		withWorkbench(async (bench) => {
			const stop = new AbortController();
			let sent = 0;
			const own: NonNullable<ReverseProxy["own"]> = ({ url }) => {
				if (url?.endsWith("/probe")) {
					sent += 1;
					setImmediate(() => stop.abort(new Error("cancelled")));
				}
				return false;
			};
			const { port } = new URL(team.host.url);
			const url = `http://127.0.0.1:${await reverseProxy(bench, { port }, { own })}/mcp`;
			const report = await examine(environment(url), { signal: stop.signal });
			assert.ok(report.cancelled);
			assert.equal(sent, 1);
			// The one that is under way, or one of its own.
			await team.shared.probe("ada");
			assert.deepEqual(await keptOf("(probe of ada)"), []);
		}));

	it("makes no probe while the server's database is away, which would get it once it is back", () =>
		withWorkbench(async (bench) => {
			const url = `postgresql://ada@127.0.0.1:${await bench.closedPort()}/mem0`;
			const store = await openAway(join(temporaryFolder(), "away"), url, "away");
			const shared = new SharedMemory({ store, embedder: lentEmbedder(), userId: "root", log: silentLog });
			await assert.rejects(shared.probe("ada"), (error) => error instanceof StoreError);
			assert.equal(await store.away?.waiting(), 0);
			await shared.dispose();
		}));

	it("tells what waits here for the server, and what it has refused", async () => {
		const env = environment(team.host.url);
		const folder = keptFolder(env.MEMORY_DIR ?? "", team.host.url);
		const kept = new KeptSaves(folder);
		const save = {
			id: crypto.randomUUID(),
			userId: "ada",
			at: Date.now() - 3_600_000,
			request: { text: "Later." },
		};
		await kept.keep(save);
		const waiting = firstTrouble(await examine(env));
		assert.equal(waiting?.id, "storage.kept");
		assert.match(waiting.seen, /^1 change waits on this machine for the team's server, the oldest from/);
		const path = await kept.setAside(save);
		const refused = firstTrouble(await examine(env)) ?? assert.fail();
		assert.ok(refused.seen.includes(path), refused.seen);
		assert.match(refused.fixes[0]?.label ?? "", /Save the text in it again/);
	});

	it("shows nothing of a token that a window lends, though the server repeats it", () =>
		withWorkbench(async (bench) => {
			const { port } = new URL(team.host.url);
			const own: NonNullable<ReverseProxy["own"]> = ({ headers }, response) => {
				const error = {
					code: -32000,
					message: `No such token: ${headers.authorization?.slice("Bearer ".length)}`,
				};
				response.writeHead(401).end(JSON.stringify({ jsonrpc: "2.0", error, id: null }));
				return true;
			};
			const url = `http://127.0.0.1:${await reverseProxy(bench, { port }, { own })}/mcp`;
			const run = { ambient: {}, deadline: 20_000, signal: new AbortController().signal };
			const evidence: string[] = [];
			const lent = { url, network: directly, token: async () => "lent-4711-by-a-window" };
			const target = createTeamTarget(lent, temporaryFolder(), { ...run, asksModels: true, evidence });
			target.recordFirst(await target.first());
			const { seen } = await tokenCheck.run(target);
			for (const text of [seen, ...evidence]) {
				assert.match(text, /No such token/);
				assert.doesNotMatch(text, /lent-4711/);
			}
		}));
});
