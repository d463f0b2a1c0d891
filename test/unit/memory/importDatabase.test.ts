import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { MemoryService } from "../../../src/memory/memoryService.ts";
import { importDatabase } from "../../../src/memory/transfer/importDatabase.ts";
import { ImportReport } from "../../../src/memory/transfer/importReport.ts";
import { openForeignServerOn } from "../../../src/store/postgres/foreignServer.ts";
import { endpointFixture } from "../../support/fixtures/endpointFixture.ts";
import {
	documentsTable,
	emptied,
	payload,
	pgvectorTable,
	supabaseTable,
	vecsTable,
} from "../../support/fixtures/foreignMemories.ts";
import { inputs, type ScriptedServer, scriptedServer } from "../../support/fixtures/scriptedServer.ts";
import { testDriver } from "../../support/postgres/testDatabase.ts";

/** The one vector of a text, by the numbers of its letters. */
function vectorOf(text: string): number[] {
	const vector = [text.length, text.charCodeAt(0) % 17, text.charCodeAt(text.length - 1) % 13];
	const length = Math.hypot(...vector);
	return vector.map((each) => each / length);
}

describe("An import from a database of mem0", function () {
	this.timeout(120_000);
	const memory = endpointFixture();
	let model: ScriptedServer;
	let asked: string[] = [];
	let makes = vectorOf;

	async function run(sql: string, values: readonly unknown[] = []): Promise<void> {
		const driver = await testDriver("public");
		const connection = await driver.connect();
		if (values.length > 0) await connection.query(sql, values);
		else await connection.script(sql);
		connection.release(false);
		await driver.close();
	}

	async function addVecs(id: string, metadata: object | string, vector: readonly number[] = [1, 0, 0]) {
		await run("INSERT INTO vecs.mem0_memories VALUES ($1, $2::text::vector, $3::text::jsonb)", [
			id,
			JSON.stringify(vector),
			typeof metadata === "string" ? metadata : JSON.stringify(metadata),
		]);
	}

	beforeEach(async () => {
		asked = [];
		makes = vectorOf;
		model = await scriptedServer((body) => {
			asked.push(...inputs(body));
			return { data: inputs(body).map((text, index) => ({ index, embedding: makes(text) })), model: "m" };
		});
		await run(`CREATE EXTENSION IF NOT EXISTS vector; ${emptied}`);
		await run(vecsTable);
	});
	afterEach(async () => {
		await model.close();
		await run(emptied);
	});

	const open = () =>
		memory.open({
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_BASE_URL: model.baseUrl,
			EMBEDDING_MODEL_CHOICE: "m",
		});

	async function take(
		service: MemoryService,
		more: { into?: "add" | "preview"; userIds?: readonly string[]; withVectors?: boolean } = {},
	) {
		const { into = "add", userIds = ["user"], withVectors = false } = more;
		const server = await openForeignServerOn(await testDriver("public"), "the server");
		const said: string[] = [];
		const say = (text: string) => said.push(text);
		const report = new ImportReport(say, into, "row");
		const signal = new AbortController().signal;
		try {
			await importDatabase({
				memory: service,
				server,
				userIds,
				report,
				into,
				withVectors,
				say,
				signal,
				progress: () => undefined,
			});
		} finally {
			await server.close();
		}
		report.finish();
		return { said, isClean: report.isClean };
	}

	it("finds every layout, counts memories by user id, and leaves out what is no memory", async () => {
		await run(pgvectorTable);
		await run(supabaseTable);
		await run(documentsTable);
		await addVecs("a", payload("Ada deploys on Thursdays"));
		await addVecs("b", payload("Ada likes tea"));
		await addVecs("c", { user_id: "user" });
		const uuid = randomUUID();
		await run("INSERT INTO public.memories VALUES ($1, NULL, $2), ($3, NULL, NULL)", [
			uuid,
			JSON.stringify(payload("Bob lives in Rome", { user_id: "bob", agent_id: "helper" })),
			randomUUID(),
		]);
		await run(
			`INSERT INTO public."ts ""memories" (id, metadata, created_at) VALUES ('t', $1, '2026-02-03 04:05:06+00')`,
			[JSON.stringify({ data: "Carol plays chess", userId: "carol" })],
		);
		const server = await openForeignServerOn(await testDriver("public"), "the server");
		const found = server.tables.map(({ name, users, others }) => [name, users, others]);
		await server.close();
		assert.deepEqual(found, [
			["public.documents", [], 1],
			["public.memories", [{ userId: "bob", memories: 1 }], 1],
			['public.ts "memories', [{ userId: "carol", memories: 1 }], 0],
			["vecs.mem0_memories", [{ userId: "user", memories: 2 }], 1],
		]);
		const service = await open();
		const preview = await take(service, { into: "preview", userIds: ["user", "bob", "carol"] });
		assert.match(preview.said.join("\n"), /Would import 4 memories/);
		assert.equal((await service.list({})).total, 0);
		await take(service, { userIds: ["user", "bob", "carol"] });
		const { memories } = await service.list({ limit: 10 });
		const byText = new Map(memories.map((each) => [each.text, each]));
		assert.deepEqual([...byText.keys()].sort(), [
			"Ada deploys on Thursdays",
			"Ada likes tea",
			"Bob lives in Rome",
			"Carol plays chess",
		]);
		assert.equal(byText.get("Ada likes tea")?.createdAt, Date.parse("2026-01-02T03:04:05.678-08:00"));
		assert.equal(byText.get("Carol plays chess")?.createdAt, Date.parse("2026-02-03T04:05:06Z"));
		assert.deepEqual(byText.get("Bob lives in Rome")?.metadata, {
			agent_id: "helper",
			source: { format: "mem0", id: uuid },
		});
		const again = await take(service, { userIds: ["user", "bob", "carol"] });
		assert.match(again.said.join("\n"), /Imported 0 memories, 4 known already/);
	});

	it("keeps times, expiry and metadata, and skips with a reason what no memory can be", async () => {
		await addVecs("edited", payload("Edited", { updated_at: "2026-05-06T07:08:09+00:00", team: "blue" }));
		await addVecs("expires", payload("Expires", { expiration_date: "2099-12-31" }));
		await addVecs("long", payload("x".repeat(1_000_000)));
		await addVecs("odd time", payload("Odd", { created_at: "soon" }));
		for (const [id, json] of Object.entries({
			n: "null",
			s: '"text"',
			l: "[1]",
			e: '{"data": ""}',
			d: '{"data": {"x": 1}}',
		}))
			await addVecs(id, json);
		const service = await open();
		const { said, isClean } = await take(service);
		assert.equal(isClean, false);
		assert.match(
			said.join("\n"),
			/vecs\.mem0_memories, row \d skipped: it has 1000\d+ characters|row \d skipped: .*2\d{6} characters/,
		);
		assert.match(said.join("\n"), /row \d skipped: .*created_at/i);
		assert.match(said.join("\n"), /Imported 2 memories, 2 rows skipped\./);
		const { memories } = await service.list({ limit: 10 });
		const edited = memories.find(({ text }) => text === "Edited");
		assert.equal(edited?.updatedAt, Date.parse("2026-05-06T07:08:09Z"));
		assert.equal(edited?.metadata?.team, "blue");
		const expires = memories.find(({ text }) => text === "Expires");
		assert.equal(new Date(expires?.expiresAt ?? 0).toISOString().slice(0, 10), "2099-12-31");
	});

	it("uses the vectors there, once it is confirmed whose they are and texts embedded again agree", async () => {
		for (let n = 0; n < 30; n += 1) {
			const text = `memory number ${n} of many`;
			// Not of length 1.
			await addVecs(
				`id ${String(n).padStart(2, "0")}`,
				payload(text),
				vectorOf(text).map((each) => 3 * each),
			);
		}
		const service = await open();
		const { said } = await take(service, { withVectors: true });
		assert.match(said.join("\n"), /its vectors are used; 5 texts embedded again agree/);
		assert.equal(new Set(asked.filter((text) => text.startsWith("memory number"))).size, 5);
		assert.equal((await service.status()).pending.embedding, 0);
		assert.equal((await service.search({ query: "memory number 7 of many" })).memories.length > 0, true);
	});

	it("does not use vectors of another model or width, and says so", async () => {
		for (let n = 0; n < 6; n += 1) await addVecs(`id ${n}`, payload(`memory number ${n}`), [0, n + 1, -n]);
		const service = await open();
		const { said } = await take(service, { withVectors: true });
		assert.match(said.join("\n"), /its vectors are not used.*the configured model makes others/);
		assert.equal(new Set(asked.filter((text) => text.startsWith("memory number"))).size, 6);
		makes = (text) => [...vectorOf(text), 0];
		await run("ALTER TABLE vecs.mem0_memories ALTER COLUMN vec TYPE vector(2) USING '[1,0]'::vector(2)");
		const wider = await take(service, { withVectors: true });
		assert.match(wider.said.join("\n"), /they have 2 dimensions/);
	});

	it("runs no function of a type that somebody made, and names the table that it does not read", async () => {
		await addVecs("a", payload("Ada likes tea"));
		await run("CREATE SCHEMA own");
		try {
			await run(`CREATE DOMAIN own.id AS text;
			CREATE TABLE own.ids (id own.id, vector vector(3), payload jsonb);
			INSERT INTO own.ids SELECT n, '[1,0,0]', '{"data": "mine", "user_id": "user"}' FROM generate_series(1, 300) n;
			CREATE TYPE own.vector AS (x int);
			CREATE TABLE own.vectors (id text, vector own.vector, payload jsonb);
			INSERT INTO own.vectors VALUES ('a', row(1), '{"data": "mine", "user_id": "user"}');
			CREATE FUNCTION own.checked(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$;
			ALTER DOMAIN own.id ADD CHECK (own.checked(value)) NOT VALID;
			CREATE FUNCTION own.text_of(own.vector) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$;
			CREATE CAST (own.vector AS text) WITH FUNCTION own.text_of(own.vector)`);
			const server = await openForeignServerOn(await testDriver("public"), "the server");
			const found = server.tables.map(({ name, hasOwnTypes, isReadable }) => [name, hasOwnTypes, isReadable]);
			await server.close();
			assert.deepEqual(found, [
				["own.ids", true, false],
				["own.vectors", true, false],
				["vecs.mem0_memories", false, true],
			]);
			const { said } = await take(await open(), { withVectors: true });
			assert.match(said.join("\n"), /Imported 1 memory\./);
		} finally {
			await run("DROP SCHEMA own CASCADE");
		}
	});

	it("reads every page of a table once, in one moment, whatever is written meanwhile", async () => {
		await run(
			`INSERT INTO vecs.mem0_memories SELECT 'id ' || n, '[1,0,0]', jsonb_build_object('data', 'fact ' || n, 'user_id', 'user')
			FROM generate_series(1, 1001) n`,
		);
		const server = await openForeignServerOn(await testDriver("public"), "the server");
		const [table] = server.tables;
		const texts = new Set<string>();
		let rows = 0;
		for await (const page of server.pages(table as never, ["user"], false)) {
			rows += page.length;
			for (const each of page) texts.add(String(each.payload?.data));
		}
		await server.close();
		assert.deepEqual([rows, texts.size], [1001, 1001]);
	});
});
