import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { type Layout, recognise } from "../../../src/memory/transfer/format.ts";

const json = (value: unknown) => `${JSON.stringify(value)}\n`;
const pretty = (value: unknown) => JSON.stringify(value, null, 2);
const utf16 = (text: string) => Buffer.from(text, "utf16le");
const [one, two] = [{ text: "Zürich" }, { text: "two", tags: ["x"] }];
const entity = { type: "entity", name: "Nora", entityType: "person", observations: ["Likes tea"] };

describe("A file to import", () => {
	const taken: readonly (readonly [
		what: string,
		content: string | Buffer,
		layout: Layout,
		encoding?: string,
	])[] = [
		["JSON lines", json(one) + json(two), "lines"],
		["one line", json(two), "record"],
		["entities", json(entity) + json({ type: "relation", from: "a", to: "b", relationType: "c" }), "lines"],
		["lines with a byte order mark and CRLF", `\ufeff${json(one)}\r\n${json(two)}`, "lines"],
		["lines of which the first is broken", `{"text": "a\n${json(one)}${json(two)}`, "lines"],
		["lines after words", `exported today\n${json(one)}`, "lines"],
		["a list over several lines", pretty([one, two]), "document"],
		["a list with one element a line", `[\n${json(one)}]`, "document"],
		["a list of texts", json(["one fact", "another"]), "document"],
		["a list in a field", json({ total: 1, results: [one] }), "document"],
		["a list in a field, over several lines", pretty({ tags: [], memories: [one] }), "document"],
		["a list that is empty", pretty({ results: [] }), "document"],
		["an object over several lines", pretty(two), "record"],
		["plain text", "Prefers metric units.\nIs learning Portuguese, slowly.\n", "text"],
		["plain text with commas", "Likes tea, coffee\nHas a dog, a cat; and 1,000 books\nRuns\n", "text"],
		["a plain list", "- likes tea\n* uses vim\n", "text"],
		[
			"UTF-16 LE with a mark",
			Buffer.concat([Buffer.of(0xff, 0xfe), utf16(json(one) + json(two))]),
			"lines",
			"utf-16le",
		],
		["UTF-16 LE", utf16(json(one) + json(two)), "lines", "utf-16le"],
		["UTF-16 BE", utf16(pretty([one])).swap16(), "document", "utf-16be"],
		["plain text in UTF-16", utf16("Likes tea.\nUses vim.\n"), "text", "utf-16le"],
	];
	for (const [what, content, layout, encoding = "utf-8"] of taken)
		it(`is read as it is: ${what}`, async () => {
			assert.deepEqual(await recognise(Buffer.from(content), true, undefined), { layout, encoding });
		});

	it("is read in the encoding that is named", async () => {
		const bytes = Buffer.from(json(one) + json(two), "latin1");
		const format = await recognise(bytes, true, "windows-1252");
		assert.deepEqual(format, { layout: "lines", encoding: "windows-1252" });
	});

	it("is known by its beginning, however long its first line is", async () => {
		const list = Buffer.from(JSON.stringify([one, { text: "x".repeat(1000) }]));
		assert.deepEqual(await recognise(list.subarray(0, 500), false, undefined), {
			layout: "document",
			encoding: "utf-8",
		});
	});

	const foreign: readonly (readonly [name: RegExp, content: string | Buffer])[] = [
		[/^empty$/, ""],
		[/^empty$/, "\ufeff \n\n"],
		[/ZIP/, "PK\x03\x04\x14"],
		[/gzip/, gzipSync(json(one))],
		[/SQLite/, "SQLite format 3\0\x10\0"],
		[/PDF/, "%PDF-1.7\n"],
		[/binary/, Buffer.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 1)],
		[/UTF-32/, Buffer.of(0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0)],
		[/HTML/, "\n<!DOCTYPE html>\n<html>"],
		[/XML/, '<?xml version="1.0"?><memories/>'],
		[/\.env/, "# mine\nLLM_PROVIDER=openai\nexport LLM_CHOICE=x\n"],
		[/Markdown/, "# Notes\n\n- one\n- two\n"],
		[/Markdown/, "---\ntitle: Nora\n---\n- [fact] Works at Acme\n"],
		[/CSV/, "id,text,created_at\n1,Likes tea,2024-01-01\n"],
		[/CSV/, 'id\t"text"\n1\tLikes tea\n'],
		[/CSV/, '"Memory text","Created at"\n"Likes tea, and coffee","2024-01-01"\n"Uses vim","2024-01-02"\n'],
		[/CSV/, "id, text\n1, Likes tea\n"],
		[/YAML/, "name: x\nfacts:\n  - one\n"],
		[/program/, "const a = 1;\nfunction b() {\n}\n"],
		[
			/running text/,
			`${"Words that go on and on over the end of a line\n".repeat(3).toLowerCase().replaceAll("\n", " of many words,\n")}`,
		],
		[/neither one JSON object a line nor a list/, pretty(one) + pretty(two)],
		[/neither one JSON object a line nor a list/, pretty({ data: { memories: [one] } })],
		[/neither one JSON object a line nor a list/, "{broken\nbroken}\n"],
	];
	for (const [name, content] of foreign)
		it(`is named, with what to do, where it is something else: ${name.source}`, async () => {
			const format = await recognise(Buffer.from(content), true, undefined);
			assert.ok("foreign" in format);
			assert.match(format.foreign.name, name);
			assert.match(format.foreign.advice, /\.$/);
		});
});
