import assert from "node:assert/strict";
import fc from "fast-check";
import { envLine, parseDotenv } from "../../../src/config/dotenv.ts";
import { readKey } from "../../../src/config/keyText.ts";
import { exportEnv } from "../../../src/settings/env/envExport.ts";
import { readEnvImport } from "../../../src/settings/env/envImport.ts";
import { examineValues } from "../../../src/settings/examineValues.ts";
import { type BoundKey, keySlots } from "../../../src/settings/keys/boundKeys.ts";
import { fromSetting, settingVariables, toSetting, type Values } from "../../../src/settings/values.ts";
import { anyValues, anyWords } from "../../support/fixtures/anyValues.ts";

const key = fc
	.string({ unit: fc.constantFrom(..."abcXYZ019-_#'\"`\\=$"), minLength: 1, maxLength: 20 })
	// Not what pasting brings along.
	.filter((text) => readKey(text).key === text);

const sorted = (keys: readonly BoundKey[]) => keys.map((each) => JSON.stringify(each)).sort();

describe("A configuration that is exported as .env and imported again", () => {
	it("is the same as before, including keys, whatever it contains", () => {
		fc.assert(
			fc.property(anyValues, fc.tuple(fc.option(key), fc.option(key)), (values, keys) => {
				// No way of quoting says every text; the writer says so, which is another test.
				fc.pre(canBeSaid(values));
				const bound = keySlots(examineValues(values, {}).config).flatMap((slot, index) => {
					const own = keys[index];
					return own && envLine(slot.variable, own) ? [{ ...slot, key: own }] : [];
				});
				const read = readEnvImport(exportEnv(values, bound, true), values, {});
				assert.deepEqual(read.changes, []);
				assert.deepEqual(sorted(read.keys), sorted(bound));
				assert.deepEqual(readEnvImport(exportEnv(values, bound, true), {}, {}).changes, changesFrom(values));
			}),
			{ numRuns: 500 },
		);
	});

	it("contains no key unless the person asked for it", () => {
		let keys = 0;
		fc.assert(
			fc.property(anyValues, (values) => {
				fc.pre(canBeSaid(values));
				const bound = keySlots(examineValues(values, {}).config).map((slot) => ({
					...slot,
					key: "sk-secret-4711",
				}));
				keys += bound.length;
				const text = exportEnv(values, bound, false);
				assert.ok(!text.includes("sk-secret-4711"));
				for (const { variable, origin } of bound)
					assert.ok(text.includes(`# ${variable} is left out`) && text.includes(origin), text);
				assert.deepEqual(readEnvImport(text, values, {}), { changes: [], keys: [], notes: [] });
			}),
		);
		assert.ok(keys > 0, "no values that were tried have a place for a key");
	});
});

function canBeSaid(values: Values): boolean {
	return settingVariables.every(
		({ name, type }) => type === "headers" || !values[name] || envLine(name, values[name]) !== undefined,
	);
}

function changesFrom(values: Values) {
	return settingVariables.flatMap(({ name }) =>
		values[name] === undefined ? [] : [{ variable: name, value: values[name] }],
	);
}

describe("A value", () => {
	it("is the same in settings.json and as text", () => {
		fc.assert(
			fc.property(anyValues, (values) => {
				for (const { name } of settingVariables)
					assert.equal(fromSetting(name, toSetting(name, values[name])), values[name]);
			}),
		);
	});

	it("is written so that it reads back and swallows no line after it, or not at all", () => {
		fc.assert(
			fc.property(anyWords, (value) => {
				const line = envLine("NAME", value);
				if (line === undefined) {
					assert.match(value, /['"#\\]|^\s|\s$|\$\{/);
					return;
				}
				const { values } = parseDotenv(`${line}\nNEXT='1'\n`);
				assert.deepEqual({ ...values }, { NAME: value, NEXT: "1" });
			}),
			{ numRuns: 1000 },
		);
	});
});
