import assert from "node:assert/strict";
import { readDatabaseUrl } from "../../../src/config/database.ts";
import { databaseChoice, databasePresets, leftInUrl } from "../../../src/settings/databasePresets.ts";
import { EditedSettings } from "../../../src/settings/editedSettings.ts";
import { KeyRing } from "../../../src/settings/keys/keyRing.ts";
import { panelState } from "../../../src/settings/panel/panelState.ts";
import type { Values } from "../../../src/settings/values.ts";
import { secretStorage } from "../../support/fixtures/secretStorage.ts";

const password = "s3cret/4711";
const written = encodeURIComponent(password);
const models = { state: "none" as const, names: [], text: "" };

async function editing(saved: Values = {}, stored: Readonly<Record<string, string>> = {}) {
	const storage = secretStorage(stored);
	const edited = new EditedSettings(saved, new KeyRing(storage), {});
	await edited.keys.load();
	return {
		storage,
		edited,
		type: (value: string) => edited.edit([{ variable: "DATABASE_URL", value }], "typed"),
		state: () =>
			panelState({
				...edited.input,
				models: { chat: models, embedding: models },
				tests: {},
				plainKeys: [],
				measured: undefined,
				local: { state: "unasked", offers: [], text: "" },
				sequence: 0,
			}),
		save: () => edited.keys.passwords.save(edited.databaseUrl),
		stored: async () =>
			Object.fromEntries(
				await Promise.all((await storage.keys()).map(async (name) => [name, await storage.get(name)])),
			),
	};
}

describe("The team database in the settings panel", () => {
	for (const { id, label, url } of databasePresets())
		it(`${label}: fills in a URL that is of this choice`, async () => {
			const { edited, state } = await editing({ DATABASE_URL: "postgres://a@b.example/c" });
			edited.chooseDatabase(id);
			assert.equal(state().values.DATABASE_URL, url);
			assert.equal(state().database.choice, id);
			if (url) assert.equal(typeof readDatabaseUrl(url), "object");
		});

	it("knows Supabase's pooler in transaction mode, and verifies a managed server", () => {
		const read = (id: string) => readDatabaseUrl(databasePresets().find((each) => each.id === id)?.url ?? "");
		assert.deepEqual(
			{ ...(read("supabase") as object), schema: undefined },
			{
				host: "aws-0-REGION.pooler.supabase.com",
				port: 6543,
				user: "postgres.PROJECT",
				password: undefined,
				database: "postgres",
				tls: "require",
				caFile: undefined,
				schema: undefined,
			},
		);
		assert.equal((read("managed") as { tls: string }).tls, "verify-full");
		assert.equal(databaseChoice("postgres://u@x.rds.amazonaws.com/d?sslmode=verify-full"), "managed");
		assert.equal(databaseChoice("postgresql://u@127.0.0.1:6000/d"), "local");
		assert.equal(databaseChoice("postgres:/"), "other");
	});

	it("does not save what a preset has left open, and says what that is", async () => {
		const { edited, state, type } = await editing();
		edited.chooseDatabase("supabase");
		assert.equal(state().problems.DATABASE_URL, "Replace PROJECT and REGION with what your database has.");
		assert.equal(state().canSave, false);
		type("postgres://postgres.abc@aws-0-eu-central-1.pooler.supabase.com:6543/postgres");
		assert.deepEqual([state().problems, state().canSave], [{}, true]);
		assert.equal(leftInUrl("postgres://user@host/database"), undefined);
	});

	it("says beside the field what is wrong with a URL, and asks for no password then", async () => {
		const { state, type } = await editing();
		for (const bad of [
			"mysql://u@h/d",
			"postgres://h/d",
			"postgres://u@h/d?sslmode=some",
			"db.example.com",
		]) {
			type(bad);
			assert.match(state().problems.DATABASE_URL ?? "", /postgres:\/\//, bad);
			assert.equal(state().canSave, false);
			assert.equal(state().database.password, undefined);
		}
	});

	it("takes a password out of a pasted URL at once, for its user and host alone", async () => {
		const { edited, state, type, save, stored } = await editing();
		type(`postgres://ada:${written}@db.example.com:6000/memory?sslmode=require`);
		assert.equal(state().values.DATABASE_URL, "postgres://ada@db.example.com:6000/memory?sslmode=require");
		assert.match(state().database.password?.text ?? "", /ada@db\.example\.com:6000 is ready/);
		assert.ok(!JSON.stringify(state()).includes("4711"));
		assert.ok(!JSON.stringify(edited.changes).includes("4711"));
		type("postgres://ada@other.example.com/memory");
		assert.equal(state().database.password?.hasPassword, false);
		assert.ok(!JSON.stringify(await edited.environment("storage")).includes("4711"));
		type("postgres://ada@db.example.com:6000/other");
		assert.equal(
			(await edited.environment("storage")).DATABASE_URL,
			`postgres://ada:${written}@db.example.com:6000/other`,
		);
		await save();
		assert.deepEqual(await stored(), { "DATABASE_PASSWORD ada@db.example.com:6000": password });
	});

	for (const raw of ["pa#ss", "50%off", "a/b?c", "p@ss:w", "12#3"])
		it(`takes out a password with signs that no URL has as they are: ${raw}`, async () => {
			const { edited, state, type } = await editing();
			type(`postgresql://ada:${raw}@db.example.com/memory`);
			assert.equal(state().values.DATABASE_URL, "postgresql://ada@db.example.com/memory");
			const { DATABASE_URL = "" } = await edited.environment("storage");
			assert.equal((readDatabaseUrl(DATABASE_URL) as { password: string }).password, raw);
		});

	it("stores nothing for hosts that a URL went through while it was typed", async () => {
		const { type, save, stored } = await editing();
		const url = `postgres://ada:${written}@db.example.com/memory`;
		for (let length = 1; length <= url.length; length += 1) type(url.slice(0, length));
		await save();
		assert.deepEqual(await stored(), { "DATABASE_PASSWORD ada@db.example.com:5432": password });
	});

	it("takes the words in Supabase's own URL for no password", async () => {
		const { state, type } = await editing();
		type("postgresql://postgres.abc:[YOUR-PASSWORD]@aws-0-eu-west-1.pooler.supabase.com:6543/postgres");
		assert.doesNotMatch(state().values.DATABASE_URL ?? "", /YOUR/);
		assert.equal(state().database.password?.hasPassword, false);
	});

	it("keeps a stored password until it is saved that it goes", async () => {
		const url = "postgres://ada@db.example.com/memory";
		const name = "DATABASE_PASSWORD ada@db.example.com:5432";
		const { edited, state, save, stored } = await editing({ DATABASE_URL: url }, { [name]: password });
		assert.match(state().database.password?.text ?? "", /is stored/);
		edited.keys.passwords.set(url, undefined);
		assert.match(state().database.password?.text ?? "", /will be removed/);
		assert.deepEqual([state().canSave, await stored()], [true, { [name]: password }]);
		edited.discard({ DATABASE_URL: url });
		assert.equal(state().dirty, false);
		edited.keys.passwords.set(url, undefined);
		await save();
		assert.deepEqual(await stored(), {});
	});

	it("tests the database without the endpoints and their keys", async () => {
		const { edited } = await editing({
			LLM_PROVIDER: "openai",
			LLM_BASE_URL: "https://models.example/v1",
			LLM_HEADERS: '{"X-Token":"4711"}',
			DATABASE_URL: "postgres://ada@db.example.com/memory",
			DATABASE_SCHEMA: "mine",
		});
		assert.deepEqual(await edited.environment("storage"), {
			LLM_PROVIDER: "none",
			EMBEDDING_PROVIDER: "builtin",
			DATABASE_URL: "postgres://ada@db.example.com/memory",
			DATABASE_SCHEMA: "mine",
		});
	});

	it("names the host that memories are kept at, and promises no longer that nothing leaves", async () => {
		const { state } = await editing({ DATABASE_URL: "postgres://ada@db.example.com/memory" });
		assert.match(state().setup.inForce, /Memories are kept in the database memory at db\.example\.com\./);
		assert.doesNotMatch(state().setup.inForce, /Nothing leaves/);
		assert.match(state().database.memories, /stay in /);
		assert.equal((await editing()).state().database.memories, "");
	});

	it("shows no password that somebody has put into settings.json", async () => {
		const { edited, state } = await editing({ DATABASE_URL: `postgres://ada:${written}@db.example.com/m` });
		assert.ok(!JSON.stringify(state()).includes("4711"));
		edited.edit([{ variable: "DATABASE_URL", value: "postgres://ada@db.example.com/n" }], "typed");
		edited.rebase({ DATABASE_URL: `postgres://ada:${written}@db.example.com/o` });
		assert.equal(state().conflicts.length, 1);
		assert.ok(!JSON.stringify(state()).includes("4711"));
	});
});
