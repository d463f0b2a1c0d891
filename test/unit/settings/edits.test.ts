import assert from "node:assert/strict";
import fc from "fast-check";
import {
	type Change,
	changesOf,
	edited,
	editsOf,
	missingOf,
	rebased,
	requiring,
	resolved,
	valuesOf,
} from "../../../src/settings/edits.ts";
import { type EmbeddingUse, embeddingUse, embeddingUseChanges } from "../../../src/settings/embeddingUse.ts";
import { examineValues } from "../../../src/settings/examineValues.ts";
import { presetChanges, presets } from "../../../src/settings/presets.ts";
import {
	canonical,
	type SettingVariable,
	settingVariables,
	type Values,
} from "../../../src/settings/values.ts";

const saved: Values = { LLM_PROVIDER: "openai", LLM_CHOICE: "gpt-4", LLM_TEMPERATURE: "0.2" };
const typed = (variable: SettingVariable, value: string | undefined): readonly Change[] => [
	{ variable, value },
];

describe("Settings that are edited", () => {
	it("are changes until they are what is saved again", () => {
		const edits = edited(editsOf(saved), typed("LLM_CHOICE", "gpt-5"), "typed");
		assert.deepEqual(changesOf(edits), [{ variable: "LLM_CHOICE", value: "gpt-5" }]);
		assert.deepEqual(changesOf(edited(edits, typed("LLM_CHOICE", " gpt-4 "), "typed")), []);
		assert.deepEqual(changesOf(edited(edits, typed("LLM_TEMPERATURE", "0.20"), "typed")), changesOf(edits));
	});

	it("are unset by an empty text", () => {
		const edits = edited(editsOf(saved), typed("LLM_CHOICE", "  "), "typed");
		assert.deepEqual(changesOf(edits), [{ variable: "LLM_CHOICE", value: undefined }]);
		assert.equal(valuesOf(edits).LLM_CHOICE, undefined);
	});

	it("take over what changed elsewhere, where nothing is edited", () => {
		const edits = rebased(edited(editsOf(saved), typed("LLM_CHOICE", "mine"), "typed"), {
			...saved,
			LLM_TEMPERATURE: "0.5",
		});
		assert.equal(valuesOf(edits).LLM_TEMPERATURE, "0.5");
		assert.deepEqual(edits.conflicts, []);
		assert.equal(valuesOf(edits).LLM_CHOICE, "mine");
	});

	it("are not overwritten by a change elsewhere, which is a conflict until it is decided", () => {
		const edits = rebased(edited(editsOf(saved), typed("LLM_CHOICE", "mine"), "typed"), {
			...saved,
			LLM_CHOICE: "theirs",
		});
		assert.deepEqual(edits.conflicts, ["LLM_CHOICE"]);
		assert.equal(valuesOf(edits).LLM_CHOICE, "mine");
		const mine = resolved(edits, "LLM_CHOICE", "mine");
		assert.deepEqual([mine.conflicts, valuesOf(mine).LLM_CHOICE], [[], "mine"]);
		const theirs = resolved(edits, "LLM_CHOICE", "theirs");
		assert.deepEqual([theirs.conflicts, valuesOf(theirs).LLM_CHOICE, changesOf(theirs)], [[], "theirs", []]);
	});

	it("are no conflict where both did the same", () => {
		const edits = rebased(edited(editsOf(saved), typed("LLM_CHOICE", "same"), "typed"), {
			...saved,
			LLM_CHOICE: "same",
		});
		assert.deepEqual([edits.conflicts, changesOf(edits)], [[], []]);
	});

	it("are what is saved in the end, whatever is edited and whatever changes elsewhere", () => {
		const names = settingVariables.map(({ name }) => name);
		const values = fc.dictionary(
			fc.constantFrom(...names),
			fc.constantFrom("a", "b", "1", "0.50", ""),
		) as fc.Arbitrary<Values>;
		const clean = (given: Values): Values =>
			Object.fromEntries(
				Object.entries(given).flatMap(([name, value]) => {
					const text = canonical(name as SettingVariable, value);
					return text === undefined ? [] : [[name, text]];
				}),
			);
		fc.assert(
			fc.property(values, values, values, (before, typedValues, elsewhere) => {
				const changes = Object.entries(typedValues).map(([name, value]) => ({
					variable: name as SettingVariable,
					value,
				}));
				const after = clean(elsewhere);
				const edits = rebased(edited(editsOf(clean(before)), changes, "typed"), after);
				const written: Record<string, string | undefined> = { ...after };
				for (const { variable, value } of changesOf(edits)) written[variable] = value;
				assert.deepEqual(clean(written as Values), clean(valuesOf(edits)));
				for (const { variable, value } of changes)
					if (canonical(variable, value) !== clean(before)[variable])
						assert.equal(clean(valuesOf(edits))[variable], canonical(variable, value));
			}),
		);
	});
});

describe("The presets", () => {
	const filled: Readonly<Partial<Record<SettingVariable, string>>> = {
		LLM_BASE_URL: "http://db-server.local:8009/v1",
		AZURE_OPENAI_ENDPOINT: "https://example.openai.azure.com",
		LLM_CHOICE: "some-model",
		EMBEDDING_MODEL_CHOICE: "some-embedding",
	};
	const full: Values = Object.fromEntries(settingVariables.map(({ name }) => [name, "x"]));

	for (const preset of presets)
		it(`${preset.label}: is complete with what it asks for, whatever was configured before`, () => {
			const edits = requiring(
				edited(editsOf({ MEMORY_DIR: "/m" }), presetChanges(preset), "preset"),
				preset.required,
			);
			assert.deepEqual(
				missingOf(edits),
				preset.required.filter((name) => preset.values[name] === undefined),
			);
			const given = preset.required.map((variable) => ({ variable, value: filled[variable] }));
			const done = edited(edits, given, "typed");
			assert.deepEqual(missingOf(done), []);
			assert.deepEqual(examineValues(valuesOf(done), {}).problems, {});
			assert.equal(valuesOf(done).MEMORY_DIR, "/m");
			const over = valuesOf(edited(editsOf(full), presetChanges(preset), "preset"));
			assert.equal(over.EMBEDDING_BASE_URL, preset.values.EMBEDDING_BASE_URL);
		});

	it("never send a text to api.openai.com that is meant for a server of one's own", () => {
		for (const preset of presets.filter(({ id }) => !["openai", "mixed"].includes(id))) {
			const edits = requiring(edited(editsOf({}), presetChanges(preset), "preset"), preset.required);
			const { llm, embedding } = examineValues(valuesOf(edits), {}).config ?? {};
			const urls = [llm && "baseUrl" in llm ? llm.baseUrl : "", embedding?.baseUrl ?? ""];
			if (urls.some((url) => url.includes("api.openai.com")))
				assert.ok(missingOf(edits).includes("LLM_BASE_URL"), `${preset.id} can be saved as it is`);
		}
	});
});

describe("Where embeddings come from", () => {
	const llm: Values = { LLM_PROVIDER: "openai", LLM_BASE_URL: "http://a.local/v1", LLM_CHOICE: "m" };
	const table: readonly (readonly [Values, EmbeddingUse])[] = [
		[{}, "builtin"],
		[{ LLM_PROVIDER: "vscode" }, "builtin"],
		[llm, "same"],
		[{ LLM_BASE_URL: "http://a.local/v1" }, "same"],
		[{ ...llm, EMBEDDING_PROVIDER: "openai" }, "same"],
		[{ ...llm, EMBEDDING_PROVIDER: "builtin" }, "builtin"],
		[{ ...llm, EMBEDDING_BASE_URL: "default" }, "default"],
		[{ ...llm, EMBEDDING_PROVIDER: "ollama" }, "default"],
		[{ EMBEDDING_PROVIDER: "openai" }, "default"],
		[{ ...llm, EMBEDDING_BASE_URL: "http://b.local/v1" }, "another"],
		[{ EMBEDDING_BASE_URL: "http://b.local/v1" }, "another"],
	];
	for (const [values, use] of table)
		it(`is ${use} for ${JSON.stringify(values)}, and stays so when it is chosen`, () => {
			assert.equal(embeddingUse(values), use);
			const { changes, required } = embeddingUseChanges(use, values);
			assert.equal(embeddingUse(valuesOf(edited(editsOf(values), changes, "typed")), required), use);
		});

	it("asks for the URL of another endpoint, so that none is taken in its place", () => {
		const { changes, required } = embeddingUseChanges("another", llm);
		const edits = requiring(edited(editsOf(llm), changes, "typed"), required);
		assert.deepEqual(missingOf(edits), ["EMBEDDING_BASE_URL"]);
		assert.equal(embeddingUse(valuesOf(edits), edits.required), "another");
	});
});
