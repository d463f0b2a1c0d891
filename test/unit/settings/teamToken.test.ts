import assert from "node:assert/strict";
import type { ExtensionContext, SecretStorage } from "vscode";
import { StoreError } from "../../../src/store/errors.ts";
import type { ChannelLog } from "../../../src/vscode/channelLog.ts";
import { importWithStandIn, observedSecrets, standIn } from "../../support/fixtures/vscodeStandIn.ts";

const url = "https://memory.example.com/mcp";
const refused = () => new StoreError("refused", url, "The team's server refuses the token.");

describe("What a person asked for, of a team's server that refuses the token", () => {
	let loaded: typeof import("../../../src/vscode/runForUser.ts");
	const log = { error: () => undefined } as unknown as ChannelLog;
	let asked: string[];
	let known: boolean;

	before(async () => {
		loaded = await importWithStandIn("vscode/runForUser.ts");
	});
	beforeEach(() => {
		asked = [];
		known = false;
		Object.assign(standIn, {
			messages: [],
			choose: "Enter Token…",
			command: async (id: string) => {
				asked.push(id);
				known = true;
				return true;
			},
		});
	});
	const action = async () => {
		if (!known) throw refused();
		return "done";
	};

	it("is done after all once another token is entered", async () => {
		assert.equal(await loaded.runForUser({ log }, action), "done");
		assert.deepEqual(
			[asked, standIn.messages],
			[["mcpMem0.enterToken"], ["The team's server refuses the token."]],
		);
	});

	it("is not done where nobody enters one", async () => {
		standIn.choose = undefined;
		assert.equal(await loaded.runForUser({ log }, action), undefined);
		standIn.choose = "Enter Token…";
		standIn.command = async () => false;
		assert.equal(await loaded.runForUser({ log }, action), undefined);
		assert.equal(standIn.messages.length, 2);
	});

	it("is told apart from a database that refuses a password, which no token opens", () => {
		assert.equal(loaded.needsToken(refused()), true);
		assert.equal(loaded.needsToken(new StoreError("refused", "memory at db.example.com", "No.")), false);
		assert.equal(loaded.needsToken(new StoreError("unreachable", url, "Away.")), false);
	});
});

describe("The token of a team's server in a window", () => {
	const token = "token-4711-of-ada";
	const secrets = () => observedSecrets({ "TEAM_SERVER_TOKEN https://memory.example.com": token });

	beforeEach(() => {
		standIn.settings = new Map([["teamServer.url", url]]);
	});

	it("is lent to other processes for the server that the settings name, and for no other", async () => {
		const { storedToken } =
			await importWithStandIn<typeof import("../../../src/vscode/settings/keys.ts")>(
				"vscode/settings/keys.ts",
			);
		const storage = secrets() as unknown as SecretStorage;
		assert.equal(await storedToken(storage, "https://memory.example.com"), token);
		assert.equal(await storedToken(storage, "https://other.example.com"), undefined);
		standIn.settings = new Map([["teamServer.url", "https://other.example.com/mcp"]]);
		assert.equal(await storedToken(storage, "https://memory.example.com"), undefined);
	});

	it("stands in no environment of a server that agents start, which has the URL", async () => {
		const { memoryEnvironment } = await importWithStandIn<
			typeof import("../../../src/vscode/agents/serverDefinition.ts")
		>("vscode/agents/serverDefinition.ts");
		const env = await memoryEnvironment({ secrets: secrets() } as unknown as ExtensionContext);
		assert.equal(env.TEAM_SERVER_URL, url);
		assert.ok(!JSON.stringify(env).includes(token));
		assert.equal(env.ASK_VSCODE, undefined);
	});

	it("goes to the memory of the window with the settings", async () => {
		const { givenEnvironment } =
			await importWithStandIn<typeof import("../../../src/vscode/settings/keys.ts")>(
				"vscode/settings/keys.ts",
			);
		const env = await givenEnvironment(secrets() as unknown as SecretStorage);
		assert.deepEqual([env.TEAM_SERVER_URL, env.TEAM_SERVER_TOKEN], [url, token]);
	});
});
