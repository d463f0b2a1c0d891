import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "../../../src/store/sqlite/schema.ts";
import { databaseFile } from "../../../src/store/sqlite/sqliteStore.ts";
import { indexTerms } from "../../../src/text/terms.ts";
import { endpointFixture, settled, texts } from "../../support/fixtures/endpointFixture.ts";
import { itOnSqlite } from "../../support/postgres/testStore.ts";

/** A database as a version with that schema has left it: two saves cut off, and from schema 2 on two to be distilled. */
function leaveDatabase(folder: string, schema: number): void {
	const database = new DatabaseSync(join(folder, databaseFile));
	for (const migration of migrations.slice(0, schema)) database.exec(migration);
	database.exec(`PRAGMA user_version = ${schema}`);
	const insert = (table: string, row: Readonly<Record<string, string | number | null>>) =>
		database
			.prepare(
				`INSERT INTO ${table} (${Object.keys(row)}) VALUES (${Object.keys(row).map((name) => `:${name}`)})`,
			)
			.run(row);
	const save = (id: string, text: string, more = {}) =>
		insert("journal", {
			id,
			text,
			user_id: "ada",
			scope: "global",
			created_at: 1,
			received_at: 1,
			owner: "gone:999999999:x",
			...more,
		});
	const remember = (seq: number, id: string, text: string) => {
		insert("memories", {
			seq,
			id: `memory-${id}`,
			revision: seq,
			text,
			fingerprint: id,
			user_id: "ada",
			scope: "global",
			save_id: id,
			created_at: seq,
			updated_at: seq,
		});
		// From schema 11 on in the form that the index has today.
		const terms = schema >= 11 ? indexTerms(text).join(" ") : text.toLowerCase();
		insert("memories_fts", { rowid: seq, terms });
		insert("history", { memory_id: `memory-${id}`, event: "ADD", new_text: text, at: seq });
	};
	save("cut-off", "Grace was cut off");
	save("kept", "Ada likes tea", { done_at: 1 });
	remember(1, "kept", "Ada likes tea");
	if (schema >= 2) {
		const pending = { done_at: 1, distil: "pending", next_at: 0, attempts: 1, problem: "no JSON" };
		save("fresh", "Bob plays chess. Bob lives in Oslo.", pending);
		remember(2, "fresh", "Bob plays chess. Bob lives in Oslo.");
		// In the form of its time: the name of a model, from schema 6 on a list of names; versions in between wrote either.
		const [name, list] = ["test-chat at http://old.example/v1", '["test-chat at http://old.example/v1"]'];
		for (const [seq, tried] of [
			[3, schema >= 6 ? list : name],
			...(schema >= 3 ? [[4, list] as const] : []),
		] as const) {
			const text = `Person ${seq} plays go. Person ${seq} lives in Rome.`;
			save(`tried-${seq}`, text, { ...pending, tried_with: tried });
			remember(seq, `tried-${seq}`, text);
		}
	}
	database.exec("UPDATE counters SET value = (SELECT max(revision) FROM memories) WHERE name = 'revision'");
	database.close();
}

describe("A database of an earlier schema, with work left", function () {
	this.timeout(40_000);
	const memory = endpointFixture();

	for (let schema = 1; schema < migrations.length; schema += 1)
		itOnSqlite(`is brought up to date, and its work is done: schema ${schema}`, async () => {
			leaveDatabase(memory.folder, schema);
			const service = await memory.openOn(await memory.server());
			await memory.clock.pass(600_000);
			await settled(service);
			const distilled = (name: string, game: string, town: string) => [
				`${name} lives in ${town}.`,
				`${name} plays ${game}.`,
			];
			const expected = ["Ada likes tea", "Grace was cut off"];
			if (schema >= 2)
				expected.push(...distilled("Bob", "chess", "Oslo"), ...distilled("Person 3", "go", "Rome"));
			if (schema >= 3) expected.push(...distilled("Person 4", "go", "Rome"));
			assert.deepEqual(
				(await texts(service)).map((text) => text.replace(/\.?$/, "")),
				expected.map((text) => text.replace(/\.?$/, "")).sort(),
			);
			const { memories } = await service.search({ query: "Who likes tea?" });
			assert.equal(memories[0]?.text, "Ada likes tea");
			assert.equal((await service.status()).pending.embedding, 0);
			// "like" is in the index in the form that this version gives it, not as it was written.
			const database = new DatabaseSync(join(memory.folder, databaseFile));
			const written = database.prepare("SELECT term FROM memories_vocabulary WHERE term LIKE 'like%'").all();
			database.close();
			assert.deepEqual(
				written.map(({ term }) => term),
				["like"],
			);
		});
});
