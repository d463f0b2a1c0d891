import assert from "node:assert/strict";
import { edited, editsOf, missingOf, requiring, valuesOf } from "../../../src/settings/edits.ts";
import { examineValues } from "../../../src/settings/examineValues.ts";
import { presetChanges, presets } from "../../../src/settings/presets.ts";
import { type SettingVariable, settingVariables, type Values } from "../../../src/settings/values.ts";

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

	it("never send a text for the person's own server to api.openai.com", () => {
		for (const preset of presets.filter(({ id }) => !["openai", "mixed"].includes(id))) {
			const edits = requiring(edited(editsOf({}), presetChanges(preset), "preset"), preset.required);
			const { config } = examineValues(valuesOf(edits), {});
			if (!config) {
				// It cannot be saved as it is, so nothing is sent.
				assert.ok(missingOf(edits).length > 0, preset.id);
				continue;
			}
			const { llm, embedding } = config;
			const urls = [llm && "baseUrl" in llm ? llm.baseUrl : "", embedding?.baseUrl ?? ""];
			if (urls.some((url) => url.includes("api.openai.com")))
				assert.ok(missingOf(edits).includes("LLM_BASE_URL"), `${preset.id} can be saved as it is`);
		}
	});
});
