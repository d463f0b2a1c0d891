import fc from "fast-check";
import { canonical, settingVariables, type Values } from "../../src/config/values.ts";

const plain = fc.string({ unit: "grapheme", maxLength: 24 }).filter((text) => !/[\r\n\0]/.test(text));
const awkward = fc
	.array(fc.constantFrom("'", '"', "`", "#", " ", "=", "\\", "\\n", "$", "{", "}", "a", "é"), {
		maxLength: 8,
	})
	.map((parts) => parts.join(""));
/** Texts in a line, with all that a `.env` file could take for something else. */
export const anyWords = fc.oneof(plain, awkward);

function anyValueOf({
	name,
	type,
	values = [],
	minimum = 0,
	maximum = 1e6,
}: (typeof settingVariables)[number]) {
	switch (type) {
		case "enum":
			return fc.constantFrom(...values);
		case "integer":
			return fc.integer({ min: minimum, max: Math.min(maximum, 1e9) }).map(String);
		case "number":
			return fc.double({ min: minimum, max: maximum, noNaN: true }).map(String);
		case "url":
			return fc.oneof(
				fc.webUrl().map((url) => url.replace(/[?#].*$/, "")),
				fc.constantFrom("http://db-server.local:8009/v1", "https://x.openai.azure.com", "localhost:1234"),
				...(name === "EMBEDDING_BASE_URL" ? [fc.constant("default")] : []),
			);
		case "headers":
			return fc
				.dictionary(fc.stringMatching(/^[A-Za-z][\w-]{0,9}$/), anyWords, { maxKeys: 3 })
				.map((headers) => JSON.stringify(headers));
		default:
			return anyWords;
	}
}

/** Every combination of settings that there can be. */
export const anyValues: fc.Arbitrary<Values> = fc
	.record(Object.fromEntries(settingVariables.map((variable) => [variable.name, anyValueOf(variable)])), {
		requiredKeys: [],
	})
	.map((record) =>
		Object.fromEntries(
			settingVariables.flatMap(({ name }) => {
				const value = canonical(name, record[name]);
				return value === undefined ? [] : [[name, value]];
			}),
		),
	);
