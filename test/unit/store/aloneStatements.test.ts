import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { add, everything } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("The statements of a person alone", () => {
	it("decide by the user's id, as if there were no teams, so that their indexes stay the same", async () => {
		const { prepare } = DatabaseSync.prototype;
		const plans: string[] = [];
		const { store } = await openStore(temporaryFolder(), {});
		const space = { provider: "test", origin: "", model: "three", dimensions: 3 };
		const { memory } = await add(store, "one", { vector: { space, values: Float32Array.of(1, 0, 0) } });
		const statements = new Set<string>();
		const work = async (filter: typeof everything & { readonly named?: readonly string[] }) => {
			const viewer = filter.named ? { userId: "ada", admin: false, projects: filter.named } : "ada";
			await store.memories.list(filter, 10);
			await store.memories.counts(viewer);
			await store.memories.groups(viewer, "project", 10);
			await store.memories.get(memory.id, viewer);
			const vector = { space, values: Float32Array.of(1, 0, 0) };
			await store.search.pool({ terms: ["one"], all: false, vector, filter, each: 5, words: 0 });
		};
		DatabaseSync.prototype.prepare = function (sql: string) {
			statements.add(sql);
			if (/memories m|tallies m/.test(sql) && /^\s*SELECT/.test(sql)) {
				const rows = prepare.call(this, `EXPLAIN QUERY PLAN ${sql}`).all() as { readonly detail: string }[];
				plans.push(...rows.map(({ detail }) => detail));
			}
			return prepare.call(this, sql);
		};
		try {
			await work(everything);
			assert.ok(statements.size > 5);
			for (const sql of statements) assert.doesNotMatch(sql, /OR m\.visibility|m\.visibility = 'team'/);
			assert.deepEqual(
				plans.filter((plan) => /^SCAN m\b|memories_of/.test(plan)),
				[],
			);
			statements.clear();
			await work({ ...everything, named: ["alpha"] });
			assert.ok([...statements].some((sql) => /m\.visibility = 'team'/.test(sql)));
			assert.ok(plans.some((plan) => /memories_of_project/.test(plan)));
		} finally {
			DatabaseSync.prototype.prepare = prepare;
			await store.close();
		}
	});
});
