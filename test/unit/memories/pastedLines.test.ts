import assert from "node:assert/strict";
import { withPastedLines } from "../../../src/vscode/memories/pastedLines.ts";

describe("Lines that are pasted into an input box", () => {
	const copied = "first line\r\n  second line\r\n";
	const table: readonly (readonly [name: string, before: string, after: string, expected?: string])[] = [
		[
			"are got back where the breaks became spaces",
			"",
			"first line   second line",
			"first line\n  second line",
		],
		[
			"are got back where the breaks were left out",
			"",
			"first line  second line",
			"first line\n  second line",
		],
		[
			"are got back in the middle of what is there",
			"Note: . End",
			"Note: first line   second line. End",
			"Note: first line\n  second line. End",
		],
		["are not what somebody types", "first line   second lin", "first line   second line"],
		["are not what an input method puts in", "", "something else that is long"],
	];
	for (const [name, before, after, expected] of table)
		it(name, async () => assert.equal(await withPastedLines(before, after, async () => copied), expected));

	it("are one line if one was copied", async () => {
		const one = async () => "a single long line";
		assert.equal(await withPastedLines("", "a single long line", one), undefined);
	});

	it("are not looked for in the clipboard at each keystroke", async () => {
		const never = () => assert.fail("the clipboard was read");
		assert.equal(await withPastedLines("typ", "type", never), undefined);
	});
});
