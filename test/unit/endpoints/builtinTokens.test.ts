import assert from "node:assert/strict";
import { isReadable, windows } from "../../../src/endpoints/builtin/tokens.ts";

describe("Texts for the built-in model", () => {
	const readable: readonly (readonly [text: string, expected: boolean])[] = [
		["The user prefers tabs", true],
		["Café, naïve, Łódź", true],
		["8080", true],
		["Docker 部署", true],
		["ok да", true],
		["我们使用蓝色主题", false],
		["Ключ под ковриком", false],
		["ฉันชอบกินข้าวผัด", false],
		["vim や emacs より他のエディタ", false],
		["", false],
		["!?…", false],
		["🍕🍔", false],
	];
	for (const [text, expected] of readable) {
		it(`are ${expected ? "" : "not "}readable for it: ${JSON.stringify(text)}`, () => {
			assert.equal(isReadable(text), expected);
		});
	}

	it("stay whole while they are short, spaces tidied", () => {
		assert.deepEqual(windows("  one\n two\t three "), ["one two three"]);
		assert.deepEqual(windows("x".repeat(400)), ["x".repeat(400)]);
	});

	const long: readonly (readonly [what: string, text: string])[] = [
		["sentences", "The build runs on every push. ".repeat(70)],
		["questions", "Does it run? Yes! ".repeat(100)],
		["words without sentences", "word ".repeat(500)],
		["one word without an end", "x".repeat(2001)],
		["surrogate pairs", `a${"🍕".repeat(900)}`],
		["a long word behind a short one", `short ${"y".repeat(900)} end`],
	];
	for (const [what, text] of long) {
		it(`are cut into pieces that miss nothing and that the model can read whole: ${what}`, () => {
			const pieces = windows(text);
			const letters = (of: string) => of.replace(/\s+/gu, "");
			assert.ok(pieces.length > 1);
			assert.equal(letters(pieces.join("")), letters(text));
			for (const piece of pieces) {
				assert.ok(piece.length > 0 && piece.length <= 400, `${piece.length} characters`);
				assert.ok(piece.isWellFormed(), "a character was cut in two");
			}
		});
	}

	it("are cut behind sentences, else between words", () => {
		const sentence = "The build runs on every push. ";
		for (const piece of windows(sentence.repeat(70))) assert.match(piece, /^The build.*push\.$/);
		for (const piece of windows("word ".repeat(500))) assert.match(piece, /^word.* word$/);
	});

	it("reads a very long text in few pieces from all over it, its beginning and end among them", () => {
		const sentences = Array.from(
			{ length: 400 },
			(_, index) => `This is sentence number ${index} of a long text.`,
		);
		const pieces = windows(sentences.join(" "));
		assert.equal(pieces.length, 24);
		assert.match(pieces[0] ?? "", /number 0 /);
		assert.match(pieces.at(-1) ?? "", /number 399 /);
		assert.equal(new Set(pieces).size, pieces.length);
	});
});
