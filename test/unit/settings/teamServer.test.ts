import assert from "node:assert/strict";
import { EditedSettings } from "../../../src/settings/editedSettings.ts";
import { environmentForClients, exportEnv } from "../../../src/settings/env/envExport.ts";
import { readEnvImport } from "../../../src/settings/env/envImport.ts";
import { KeyRing } from "../../../src/settings/keys/keyRing.ts";
import { plainKeys } from "../../../src/settings/keys/plainKeys.ts";
import { panelState } from "../../../src/settings/panel/panelState.ts";
import { inSettings } from "../../../src/settings/settingNames.ts";
import type { Values } from "../../../src/settings/values.ts";
import { secretStorage } from "../../support/fixtures/secretStorage.ts";

const url = "https://memory.example.com/mcp";
const origin = "https://memory.example.com";
const name = `TEAM_SERVER_TOKEN ${origin}`;
const token = "token-4711-of-ada";
const slot = { variable: "TEAM_SERVER_TOKEN", origin } as const;
const models = { state: "none" as const, names: [], text: "" };

async function editing(saved: Values = {}, stored: Readonly<Record<string, string>> = {}) {
	const storage = secretStorage(stored);
	const edited = new EditedSettings(saved, new KeyRing(storage), {});
	await edited.keys.load();
	return {
		edited,
		secrets: storage.secrets,
		type: (value: string, variable: keyof Values = "TEAM_SERVER_URL") =>
			edited.edit([{ variable, value }], "typed"),
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
	};
}

describe("A team's server in the settings panel", () => {
	it("is a choice beside the databases, which asks for its URL and takes their place", async () => {
		const { edited, state, type } = await editing({ DATABASE_URL: "postgres://ada@db.example.com/memory" });
		edited.chooseDatabase("server");
		assert.equal(state().database.choice, "server");
		assert.match(state().problems.TEAM_SERVER_URL ?? "", /^Enter the URL of your team's server/);
		assert.deepEqual([state().values.DATABASE_URL, state().canSave], [undefined, false]);
		type("https://memory.example.com");
		assert.deepEqual([state().problems, state().canSave], [{}, true]);
		edited.chooseDatabase("none");
		assert.deepEqual([state().values.TEAM_SERVER_URL, state().database.choice], [undefined, "none"]);
	});

	it("comes back with its URL when somebody has passed other choices", async () => {
		const { edited, state } = await editing({ TEAM_SERVER_URL: url });
		edited.chooseDatabase("local");
		edited.chooseDatabase("server");
		assert.deepEqual([state().values.TEAM_SERVER_URL, state().dirty], [url, false]);
	});

	it("is not saved beside a database: the remark says to leave one out", async () => {
		const { state, type } = await editing({ DATABASE_URL: "postgres://ada@db.example.com/memory" });
		type(url);
		assert.match(
			state().problems.TEAM_SERVER_URL ?? "",
			/the memory is in one place\. Leave out mcpMem0\.teamServer\.url, or mcpMem0\.database\.url/,
		);
		assert.equal(state().canSave, false);
		assert.ok(["DATABASE_URL", "TEAM_SERVER_URL"].every((each) => state().visible.includes(each as never)));
	});

	for (const [given, said] of [
		["http://memory.example.com/mcp", /https/],
		["https://ada:secret-4711@memory.example.com/mcp", /without user name and password/],
		["https://memory.example.com/mcp?token=secret-4711", /nothing behind its path/],
		["memory example", /https URL/],
	] as const)
		it(`says beside the field what is wrong with ${given}, and asks for no token`, async () => {
			const { state, type } = await editing();
			type(given);
			assert.match(state().problems.TEAM_SERVER_URL ?? "", said);
			assert.deepEqual([state().canSave, state().keys.map(({ variable }) => variable)], [false, []]);
		});

	it("has a token of its own, for its origin alone, which no state shows", async () => {
		const { edited, state, type, secrets } = await editing();
		type(url);
		const shown = () => state().keys.find(({ variable }) => variable === "TEAM_SERVER_TOKEN");
		assert.match(shown()?.text ?? "", /^No token is stored for https:\/\/memory\.example\.com\./);
		assert.deepEqual([shown()?.enter, shown()?.canSayNone], ["Enter token…", false]);
		edited.keys.set(slot, token);
		assert.match(shown()?.text ?? "", /is ready and will be stored when you save/);
		assert.equal(shown()?.enter, "Replace token…");
		assert.ok(!JSON.stringify(state()).includes(token));
		assert.equal((await edited.environment("storage")).TEAM_SERVER_TOKEN, token);
		type("https://other.example.com/mcp");
		assert.deepEqual([shown()?.canRemove, shown()?.reuse], [false, undefined]);
		assert.equal((await edited.environment("storage")).TEAM_SERVER_TOKEN, undefined);
		type(url);
		await edited.keys.save();
		assert.deepEqual([...secrets], [[name, token]]);
		assert.match(shown()?.text ?? "", /^A token is stored/);
		edited.keys.set(slot, undefined);
		assert.match(shown()?.text ?? "", /will be removed/);
	});

	it("lends no token to a model endpoint, and no key to the server", async () => {
		const { state, type } = await editing(
			{ LLM_PROVIDER: "openai", LLM_BASE_URL: `${origin}/v1`, LLM_CHOICE: "m" },
			{ [name]: token },
		);
		const [key] = state().keys;
		assert.deepEqual([key?.variable, key?.reuse], ["LLM_API_KEY", undefined]);
		assert.match(key?.text ?? "", /^No key is stored/);
		type(url);
		assert.deepEqual(
			state().keys.map(({ variable, text }) => [variable, text]),
			[["TEAM_SERVER_TOKEN", `A token is stored for ${origin}.`]],
		);
	});

	it("says that it alone gets texts, hides what has no effect, and shows what is set all the same", async () => {
		const { state } = await editing({ TEAM_SERVER_URL: url, LLM_PROVIDER: "ollama", LLM_CHOICE: "qwen3" });
		const { setup, visible, database, effective } = state();
		assert.match(setup.inForce, /the team's server https:\/\/memory\.example\.com\/mcp keeps the memories/);
		assert.match(database.models, /Not used/);
		assert.match(database.memories, /not found while the team's server is set/);
		for (const hidden of ["EMBEDDING_PROVIDER", "DATABASE_URL", "DEFAULT_USER_ID", "TEAM_REVIEW"])
			assert.ok(!visible.includes(hidden as never), hidden);
		for (const there of ["LLM_PROVIDER", "LLM_CHOICE", "TEAM_SERVER_URL", "MEMORY_DIR", "BRIEF_TOKENS"])
			assert.ok(visible.includes(there as never), there);
		const rows = effective.map(({ variable, value }) => [variable, value]);
		assert.deepEqual(rows.slice(0, 2), [
			["TEAM_SERVER_URL", url],
			["TEAM_SERVER_TOKEN", ""],
		]);
		assert.ok(!rows.some(([variable = ""]) => /^(LLM|EMBEDDING|DATABASE)_/.test(variable)));
	});

	it("finds a token as plain text in settings.json", () => {
		const found = plainKeys(
			{ "teamServer.token": token },
			{},
			{ llm: undefined, embedding: undefined, teamServer: { url } },
		);
		assert.deepEqual(found, [
			{ place: "teamServer.token", key: { ...slot, key: token }, removal: { setting: "teamServer.token" } },
		]);
	});
});

describe("A team's server in files for other programs", () => {
	const values: Values = { TEAM_SERVER_URL: url };

	it("is exported without its token, and with it only if keys are included", () => {
		const keys = [{ ...slot, key: token }];
		const without = exportEnv(values, keys, false);
		assert.match(without, /^TEAM_SERVER_URL=https:\/\/memory\.example\.com\/mcp$/m);
		assert.match(without, /^# TEAM_SERVER_TOKEN is left out/m);
		assert.ok(!without.includes(token));
		assert.match(exportEnv(values, keys, true), new RegExp(`^TEAM_SERVER_TOKEN=${token}$`, "m"));
	});

	it("is handed on to agents' servers by its URL alone", () => {
		const env = environmentForClients(values, [], { memoryDir: "/m", userId: "ada" });
		assert.deepEqual([env.TEAM_SERVER_URL, env.TEAM_SERVER_TOKEN], [url, undefined]);
	});

	it("is imported with its token, for its origin, and takes the place of a database", () => {
		const current = { DATABASE_URL: "postgres://ada@db.example.com/memory" };
		const file = `TEAM_SERVER_URL=${url}\nTEAM_SERVER_TOKEN=${token}\n`;
		const { changes, keys, notes } = readEnvImport(file, current, {});
		assert.deepEqual(keys, [{ ...slot, key: token }]);
		assert.deepEqual(Object.fromEntries(changes.map(({ variable, value }) => [variable, value])), {
			DATABASE_URL: undefined,
			TEAM_SERVER_URL: url,
		});
		assert.deepEqual(notes, []);
		const back = readEnvImport("DATABASE_URL=postgres://ada@db.example.com/memory\n", values, {});
		assert.ok(
			back.changes.some(({ variable, value }) => variable === "TEAM_SERVER_URL" && value === undefined),
		);
	});

	it("leaves a token without its server, or without a sign, behind", () => {
		const { keys, notes } = readEnvImport(`TEAM_SERVER_TOKEN=${token}\n`, {}, {});
		assert.deepEqual(keys, []);
		assert.match(notes.join(" "), /TEAM_SERVER_TOKEN is not stored/);
		assert.ok(!notes.join(" ").includes(token));
		assert.deepEqual(readEnvImport(`TEAM_SERVER_URL=${url}\nTEAM_SERVER_TOKEN=\n`, {}, {}).keys, []);
	});

	it("has a token that people set with a command", () => {
		assert.equal(inSettings("Check TEAM_SERVER_TOKEN."), "Check the token (Mem0: Set API Key…).");
	});
});
