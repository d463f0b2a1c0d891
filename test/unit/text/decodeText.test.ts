import assert from "node:assert/strict";
import { decodeText, EncodingError } from "../../../src/text/decodeText.ts";

const text = "Zürich, 東京 🙂\n";
const utf16le = Buffer.from(text, "utf16le");

describe("The bytes of a file", () => {
	for (const [encoding, bytes] of [
		["UTF-8", Buffer.from(text)],
		["UTF-8 with a mark", Buffer.from(`\ufeff${text}`)],
		["UTF-16 of Windows", Buffer.concat([Buffer.from([0xff, 0xfe]), utf16le])],
		["UTF-16, big end first", Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16le).swap16()])],
	] as const)
		it(`are read as ${encoding}`, () => assert.equal(decodeText(bytes), text));

	for (const [what, bytes, found] of [
		["Latin-1", Buffer.from("Zürich", "latin1"), /Latin-1/],
		["half a character", Buffer.from("Zürich").subarray(0, 2), /Latin-1/],
		["UTF-16 without a mark, with a surrogate", Buffer.from([0x3d, 0xd8, 0, 0]), /UTF-16 without/],
	] as const)
		it(`are refused, and named, where they are ${what}`, () => {
			assert.throws(
				() => decodeText(bytes),
				(error: unknown) => {
					assert.ok(error instanceof EncodingError);
					assert.match(error.message, found);
					assert.match(error.message, /Save it as UTF-8/);
					return true;
				},
			);
		});
});
