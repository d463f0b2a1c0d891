import assert from "node:assert/strict";
import { readConfig } from "../../../src/config/config.ts";
import type { Endpoints } from "../../../src/config/endpoints.ts";
import { EditedSettings } from "../../../src/settings/editedSettings.ts";
import type { Change } from "../../../src/settings/edits.ts";
import { readEnvImport } from "../../../src/settings/env/envImport.ts";
import { KeyRing } from "../../../src/settings/keys/keyRing.ts";
import { panelState } from "../../../src/settings/panel/panelState.ts";
import { presets } from "../../../src/settings/presets.ts";
import type { Values } from "../../../src/settings/values.ts";
import { importChanged } from "../../support/fixtures/changedModule.ts";
import { secretStorage } from "../../support/fixtures/secretStorage.ts";

const saved: Values = { LLM_PROVIDER: "openai", LLM_BASE_URL: "https://a.example/v1", LLM_CHOICE: "m" };
const keyOfA = { "LLM_API_KEY https://a.example": "sk-a" };

const none = { state: "none", names: [], text: "" } as const;
/** The parts of the panel's state that are not about the edits. */
const unrelated = {
	models: { chat: { ...none, names: [] }, embedding: { ...none, names: [] } },
	tests: {},
	plainKeys: [],
	measured: undefined,
	local: { state: "unasked" as const, offers: [], text: "" },
	sequence: 0,
};

async function edit(values: Values = saved, secrets: Readonly<Record<string, string>> = keyOfA) {
	const storage = secretStorage(secrets);
	const ring = new KeyRing(storage);
	await ring.load();
	return { edited: new EditedSettings(values, ring, {}), storage };
}

describe("Edited settings and keys", () => {
	it("are tested with the key of their host, and after a change of host without", async () => {
		const { edited } = await edit();
		assert.equal((await edited.environment("chat")).LLM_API_KEY, "sk-a");
		edited.edit([{ variable: "LLM_BASE_URL", value: "https://b.example/v1" }], "typed");
		assert.equal((await edited.environment("chat")).LLM_API_KEY, undefined);
		assert.equal(edited.input.examined.config?.llm?.provider, "openai");
		edited.edit([{ variable: "LLM_BASE_URL", value: "http://a.example/v1" }], "typed");
		assert.equal((await edited.environment("chat")).LLM_API_KEY, undefined, "another scheme is another host");
	});

	it("give the language model's key to no other host", async () => {
		const { edited } = await edit();
		edited.edit([{ variable: "EMBEDDING_BASE_URL", value: "https://b.example/v1" }], "typed");
		const env = await edited.environment("embedding");
		for (const embedding of [readConfig(env, {}).config.embedding, (await edited.endpoints()).embedding]) {
			assert.equal(embedding?.baseUrl, "https://b.example/v1");
			assert.equal(embedding.apiKey, undefined);
		}
		edited.edit([{ variable: "EMBEDDING_BASE_URL", value: undefined }], "typed");
		assert.equal(readConfig(await edited.environment("embedding"), {}).config.embedding?.apiKey, "sk-a");
	});

	it("give no host the key of a later edit while keys are read", async () => {
		const { edited } = await edit(saved, { ...keyOfA, "EMBEDDING_API_KEY https://b.example": "sk-b" });
		const before = edited.endpoints();
		edited.edit([{ variable: "EMBEDDING_BASE_URL", value: "https://b.example/v1" }], "typed");
		const keyOf = ({ embedding }: Endpoints) => [embedding?.baseUrl, embedding?.apiKey];
		assert.deepEqual(keyOf(await before), ["https://a.example/v1", "sk-a"]);
		assert.deepEqual(keyOf(await edited.endpoints()), ["https://b.example/v1", "sk-b"]);
	});

	it("can be tested for the language model while embeddings are incomplete", async () => {
		const { edited } = await edit();
		edited.edit([{ variable: "EMBEDDING_PROVIDER", value: "azure" }], "typed");
		assert.equal(edited.input.examined.config, undefined);
		assert.ok(readConfig(await edited.environment("chat"), {}).config.llm);
	});

	it("come from a .env file until they are discarded", async () => {
		const { edited, storage } = await edit();
		const text = "LLM_PROVIDER=openai\nLLM_BASE_URL=https://b.example/v1\nLLM_CHOICE=n\nLLM_API_KEY=sk-b\n";
		await edited.import("x.env", readEnvImport(text, saved, {}), saved);
		assert.equal(edited.unsaved, 3);
		assert.equal((await edited.environment("chat")).LLM_API_KEY, "sk-b");
		assert.deepEqual([...storage.secrets.keys()], ["LLM_API_KEY https://a.example"]);
		edited.discard(saved);
		assert.equal(edited.unsaved, 0);
		assert.equal((await edited.environment("chat")).LLM_API_KEY, "sk-a");
		assert.equal(edited.input.imported, undefined);
	});

	it("have another fingerprint after every edit, and keep it when they are saved", async () => {
		const { edited } = await edit();
		const before = edited.fingerprint;
		edited.keys.set({ variable: "LLM_API_KEY", origin: "https://a.example" }, "sk-1");
		const once = edited.fingerprint;
		edited.keys.set({ variable: "LLM_API_KEY", origin: "https://a.example" }, "sk-2");
		assert.equal(new Set([before, once, edited.fingerprint]).size, 3);
		const last = edited.fingerprint;
		await edited.keys.save();
		edited.settle(saved);
		assert.equal(edited.fingerprint, last);
	});

	it("name the endpoints whose models can be listed, but none while its URL is missing", async () => {
		const { edited } = await edit({}, {});
		edited.edit([{ variable: "LLM_PROVIDER", value: "ollama" }], "typed");
		const origin = async () => {
			const { llm, embedding } = await edited.endpoints();
			return [llm && "baseUrl" in llm ? llm.baseUrl : undefined, embedding?.baseUrl];
		};
		assert.deepEqual(await origin(), ["http://localhost:11434/v1", "http://localhost:11434/v1"]);
		edited.edit([{ variable: "LLM_MAX_TOKENS", value: "many" }], "typed");
		assert.deepEqual(await origin(), ["http://localhost:11434/v1", "http://localhost:11434/v1"]);
		edited.edit([{ variable: "LLM_BASE_URL", value: "ftp://x" }], "typed");
		assert.deepEqual(await origin(), [undefined, undefined]);
		edited.discard({});
		for (const id of ["custom", "proxy", "azure"]) {
			const preset = presets.find((each) => each.id === id);
			assert.ok(preset);
			edited.choosePreset(preset);
			assert.deepEqual(await origin(), [undefined, undefined], id);
			assert.deepEqual(edited.keyStatuses, []);
		}
		const mixed = presets.find(({ id }) => id === "mixed");
		assert.ok(mixed);
		edited.choosePreset(mixed);
		assert.deepEqual(await origin(), [undefined, "https://api.openai.com/v1"]);
	});

	it("ask for what only the person knows, also for another embedding endpoint", async () => {
		const { edited } = await edit({}, {});
		const custom = presets.find(({ id }) => id === "custom");
		assert.ok(custom);
		assert.deepEqual(edited.choosePreset(custom), custom.required);
		assert.deepEqual(edited.chooseEmbeddingUse("another"), ["EMBEDDING_BASE_URL"]);
		assert.ok(edited.input.edits.required.includes("LLM_BASE_URL"));
		assert.deepEqual(edited.chooseEmbeddingUse("builtin"), []);
		assert.ok(!edited.input.edits.required.some((name) => name.startsWith("EMBEDDING_")));
	});

	it("are examined once per edit, and twice while a value is not valid", async () => {
		type Module = typeof import("../../../src/settings/editedSettings.ts");
		const counted = globalThis as { reads?: number };
		const module = await importChanged<Module>("settings/editedSettings.ts", "config/config.ts", (source) =>
			source.replace("const read = readVariables(adapted, ambient);", "globalThis.reads += 1;\n$&"),
		);
		const ring = new KeyRing(secretStorage(keyOfA));
		await ring.load();
		const edited = new module.EditedSettings(saved, ring, {});
		const readsOf = async (change: Change) => {
			counted.reads = 0;
			edited.edit([change], "typed");
			// All that the panel, its lists of models and a test ask for, and more than once.
			for (const _ of [1, 2]) {
				panelState({ ...edited.input, ...unrelated });
				await edited.endpoints();
				await edited.environment("embedding");
				assert.ok(edited.unsaved > 0 && edited.fingerprint && edited.savedEndpoints);
			}
			return counted.reads;
		};
		assert.equal(await readsOf({ variable: "LLM_CHOICE", value: "n" }), 1);
		assert.equal(await readsOf({ variable: "LLM_BASE_URL", value: "https://b.example/v1" }), 1);
		// Without the value that is wrong, the host is known all the same: its models are listed, its key is shown.
		assert.equal(await readsOf({ variable: "LLM_MAX_TOKENS", value: "many" }), 2);
		assert.equal(await readsOf({ variable: "LLM_BASE_URL", value: "ftp://b" }), 1);
	});
});
