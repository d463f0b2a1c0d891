import assert from "node:assert/strict";
import { linesOf } from "../../../src/memory/transfer/lines.ts";

async function read(
	chunks: readonly (string | Uint8Array)[],
	longest = 100,
): Promise<(string | undefined)[]> {
	const stream = (async function* () {
		for (const chunk of chunks) yield Buffer.from(chunk);
	})();
	const lines: (string | undefined)[] = [];
	for await (const { text, problem } of linesOf(stream, longest)) lines.push(text ?? problem?.kind);
	return lines;
}

describe("The lines of a file", () => {
	it("are the same however they arrive", async () => {
		const bytes = Buffer.from("\uFEFFone\n\nzwölf ♥\r\nlast");
		const wanted = ["one", "", "zwölf ♥\r", "last"];
		assert.deepEqual(await read([bytes]), wanted);
		assert.deepEqual(await read([...bytes].map((byte) => Uint8Array.of(byte))), wanted);
		assert.deepEqual(await read(["one\n"]), ["one"]);
		assert.deepEqual(await read([]), []);
	});

	it("are not held when they are too long", async function () {
		this.timeout(30_000);
		const megabyte = new Uint8Array(1024 * 1024).fill(0x78);
		const stream = (async function* () {
			for (let count = 0; count < 1024; count += 1) yield megabyte;
			yield Buffer.from("\nshort");
		})();
		const before = process.memoryUsage().rss;
		const lines = [];
		for await (const line of linesOf(stream, 1000)) lines.push(line.text ?? line.problem);
		assert.deepEqual(lines, [{ kind: "too-long", longest: 1000 }, "short"]);
		assert.ok(process.memoryUsage().rss - before < 200 * 1024 * 1024);
	});
});
