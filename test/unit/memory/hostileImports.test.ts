import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { InputError } from "../../../src/memory/errors.ts";
import { filesOf } from "../../../src/memory/transfer/files.ts";
import { readFile } from "../../../src/memory/transfer/readFile.ts";
import {
	chatGptExport,
	databaseSamples,
	openMemoryLine,
	textSamples,
} from "../../support/fixtures/importSamples.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const ownLine = {
	id: "a-1",
	text: "Bees live in the oak",
	scope: "global",
	createdAt: "2026-01-01T00:00:00Z",
};
const graph = { type: "entity", name: "Ada", entityType: "person", observations: ["lives in Oslo"] };
const ownMarkdown = `---\nid: a-1\ncreatedAt: 2026-01-01T00:00:00.000Z\nmcp-mem0: 0123456789abcdef\n---\nBees live in the oak\n`;

/** A file of each format: its name, and what is in it. */
const formats: Readonly<Record<string, readonly [name: string, content: string | Uint8Array]>> = {
	"JSON lines": ["a.jsonl", `${JSON.stringify(ownLine)}\n${JSON.stringify(ownLine)}\n`],
	"own Markdown": ["a.md", ownMarkdown],
	"server-memory": ["memory.jsonl", `${JSON.stringify(graph)}\n${JSON.stringify(graph)}\n`],
	"mem0 JSON": [
		"mem0.json",
		JSON.stringify({ results: [{ id: "7", memory: "Likes tea", user_id: "a" }] }, null, 2),
	],
	"mem0's plugin": ["mem0-export.md", textSamples.plugin],
	OpenMemory: [
		"memories_export_a.zip",
		zipSync({ "memories.jsonl.gz": gzipSync(`${JSON.stringify(openMemoryLine)}\n`.repeat(20)) }),
	],
	"basic-memory": ["coffee.md", textSamples["basic-memory"]],
	"VS Code": ["memory-tool/memories/repo/build.md", "- make check\n- make ship\n"],
	"Claude Code": ["projects/x/memory/tests.md", textSamples.claude],
	instructions: ["AGENTS.md", textSamples.instructions],
	ChatGPT: ["conversations.json", JSON.stringify(chatGptExport)],
	text: ["list.txt", "Likes tea.\nHas a cat called Tom.\n"],
	...Object.fromEntries(
		Object.entries(databaseSamples).map(([name, write]) => {
			const path = join(temporaryFolder(), "their.db");
			write(path);
			return [name, ["their.db", readFileSync(path)] as const];
		}),
	),
};

const long = "x".repeat(17_000_000);
const hostile: Readonly<Record<string, (whole: Buffer) => Uint8Array>> = {
	"half of it": (whole) => whole.subarray(0, whole.length / 2),
	"all but its last byte": (whole) => whole.subarray(0, -1),
	"nothing at all": () => Buffer.alloc(0),
	"UTF-16, little-endian": (whole) => Buffer.from(`\ufeff${whole.toString()}`, "utf16le"),
	"UTF-16, big-endian": (whole) => Buffer.from(`\ufeff${whole.toString()}`, "utf16le").swap16(),
	"half of UTF-16": (whole) => Buffer.from(`\ufeff${whole.toString()}`, "utf16le").subarray(0, -1),
	"a mark and CRLF": (whole) => Buffer.from(`\ufeff${whole.toString().replaceAll("\n", "\r\n")}`),
	"bytes that are no letters": (whole) =>
		Buffer.concat([whole.subarray(0, 40), Buffer.from([0xff, 0xfe, 0xc0]), whole.subarray(40)]),
	"a line of 17 MB": (whole) => Buffer.concat([whole, Buffer.from(`\n{"text": "${long}"}\n- ${long}\n`)]),
	"100,000 levels": (whole) =>
		Buffer.concat([whole, Buffer.from(`\n{"text": ${"[".repeat(100_000)}\n${"> - ".repeat(50_000)}deep\n`)]),
	"zeros in it": (whole) => Buffer.concat([whole.subarray(0, 30), Buffer.alloc(50), whole.subarray(30)]),
	"itself twice": (whole) => Buffer.concat([whole, whole]),
};

/** The texts in a file or folder, and why the rest was skipped. Anything but an InputError is a fault. */
async function read(path: string): Promise<{ texts: string[]; skipped: string[] }> {
	const texts: string[] = [];
	const skipped: string[] = [];
	const told = (error: unknown) => {
		assert.ok(error instanceof InputError || (error as Error).name === "StoreError", String(error));
		skipped.push((error as Error).message);
	};
	try {
		for await (const file of filesOf(path, (name, why) => skipped.push(`${name}: ${why}`)))
			try {
				const options = { project: undefined, projectOf: async () => undefined };
				for await (const piece of (await readFile(file, options))?.pieces ?? []) {
					if (piece.problem) told(piece.problem);
					texts.push(...piece.requests.map(({ text }) => String(text)));
				}
			} catch (error) {
				told(error);
			}
	} catch (error) {
		told(error);
	}
	return { texts, skipped };
}

function file(name: string, content: string | Uint8Array): string {
	const path = join(temporaryFolder(), name);
	mkdirSync(join(path, ".."), { recursive: true });
	writeFileSync(path, content);
	return path;
}

describe("A hostile file", function () {
	this.timeout(60_000);
	for (const [format, [name, content]] of Object.entries(formats))
		for (const [kind, spoil] of Object.entries(hostile))
			it(`of ${format}: ${kind} is told or read, and is no fault`, async () => {
				const whole = Buffer.from(content);
				assert.ok((await read(file(name, whole))).texts.length > 0, "it is a file of that format");
				const { texts, skipped } = await read(file(name, spoil(whole)));
				// Of an archive in which no file is recognised, the report says so.
				assert.ok(texts.length > 0 || skipped.length > 0 || name.endsWith(".zip"), "it says nothing");
				assert.ok(skipped.every((why) => why.length < 1000 && !why.includes("xxxxxxxx")));
				assert.ok(texts.every((text) => text.length < 16_500_000));
			});
});

describe("A hostile folder", function () {
	this.timeout(60_000);

	it("has links, which are not followed, and pipes, which nobody waits for", async function () {
		if (process.platform === "win32") this.skip();
		const folder = temporaryFolder();
		const outside = file("AGENTS.md", "- outside\n");
		writeFileSync(join(folder, "AGENTS.md"), "- inside\n");
		symlinkSync(outside, join(folder, "CLAUDE.md"));
		symlinkSync(join(outside, ".."), join(folder, "linked"));
		symlinkSync(folder, join(folder, "itself"));
		execFileSync("mkfifo", [join(folder, "GEMINI.md")]);
		assert.deepEqual(await read(folder), { texts: ["inside"], skipped: [] });
	});

	it("has more files than anybody means, and says so after reading the first", async () => {
		const folder = temporaryFolder();
		for (let index = 0; index < 10_020; index += 1)
			writeFileSync(join(folder, `${String(index).padStart(6, "0")}.instructions.md`), "- one\n");
		for (let index = 0; index < 300; index += 1) writeFileSync(join(folder, `000000-${index}.png`), "");
		const { texts, skipped } = await read(folder);
		assert.equal(texts.length, 10_000);
		assert.match(
			skipped.join(),
			/more than 10000 files that may hold memories\. Import its parts one by one/,
		);
	});

	it("is read through a pipe that is named", async function () {
		if (process.platform === "win32") this.skip();
		const pipe = join(temporaryFolder(), "pipe");
		execFileSync("mkfifo", [pipe]);
		execFile("sh", ["-c", `printf '{"text":"one"}\\n{"text":"two"}\\n' > "${pipe}"`]);
		assert.deepEqual(await read(pipe), { texts: ["one", "two"], skipped: [] });
	});

	it("changes while it is read: what was there at first is read, and what is gone is told", async () => {
		const lines = `${JSON.stringify({ text: "a fact" })}\n`.repeat(40_000);
		for (const change of [
			(path: string) => appendFileSync(path, lines),
			(path: string) => truncateSync(path, lines.length / 2 - 3),
		]) {
			const path = file("a.jsonl", lines);
			const texts: string[] = [];
			let problems = 0;
			for await (const each of filesOf(path, () => undefined)) {
				const options = { project: undefined, projectOf: async () => undefined };
				for await (const { requests, problem } of (await readFile(each, options))?.pieces ?? []) {
					if (texts.length === 0) change(path);
					texts.push(...requests.map(({ text }) => String(text)));
					if (problem) problems += 1;
				}
			}
			assert.ok(texts.length <= 40_000 && texts.every((text) => text === "a fact"), `${texts.length}`);
			assert.ok(problems <= 1);
		}
	});

	it("has an archive that grows to a gigabyte, of which nothing is taken", async () => {
		const bomb = zipSync({ "AGENTS.md": new Uint8Array(60_000_000).fill(0x61) });
		const { texts, skipped } = await read(file("a.zip", bomb));
		assert.deepEqual([texts.length, skipped.length], [0, 1]);
		const packed = file("a.jsonl.gz", gzipSync(Buffer.alloc(60_000_000, 0x61)));
		assert.match((await read(packed)).skipped.join(), /longer than 1000000 bytes/);
		const deep = { "a.zip": zipSync({ "b.zip": zipSync({ "AGENTS.md": strToU8("- a") }) }) };
		assert.match((await read(file("c.zip", zipSync(deep)))).skipped.join(), /an archive in an archive/);
	});
});
