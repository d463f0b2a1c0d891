import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { endpointFixture } from "../../support/fixtures/endpointFixture.ts";
import {
	inputs,
	type ScriptedServer,
	scriptedServer,
	vectorsFor,
} from "../../support/fixtures/scriptedServer.ts";
import { pause } from "../../support/fixtures/serviceFixture.ts";
import { itWithProcesses, storeEnvironment } from "../../support/postgres/testStore.ts";

const people = Array.from({ length: 30 }, (_, index) => ({ text: `Member ${index} keeps bees.` }));
const bad = "Member 17 ";

describe("A memory on whose text the embedding model fails", function () {
	this.timeout(60_000);
	const memory = endpointFixture();
	let server: ScriptedServer;
	let failing: string | undefined = bad;
	let model = "test-embed";
	const asked = (text: string) =>
		server.bodies.filter((body) => inputs(body).some((each) => each.includes(text))).length;

	beforeEach(async () => {
		failing = bad;
		model = "test-embed";
		server = await scriptedServer((body) =>
			failing && inputs(body).some((text) => text.includes(failing as string))
				? [400, "failed to encode response: json: unsupported value: NaN"]
				: vectorsFor(body, { model }),
		);
	});
	afterEach(() => server.close());
	const environment = () => ({
		EMBEDDING_PROVIDER: "openai",
		EMBEDDING_BASE_URL: server.baseUrl,
		EMBEDDING_MODEL_CHOICE: "test-embed",
	});

	it("does not keep the others from their vectors, is told, and is tried again with growing pauses", async () => {
		const service = await memory.open(environment());
		await service.transfer.importAll(people);
		const status = await service.status();
		assert.equal(status.pending.embedding, 1);
		await memory.clock.pass(10_000);
		const { remarks, embedding } = await service.status();
		assert.equal(embedding.state, "working");
		assert.match(
			remarks.join(),
			/1 memory has no vector, because the embedding model fails on its text\. .*NaN.*tried again later/,
		);
		// Other work goes on meanwhile.
		await service.save({ text: "Ada lives in Paris." });
		await memory.clock.pass(5000);
		assert.equal((await service.status()).pending.embedding, 1);
		const times: number[] = [];
		let before = asked(bad);
		for (let minute = 1; minute <= 30; minute += 1) {
			await memory.clock.pass(60_000);
			if (asked(bad) > before) times.push(minute);
			before = asked(bad);
		}
		const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
		assert.ok(times.length >= 3 && times.length <= 7, `tried in minutes ${times}`);
		assert.ok((pauses.at(-1) ?? 0) > (pauses[0] ?? 0), `pauses ${pauses}`);
		failing = undefined;
		for (let minute = 0; minute < 90 && (await service.status()).pending.embedding > 0; minute += 1)
			await memory.clock.pass(60_000);
		const after = await service.status();
		assert.deepEqual([after.pending.embedding, after.remarks], [0, []]);
	});

	it("is forgotten when it is deleted", async () => {
		const service = await memory.open(environment());
		await service.transfer.importAll(people);
		await memory.clock.pass(10_000);
		const { memories } = await service.list({ limit: 100 });
		await service.delete(memories.find(({ text }) => text.startsWith(bad))?.id ?? "");
		service.workSoon();
		await memory.clock.pass(10_000);
		assert.deepEqual((await service.status()).remarks, []);
	});

	it("does not keep a save from being answered, which says why it has no vector", async () => {
		const service = await memory.open(environment());
		const { note = "", pending } = await service.save({ text: `${bad}likes coffee.` });
		assert.deepEqual(pending, ["embedding"]);
		assert.match(note, /NaN.*found by its words now/);
		assert.deepEqual((await service.save({ text: "Ada lives in Paris." })).pending, []);
	});

	itWithProcesses(
		"is what re-embedding leaves: it ends, and says how many, why, and what to do",
		async () => {
			const service = await memory.open({ EMBEDDING_PROVIDER: "builtin" });
			await service.transfer.importAll(people);
			await service.dispose();
			const env = {
				...process.env,
				...environment(),
				...storeEnvironment(memory.folder),
				DEFAULT_USER_ID: "ada",
			};
			const said = await new Promise<{ code: unknown; stderr: string }>((done) =>
				execFile(process.execPath, [serverFile, "reembed"], { env }, (error, _, stderr) =>
					done({ code: error?.code ?? 0, stderr }),
				),
			);
			assert.match(
				said.stderr,
				/29 memories embedded\. 1 memory has no vector.*NaN.*Shorten or reword its text/,
			);
			assert.equal(said.code, 1);
		},
	);

	it("is not blamed for a model that is replaced by another of the same width: their vectors never mix", async () => {
		failing = undefined;
		const service = await memory.open(environment());
		await service.transfer.importAll(people);
		model = "other-model";
		await service.save({ text: "Ada lives in Paris." });
		const { embedding, outsideSpace, remarks } = await service.status();
		assert.equal(embedding.space?.model, "other-model (asked for test-embed)");
		assert.equal(outsideSpace, people.length);
		assert.match(remarks.join(), /was asked for test-embed and answers with other-model/);
		// As long as the other texts, so that its vector is theirs: with old vectors it would find them.
		assert.deepEqual(
			(await service.search({ query: "Where is Paris today" })).memories.map(({ text }) => text),
			["Ada lives in Paris."],
		);
		await pause(0);
	});
});
