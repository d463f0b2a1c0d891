import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { readEnvImport } from "../../../src/settings/env/envImport.ts";
import type { ModelsView } from "../../../src/settings/panel/protocol.ts";
import type { SettingVariable } from "../../../src/settings/values.ts";
import type { Deps } from "../../../src/vscode/deps.ts";
import { importWithStandIn, observedSecrets, standIn } from "../../support/fixtures/vscodeStandIn.ts";
import { OpenAiServer } from "../../support/openaiServer/server.ts";

type Session = import("../../../src/vscode/settings/session.ts").SettingsSession;

const header = "header-secret-4711";
const key = "sk-secret-4712";

async function until(holds: () => boolean): Promise<void> {
	const deadline = performance.now() + 5000;
	while (!holds()) {
		assert.ok(performance.now() < deadline, "it does not happen");
		await sleep(5);
	}
}

describe("Edits of settings that are not saved", () => {
	let SettingsSession: typeof import("../../../src/vscode/settings/session.ts").SettingsSession;
	/** Saved, and new. */
	let saved: OpenAiServer;
	let other: OpenAiServer;
	let session: Session;
	let secrets: ReturnType<typeof observedSecrets>;
	let deps: Deps;
	let sequence = 0;

	before(async () => {
		({ SettingsSession } = await importWithStandIn<typeof import("../../../src/vscode/settings/session.ts")>(
			"vscode/settings/session.ts",
		));
	});
	beforeEach(async () => {
		[saved, other] = [await OpenAiServer.start(), await OpenAiServer.start()];
		const headers = { "X-Token": header };
		standIn.settings = new Map<string, unknown>([
			["llm.provider", "openai"],
			["llm.baseUrl", saved.baseUrl],
			["llm.model", "test-chat"],
			["llm.headers", headers],
			["embedding.provider", "builtin"],
		]);
		standIn.messages = [];
		standIn.choose = undefined;
		secrets = observedSecrets({
			[`LLM_API_KEY ${saved.origin}`]: key,
			// Keys that were entered once for the other host are no leave to use them now.
			[`LLM_API_KEY ${other.origin}`]: key,
			[`LLM_API_KEY http://0.0.0.0:${other.port}`]: key,
		});
		deps = {
			context: { secrets },
			memory: {
				onDidChange: () => ({ dispose: () => undefined }),
				get: async () => Promise.reject(new Error()),
			},
			watch: { while: (work: () => Promise<unknown>) => work() },
		} as unknown as Deps;
		session = await SettingsSession.start(deps);
		await models("listed");
	});
	afterEach(async () => {
		session.dispose();
		await saved.close();
		await other.close();
	});

	const models = async (state: ModelsView["state"]) => {
		await until(() => session.state.models.chat.state === state);
		return session.state.models.chat.text;
	};
	const type = (variable: SettingVariable, value: string) => {
		sequence += 1;
		return session.handle({ kind: "edit", variable, value, sequence });
	};
	/** The host that it is for, and the number of requests there. */
	const asked = () => ({ saved: saved.requests.length, other: other.requests.length });

	it("are about a saved endpoint whose models are listed by themselves, with its secrets", () => {
		assert.deepEqual(asked(), { saved: 1, other: 0 });
		assert.equal(saved.requests[0]?.headers["x-token"], header);
		assert.equal(saved.requests[0]?.headers.authorization, `Bearer ${key}`);
	});

	it("send nothing while a URL is typed letter by letter, and say what the button will send", async () => {
		for (let length = 1; length <= other.baseUrl.length; length += 1)
			await type("LLM_BASE_URL", other.baseUrl.slice(0, length));
		const text = await models("ready");
		assert.equal(text, `“List models” asks ${other.baseUrl}, with its key and headers.`);
		await type("LLM_HEADERS", JSON.stringify({ "X-Other": "o" }));
		await models("ready");
		await session.handle({ kind: "key", variable: "LLM_API_KEY", action: "remove" });
		await models("ready");
		assert.deepEqual(asked(), { saved: 1, other: 0 });
	});

	it("send nothing when another key or header is meant for a saved host", async () => {
		await type("LLM_HEADERS", JSON.stringify({ "X-Other": "o" }));
		await models("ready");
		await session.handle({ kind: "discard" });
		await models("listed");
		await session.handle({ kind: "key", variable: "LLM_API_KEY", action: "none" });
		await models("ready");
		assert.equal(asked().other, 0);
		assert.ok(saved.requests.every(({ headers }) => headers["x-token"] === header));
	});

	it("send nothing when a .env file is looked at", async () => {
		const text = `LLM_PROVIDER=openai\nLLM_BASE_URL=${other.baseUrl}\nLLM_CHOICE=m\nLLM_API_KEY=${key}\nLLM_HEADERS={"X-Token":"${header}"}\n`;
		await session.import("x.env", readEnvImport(text, {}, {}));
		await models("ready");
		assert.deepEqual(asked(), { saved: 1, other: 0 });
	});

	it("send nothing when presets are chosen and left again", async () => {
		for (const id of ["ollama", "lmstudio", "vllm", "openrouter"]) {
			await session.handle({ kind: "preset", id });
			await models("ready");
		}
		await session.handle({ kind: "embedding-use", use: "same" });
		await session.handle({ kind: "discard" });
		await models("listed");
		assert.equal(asked().other, 0);
	});

	it("are sent by List models", async () => {
		await type("LLM_BASE_URL", other.baseUrl);
		await models("ready");
		await session.handle({ kind: "list-models", role: "chat" });
		await models("listed");
		assert.equal(asked().other, 1);
		assert.equal(other.requests[0]?.headers["x-token"], header);
		await type("LLM_CHOICE", "another");
		await models("listed");
		assert.equal(asked().other, 1, "the list stays");
	});

	it("are sent by Save, and from then on by themselves", async () => {
		await type("LLM_BASE_URL", other.baseUrl);
		await models("ready");
		await session.handle({ kind: "save" });
		await models("listed");
		assert.equal(asked().other, 1);
		assert.deepEqual(standIn.messages, []);
	});

	for (const act of ["list-models", "test", "save"] as const)
		it(`need an agreement for ${act} over plain http to a host that is not private`, async function () {
			// This machine under an address that is not private; Windows does not connect to it.
			if (process.platform === "win32") this.skip();
			const origin = `http://0.0.0.0:${other.port}`;
			const run = () => session.handle(act === "save" ? { kind: act } : { kind: act, role: "chat" });
			await type("LLM_BASE_URL", `${origin}/v1`);
			await session.handle({ kind: "key", variable: "LLM_API_KEY", action: "none" });
			await models("ready");
			await run();
			assert.deepEqual(standIn.messages, [`Send the headers to ${origin} unencrypted?`]);
			assert.ok(other.requests.every(({ headers }) => !JSON.stringify(headers).includes("4711")));
			standIn.choose = "Send Unencrypted";
			await run();
			await until(() => other.requests.some(({ headers }) => headers["x-token"] === header));
			standIn.choose = undefined;
			const before = standIn.messages.length;
			await run();
			assert.equal(standIn.messages.length, before, "it is asked once");
		});

	it("are not needed for what is saved to be withheld until there is an agreement", async () => {
		const { storedEnvironment } =
			await importWithStandIn<typeof import("../../../src/vscode/settings/keys.ts")>(
				"vscode/settings/keys.ts",
			);
		const stored = () => storedEnvironment(secrets as unknown as Parameters<typeof storedEnvironment>[0]);
		assert.equal((await stored()).LLM_API_KEY, key);
		standIn.settings.set("llm.baseUrl", `http://0.0.0.0:${other.port}/v1`);
		const withheld = await stored();
		assert.deepEqual([withheld.LLM_API_KEY, withheld.LLM_HEADERS], [undefined, undefined]);
		assert.equal(withheld.LLM_CHOICE, "test-chat");
		assert.deepEqual(standIn.messages, []);
		await secrets.store(`PLAIN_HTTP http://0.0.0.0:${other.port}`, "agreed");
		assert.equal((await stored()).LLM_API_KEY, key);
	});

	it("keep headers from another host than theirs, however it came to be configured", async () => {
		const { storedEnvironment } =
			await importWithStandIn<typeof import("../../../src/vscode/settings/keys.ts")>(
				"vscode/settings/keys.ts",
			);
		const headers = async () =>
			(await storedEnvironment(secrets as unknown as Parameters<typeof storedEnvironment>[0])).LLM_HEADERS;
		const theirs = JSON.stringify({ "X-Token": header });
		assert.equal(await headers(), theirs);
		standIn.settings.set("llm.baseUrl", other.baseUrl);
		assert.equal(await headers(), undefined);
		session.dispose();
		session = await SettingsSession.start(deps);
		await models("ready");
		assert.equal(asked().other, 0);
		await session.handle({ kind: "list-models", role: "chat" });
		await models("listed");
		assert.equal(other.requests[0]?.headers["x-token"], header);
		assert.equal(await headers(), theirs, "from then on");
		standIn.settings.set("llm.headers", { "X-Token": "new" });
		assert.equal(await headers(), JSON.stringify({ "X-Token": "new" }), "new ones belong where they are set");
		assert.deepEqual(standIn.messages, []);
	});
});
