import assert from "node:assert/strict";
import fc from "fast-check";
import { elementsOf } from "../../../src/memory/transfer/document.ts";
import { toUtf8 } from "../../../src/memory/transfer/encoding.ts";
import type { Piece } from "../../../src/memory/transfer/pieces.ts";

async function* inParts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function pieces(content: string | Uint8Array, size = 1_000_000, longest = 1_000_000): Promise<Piece[]> {
	const found: Piece[] = [];
	for await (const piece of elementsOf(inParts(Buffer.from(content), size), longest)) found.push(piece);
	return found;
}

describe("A JSON document", () => {
	it("gives the elements of its lists, however it is written and arrives", async () => {
		const record = fc.dictionary(fc.string(), fc.jsonValue());
		const document = fc.record({
			before: fc.jsonValue().filter((value) => !Array.isArray(value)),
			list: fc.array(fc.oneof(record, fc.string())),
			indent: fc.constantFrom(0, 1, "\t"),
			size: fc.integer({ min: 1, max: 50 }),
			named: fc.boolean(),
		});
		await fc.assert(
			fc.asyncProperty(document, async ({ before, list, indent, size, named }) => {
				const value = named ? { before, list } : list;
				const found = await pieces(JSON.stringify(value, null, indent), size);
				const elements = found.filter(({ outside }) => outside === undefined);
				assert.deepEqual(
					elements.map(({ text = "" }) => JSON.parse(text)),
					JSON.parse(JSON.stringify(list)),
				);
				assert.deepEqual(
					found.flatMap(({ outside }) => outside ?? []),
					named ? ["before"] : [],
				);
				assert.ok(elements.every((element) => element.list === (named ? "list" : undefined)));
			}),
		);
	});

	it("tells on which line an element begins, and which bytes are not UTF-8", async () => {
		const text = '[\n\t{\n\t\t"text": "a"\n\t},\n\t{"text": "ü"},\n\t{"text": "c"}\n]';
		const found = await pieces(Buffer.from(text, "latin1"), 3);
		assert.deepEqual(
			found.map(({ line, problem }) => [line, problem]),
			[
				[2, undefined],
				[5, { kind: "not-utf-8", at: 11, byte: 0xfc }],
				[6, undefined],
			],
		);
	});

	it("that is cut off gives what is whole, and says so", async () => {
		const found = await pieces('{"results": [{"text": "a"}, {"text": "b');
		assert.deepEqual(
			found.map(({ text, problem }) => text ?? problem),
			['{"text": "a"}', { kind: "cut-off" }],
		);
	});

	it("may have elements that are too long, of which nothing is kept", async () => {
		const found = await pieces(`[{"text": "${"x".repeat(500)}"}, {"text": "a"}]`, 50, 100);
		assert.deepEqual(
			found.map(({ text, problem }) => text ?? problem),
			[{ kind: "too-long", longest: 100 }, '{"text": "a"}'],
		);
	});
});

describe("A file in another encoding", () => {
	const read = async (bytes: Uint8Array, encoding: string, size: number) => {
		const parts: Uint8Array[] = [];
		for await (const part of toUtf8(inParts(bytes, size), encoding)) parts.push(part);
		return Buffer.concat(parts);
	};
	const text = "\ufeffZürich\n日本 🍕\n";
	const encoded: readonly (readonly [encoding: string, bytes: Buffer])[] = [
		["utf-16le", Buffer.from(text, "utf16le")],
		["utf-16be", Buffer.from(text, "utf16le").swap16()],
	];
	for (const [encoding, bytes] of encoded)
		it(`is read: ${encoding}`, async () => {
			for (const size of [1, 2, 3, 100])
				assert.equal((await read(bytes, encoding, size)).toString(), text.slice(1));
		});

	it("has its letters in a code page", async () => {
		assert.equal((await read(Buffer.from("Zürich", "latin1"), "windows-1252", 2)).toString(), "Zürich");
		assert.equal((await read(Buffer.of(0x93, 0xfa, 0x96, 0x7b), "shift_jis", 1)).toString(), "日本");
	});

	it("has no letter in the place of what is not valid", async () => {
		for (const [bytes, encoding] of [
			[Buffer.from("a\ud800b", "utf16le"), "utf-16le"],
			[Buffer.of(0x61, 0xff, 0x62), "shift_jis"],
		] as const) {
			const utf8 = await read(bytes, encoding, 1);
			assert.ok(!utf8.includes("\ufffd"));
			assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(utf8));
		}
	});
});
