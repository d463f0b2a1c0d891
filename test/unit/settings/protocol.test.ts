import assert from "node:assert/strict";
import fc from "fast-check";
import { databasePresets } from "../../../src/settings/databasePresets.ts";
import { edited, editsOf, missingOf, requiring, valuesOf } from "../../../src/settings/edits.ts";
import { examineValues } from "../../../src/settings/examineValues.ts";
import { keyVariables } from "../../../src/settings/keys/boundKeys.ts";
import { type KnownKey, keyStatuses } from "../../../src/settings/keys/keyStatus.ts";
import { panelFields } from "../../../src/settings/panel/panelFields.ts";
import { type PanelInput, panelState } from "../../../src/settings/panel/panelState.ts";
import { readFromExtension, readFromPanel } from "../../../src/settings/panel/protocol.ts";
import { presetChanges, presets } from "../../../src/settings/presets.ts";
import { anyValues } from "../../support/fixtures/anyValues.ts";

const none = { state: "none", names: [], text: "" } as const;

function inputOf(more: Partial<PanelInput> = {}): PanelInput {
	const { edits = editsOf({}), known = [] } = more;
	const examined = examineValues(valuesOf(edits), {}, missingOf(edits));
	return {
		edits,
		examined,
		keys: keyStatuses(examined.endpoints, examined.endpoints, { known, removed: [] }),
		known,
		unsavedKeys: 0,
		models: { chat: { ...none, names: [] }, embedding: { ...none, names: [] } },
		tests: {},
		imported: undefined,
		plainKeys: [],
		measured: undefined,
		local: { state: "unasked", offers: [], text: "" },
		inForce: examined.config,
		password: undefined,
		sequence: 0,
		...more,
	};
}

describe("Messages of the settings panel", () => {
	const good: readonly unknown[] = [
		{ kind: "ready" },
		{ kind: "edit", variable: "LLM_BASE_URL", value: "http://a", sequence: 1 },
		{ kind: "key", variable: "LLM_API_KEY", action: "enter" },
		{ kind: "embedding-use", use: "default" },
		{ kind: "fix", role: "chat", finding: "chat.key", index: 0 },
		{ kind: "test", role: "storage" },
		{ kind: "database", choice: "supabase" },
		{ kind: "password", action: "enter" },
		{ kind: "copy-memories" },
	];
	for (const message of good)
		it(`${JSON.stringify(message)} is understood`, () => assert.deepEqual(readFromPanel(message), message));

	const bad: readonly unknown[] = [
		undefined,
		null,
		"save",
		[],
		{},
		{ kind: "unheard-of" },
		{ kind: "save", key: "sk-1" },
		{ kind: "edit", variable: "LLM_API_KEY", value: "sk-1", sequence: 1 },
		{ kind: "edit", variable: "PATH", value: "x", sequence: 1 },
		{ kind: "edit", variable: "LLM_CHOICE", value: 7, sequence: 1 },
		{ kind: "edit", variable: "LLM_CHOICE", value: "x" },
		{ kind: "key", variable: "LLM_API_KEY", action: "tell" },
		{ kind: "password", action: "enter", password: "s3cret" },
		{ kind: "database", choice: "mysql" },
		{ kind: "list-models", role: "storage" },
		{ kind: "command", command: "workbench.action.quit" },
		{ kind: "fix", role: "chat", finding: "x", index: 0.5 },
	];
	for (const message of bad)
		it(`${JSON.stringify(message)} is dropped`, () => assert.equal(readFromPanel(message), undefined));

	it("that nobody would send do no harm", () => {
		fc.assert(
			fc.property(fc.anything(), (message) => {
				readFromPanel(message);
				readFromExtension(message);
			}),
		);
	});
});

describe("The state that the panel receives", () => {
	it("fits the schema, whatever is configured", () => {
		fc.assert(
			fc.property(anyValues, anyValues, fc.constantFrom(...presets), (saved, typed, preset) => {
				const changes = Object.entries(typed).map(([variable, value]) => ({
					variable: variable as keyof typeof typed,
					value,
				}));
				const edits = edited(edited(editsOf(saved), presetChanges(preset), "preset"), changes, "typed");
				const known: KnownKey[] = [
					{ variable: "LLM_API_KEY", origin: "https://api.openai.com", kind: "key" },
				];
				const state = panelState(inputOf({ edits: requiring(edits, preset.required), known }));
				assert.deepEqual(readFromExtension({ kind: "state", state }), { kind: "state", state });
			}),
		);
		const fields = panelFields();
		const open = {
			kind: "open",
			fields,
			presets: presets.map(({ id, label, description }) => ({ id, label, description })),
			databases: databasePresets().map(({ id, label, description }) => ({ id, label, description })),
			state: panelState(inputOf()),
		};
		assert.deepEqual(readFromExtension(open), open);
	});

	it("has no room for a key", () => {
		const state = panelState(inputOf());
		for (const name of keyVariables) {
			const values = { ...state.values, [name]: "sk-1" };
			assert.equal(readFromExtension({ kind: "state", state: { ...state, values } }), undefined);
		}
	});

	it("contains no secret of a header, neither a saved one nor one from a file", () => {
		const headers = '{"Authorization":"Bearer sk-4711"}';
		const edits = editsOf({ LLM_PROVIDER: "openai", LLM_HEADERS: headers });
		const imported = edited(editsOf({}), [{ variable: "EMBEDDING_HEADERS", value: headers }], ".env");
		for (const each of [edits, imported])
			assert.doesNotMatch(JSON.stringify(panelState(inputOf({ edits: each }))), /4711/);
	});

	it("is dropped when it does not fit", () => {
		assert.equal(readFromExtension({ kind: "state", state: {} }), undefined);
		assert.equal(readFromExtension({ kind: "focus", variable: "PATH" }), undefined);
	});
});

describe("The state of the panel", () => {
	const ollama = edited(editsOf({}), [{ variable: "LLM_PROVIDER", value: "ollama" }], "typed");

	it("does not allow incomplete values to be saved, and says beside the field what is missing", () => {
		const state = panelState(inputOf({ edits: ollama }));
		assert.equal(state.canSave, false);
		assert.match(state.problems.LLM_CHOICE ?? "", /needs the name of a model/);
		assert.match(state.summary, /1 unsaved change\. Correct the marked field/);
		const named = edited(ollama, [{ variable: "LLM_CHOICE", value: "qwen3" }], "typed");
		assert.equal(panelState(inputOf({ edits: named })).canSave, true);
	});

	it("does not allow a preset to be saved without what only the person knows", () => {
		const custom = presets.find(({ id }) => id === "custom");
		assert.ok(custom);
		const edits = requiring(edited(editsOf({}), presetChanges(custom), "preset"), custom.required);
		const { canSave, problems } = panelState(inputOf({ edits }));
		assert.equal(canSave, false);
		assert.deepEqual(Object.keys(problems).sort(), ["EMBEDDING_MODEL_CHOICE", "LLM_BASE_URL", "LLM_CHOICE"]);
	});

	it("shows measured dimensions only for the configured model", () => {
		const values = { LLM_PROVIDER: "ollama", LLM_CHOICE: "m", EMBEDDING_MODEL_CHOICE: "bge-m3" };
		const measured = { model: "bge-m3", origin: "http://localhost:11434", dimensions: 1024 };
		const text = (more: Partial<PanelInput>) =>
			panelState(inputOf({ edits: editsOf(values), ...more })).embedding.dimensions;
		assert.equal(text({ measured }), "1024, measured");
		assert.match(text({ measured: { ...measured, model: "other" } }), /^not measured yet/);
		assert.match(text({}), /^not measured yet/);
	});

	it("shows the fields that have an effect, and every setting that is set", () => {
		const visible = (values: Parameters<typeof editsOf>[0]) =>
			panelState(inputOf({ edits: editsOf(values) })).visible;
		assert.ok(!visible({}).includes("LLM_BASE_URL"));
		assert.ok(visible({ LLM_PROVIDER: "openai" }).includes("LLM_BASE_URL"));
		assert.ok(visible({ LLM_BASE_URL: "http://a.local/v1", LLM_PROVIDER: "none" }).includes("LLM_BASE_URL"));
		assert.ok(!visible({ LLM_PROVIDER: "openai" }).includes("AZURE_OPENAI_ENDPOINT"));
		assert.ok(visible({}).includes("DATABASE_URL"));
		assert.ok(!visible({}).includes("DATABASE_POOL_SIZE"));
		assert.ok(visible({ DATABASE_URL: "postgres://u@h/d" }).includes("DATABASE_POOL_SIZE"));
		assert.ok(visible({ LLM_PROVIDER: "azure" }).includes("AZURE_OPENAI_ENDPOINT"));
	});
});
