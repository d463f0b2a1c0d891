import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "../../src/store/postgres/driver.ts";
import { inspectServer } from "../../src/store/postgres/inspection.ts";
import { openStoreOn } from "../../src/store/postgres/postgresStore.ts";
import { projectA } from "../support/fixtures/projects.ts";
import { add, everything, nearMemories, newMemory } from "../support/fixtures/storeFixtures.ts";
import {
	TestSchema,
	testDatabaseName,
	testDatabaseUrl,
	testDriver,
	testSettings,
} from "../support/postgres/testDatabase.ts";
import { space as threeSpace, vector } from "./vectors.ts";

describe(`PostgreSQL's own ways (${testDatabaseName})`, function () {
	this.timeout(180_000);
	let schema: TestSchema;
	beforeEach(() => {
		schema = new TestSchema();
	});
	afterEach(() => schema.drop());

	it("tells of changes also behind a pooler that swallows notifications", async () => {
		const driver = await testDriver(schema.name);
		const deaf = { ...driver, listen: async () => ({ close: () => undefined }) };
		const options = {
			location: "test",
			schema: schema.name,
			retries: 3,
			destinations: { chat: "", embedding: "" },
		};
		const store = await openStoreOn(deaf, options);
		const other = await schema.open();
		try {
			let told = 0;
			store.onDidChange(() => {
				told += 1;
			});
			// Notifications are given up after a while.
			await sleep(4000);
			const before = told;
			await add(other, "news");
			while (told === before) await sleep(50);
		} finally {
			await store.close();
			await other.close();
		}
	});

	it("find the nearest by an index where there are many, and all of them whatever the filter", async () => {
		// pgvector, which an administrator has added, may be in a schema that is not on the search path.
		await schema.open().then((opened) => opened.close());
		const driver = await testDriver(schema.name);
		const withoutPath = async (connecting: Promise<Connection>) => {
			const connection = await connecting;
			await connection.script("SET search_path = ''");
			return connection;
		};
		const store = await openStoreOn(
			{
				...driver,
				connect: () => withoutPath(driver.connect()),
				connectAlone: () => withoutPath(driver.connectAlone()),
			},
			{
				location: "test",
				schema: schema.name,
				retries: 3,
				destinations: { chat: "", embedding: "" },
				housekeepingDelay: 100,
			},
		);
		try {
			const space = { provider: "test", origin: "", model: "eight", dimensions: 8 };
			let seed = 1;
			const random = () => {
				seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
				return seed / 2 ** 32 - 0.5;
			};
			const anyVector = () => vector(...Array.from({ length: 8 }, random));
			const vectors: Float32Array[] = [];
			const addMany = async (count: number) => {
				const from = vectors.length;
				vectors.push(...Array.from({ length: count }, anyVector));
				for (let first = from; first < vectors.length; first += 1000)
					await store.saves.addAll(
						vectors.slice(first, first + 1000).map((values, index) => ({
							...newMemory(`number ${first + index}`, {
								vector: { space, values },
								createdAt: first + index,
							}),
							...((first + index) % 500 === 0 ? ({ scope: "project", project: projectA } as const) : {}),
						})),
					);
			};
			/** Waits until a space has one index, which reaches so far, and says behind which number it begins. */
			const indexed = async (atLeast: number, id = 1) => {
				for (;;) {
					const [used] = await schema.run<{ after: number; to: number; isWhole: boolean; name: string }>(
						`SELECT s.indexed_after AS after, s.indexed_to AS to, bool_and(i.indisvalid) AND count(*) = 1 AS "isWhole", min(c.relname) AS name
						FROM {s}.spaces s, pg_index i JOIN pg_class c ON c.oid = i.indexrelid
						WHERE s.id = $1 AND i.indrelid = '{s}.vectors'::regclass AND c.relname LIKE 'vectors_hnsw_' || s.id || '_%' GROUP BY s.id`,
						[id],
					);
					if (used?.isWhole && used.to >= atLeast && used.name.endsWith(`_${used.after}_${used.to}`)) {
						const [index] = await schema.run<{ indexdef: string }>(
							"SELECT indexdef FROM pg_indexes WHERE schemaname = $1 AND indexname = $2",
							[schema.name, used.name],
						);
						assert.match(
							index?.indexdef ?? "",
							new RegExp(`space = ${id}\\D.*seq > ${used.after}\\D.*seq <= ${used.to}\\b`),
						);
						return used.after;
					}
					await sleep(100);
				}
			};
			const scans = async () => {
				const [row] = await schema.run<{ n: number }>(
					"SELECT coalesce(sum(idx_scan), 0)::int AS n FROM pg_stat_user_indexes WHERE schemaname = $1 AND indexrelname LIKE 'vectors_hnsw%'",
					[schema.name],
				);
				return Number(row?.n);
			};
			await addMany(11_000);
			await indexed(10_000);
			// These are in no index.
			await addMany(1500);
			const nearestOf = (
				values: Float32Array,
				count: number,
				matches: (n: number) => boolean = () => true,
			) => {
				const cosine = (n: number) =>
					(vectors[n] as Float32Array).reduce((sum, value, i) => sum + value * (values[i] as number), 0);
				const all = vectors.flatMap((_, n) => (matches(n) ? [n] : []));
				return all.sort((one, other) => cosine(other) - cosine(one)).slice(0, count);
			};
			for (const [filter, matches] of [
				[everything, () => true],
				[{ ...everything, global: false, projects: [projectA.id] }, (n: number) => n % 500 === 0],
				[{ ...everything, since: 5000, until: 8000 }, (n: number) => n >= 5000 && n <= 8000],
			] as const) {
				let found = 0;
				for (let query = 0; query < 20; query += 1) {
					const values = anyVector();
					const near = await nearMemories(store, { space, values }, filter, 10);
					found += nearestOf(values, 10, matches).filter((n) =>
						near.some(({ memory }) => memory.text === `number ${n}`),
					).length;
				}
				assert.ok(found >= 195, `${found} of 200`);
			}
			// Those that have expired lie before all others.
			const values = anyVector();
			const expired = nearestOf(values, 60);
			const expire = (at: number | null) =>
				schema.run("UPDATE {s}.memories SET expires_at = $1 WHERE seq = ANY ($2)", [
					at,
					expired.map((n) => n + 1),
				]);
			await expire(1);
			const rest = nearestOf(values, 10, (n) => !expired.includes(n)).map((n) => `number ${n}`);
			const near = await nearMemories(store, { space, values }, everything, 10);
			assert.ok(near.filter(({ memory }) => rest.includes(memory.text)).length >= 9);
			assert.equal(near.length, 10);
			await expire(null);
			// The server counts with a delay.
			while ((await scans()) === 0) await sleep(100);
			await addMany(5000);
			await indexed(15_000);

			// Another model takes its place, from the newest memory on: the index then has a beginning, too.
			const next = { ...space, model: "next" };
			const { memories } = await store.memories.list(everything, 20_000, { total: false });
			const embed = async (from: number, to: number) => {
				for (let first = from; first < to; first += 1000)
					await store.spaces.addVectors(
						next,
						memories.slice(first, first + 1000).map((memory) => {
							const n = Number(memory.text.slice("number ".length));
							return { memory: { ...memory, seq: n + 1 }, values: vectors[n] as Float32Array };
						}),
					);
			};
			await embed(0, 11_000);
			assert.ok((await indexed(15_000, 2)) > 5000);
			await embed(11_000, 12_000);
			for (const n of [0, 500, 10_999, 11_000, 11_500, 11_999]) {
				const values = vectors[17_499 - n] as Float32Array;
				const [best] = await nearMemories(store, { space: next, values }, everything, 10);
				assert.equal(best?.memory.text, `number ${17_499 - n}`);
			}

			// Somebody drops an index: it is built again.
			const [dropped] = await schema.run<{ name: string }>(
				"SELECT indexname AS name FROM pg_indexes WHERE schemaname = $1 AND indexname LIKE 'vectors_hnsw_2_%'",
				[schema.name],
			);
			await schema.run(`DROP INDEX {s}.${dropped?.name}`);
			await add(store, "one more");
			await indexed(15_000, 2);
		} finally {
			await store.close();
			await schema.run("RESET search_path");
		}
	});

	const itOnServer = testDatabaseUrl ? it : it.skip;

	itOnServer("look at tables of an earlier version without a change (needs TEST_DATABASE_URL)", async () => {
		const store = await schema.open();
		await add(store, "news", { vector: { space: threeSpace, values: vector(1, 0, 0) } });
		await store.close();
		await schema.run("ALTER TABLE {s}.spaces DROP COLUMN indexed_after");
		await schema.run("UPDATE {s}.meta SET version = version - 2");
		const seen = await inspectServer(testSettings(schema.name));
		assert.deepEqual([seen.schema, seen.spaces], [seen.newestSchema - 2, []]);
		await schema.open().then((brought) => brought.close());
		assert.equal((await inspectServer(testSettings(schema.name))).spaces.length, 1);
	});

	it("say that another version may have changed the tables, where a function is missing", async () => {
		const store = await schema.open();
		try {
			await schema.run("DROP FUNCTION {s}.pool");
			await assert.rejects(
				nearMemories(store, { space: threeSpace, values: vector(1, 0, 0) }, everything, 1),
				/update MCP Mem0 here/,
			);
		} finally {
			await store.close();
		}
	});

	itOnServer("end the building of an index when they are closed (needs TEST_DATABASE_URL)", async () => {
		const store = await schema.open(undefined, { housekeepingDelay: 100 });
		const space = { provider: "test", origin: "", model: "wide", dimensions: 256 };
		const building = async () => {
			const sql = `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE INDEX%' || $1 || '%'`;
			return (await schema.run(sql, [schema.name])).length > 0;
		};
		try {
			for (let first = 0; first < 20_000; first += 1000)
				await store.saves.addAll(
					Array.from({ length: 1000 }, (_, index) => {
						const values = vector(
							...Array.from({ length: 256 }, (_, n) => Math.sin((1 + first + index) * (n + 1))),
						);
						return newMemory(`wide ${first + index}`, { vector: { space, values } });
					}),
				);
			while (!(await building())) await sleep(20);
		} finally {
			await store.close();
		}
		for (let waited = 0; await building(); waited += 1) {
			assert.ok(waited < 20, "It goes on without anybody.");
			await sleep(100);
		}
	});
});
