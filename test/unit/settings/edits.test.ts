import assert from "node:assert/strict";
import fc from "fast-check";
import {
	type Change,
	changesOf,
	edited,
	editsOf,
	rebased,
	resolved,
	valuesOf,
} from "../../../src/settings/edits.ts";
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

describe("The edits of settings", () => {
	it("are changes until a value is the saved one again", () => {
		const edits = edited(editsOf(saved), typed("LLM_CHOICE", "gpt-5"), "typed");
		assert.deepEqual(changesOf(edits), [{ variable: "LLM_CHOICE", value: "gpt-5" }]);
		assert.deepEqual(changesOf(edited(edits, typed("LLM_CHOICE", " gpt-4 "), "typed")), []);
		assert.deepEqual(changesOf(edited(edits, typed("LLM_TEMPERATURE", "0.20"), "typed")), changesOf(edits));
	});

	it("unset a setting with an empty text", () => {
		const edits = edited(editsOf(saved), typed("LLM_CHOICE", "  "), "typed");
		assert.deepEqual(changesOf(edits), [{ variable: "LLM_CHOICE", value: undefined }]);
		assert.equal(valuesOf(edits).LLM_CHOICE, undefined);
	});

	it("take over changes made elsewhere to settings without an edit", () => {
		const edits = rebased(edited(editsOf(saved), typed("LLM_CHOICE", "mine"), "typed"), {
			...saved,
			LLM_TEMPERATURE: "0.5",
		});
		assert.equal(valuesOf(edits).LLM_TEMPERATURE, "0.5");
		assert.deepEqual(edits.conflicts, []);
		assert.equal(valuesOf(edits).LLM_CHOICE, "mine");
	});

	it("are not overwritten by a change elsewhere, which is a conflict until the person decides", () => {
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

	it("are no conflict if both changes are the same", () => {
		const edits = rebased(edited(editsOf(saved), typed("LLM_CHOICE", "same"), "typed"), {
			...saved,
			LLM_CHOICE: "same",
		});
		assert.deepEqual([edits.conflicts, changesOf(edits)], [[], []]);
	});

	it("end in the values that are saved, whatever changes here and elsewhere", () => {
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
