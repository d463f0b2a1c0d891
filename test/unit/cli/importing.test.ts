import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { place } from "../../support/fixtures/commandLine.ts";
import { databaseSamples, textSamples } from "../../support/fixtures/importSamples.ts";
import { randomSigns } from "../../support/fixtures/secretSamples.ts";

/** Imports a file into a memory of its own. */
async function imported(content: string | Uint8Array, ...flags: readonly string[]) {
	const { folder, run, exported } = place();
	writeFileSync(join(folder, "file"), content);
	const { code, stderr } = await run("import", "file", ...flags);
	const again = await run("import", "file", ...flags);
	const memories = await exported();
	return {
		code,
		said: stderr.trimEnd().split("\n"),
		again,
		memories,
		texts: memories.map(({ text }) => text),
	};
}

describe("An import from elsewhere", () => {
	it("takes a document of another memory, and tells where its fields went", async () => {
		const results = [
			{
				id: "7",
				memory: "Prefers window seats",
				created_at: "2025-02-27T16:33:20.557-08:00",
				user_id: "bob",
			},
			{ id: "8", memory: "Allergic to peanuts", created_at: 1_719_792_000, user_id: "bob" },
		];
		const { code, said, again, memories } = await imported(JSON.stringify({ results, total: 2 }, null, 2));
		assert.equal(code, 0);
		assert.deepEqual(said, [
			"Kept as metadata: user_id (2 lines).",
			"Not taken: total (1 line).",
			"Imported 2 memories.",
		]);
		assert.match(again.stderr, /Imported 0 memories, 2 known already\.\n$/);
		assert.deepEqual(
			memories.map(({ text, createdAt, metadata }) => [text, createdAt, metadata]),
			[
				[
					"Prefers window seats",
					"2025-02-28T00:33:20.557Z",
					{ user_id: "bob", source: { format: "mem0", id: "7" } },
				],
				[
					"Allergic to peanuts",
					"2024-07-01T00:00:00.000Z",
					{ user_id: "bob", source: { format: "mem0", id: "8" } },
				],
			],
		);
	});

	it("takes plain text as one memory a line, and says so", async () => {
		const { code, said, texts } = await imported("- Prefers metric units.\n- Is learning Portuguese.\n");
		assert.equal(code, 0);
		assert.deepEqual(said, ["This is plain text: each line becomes a memory.", "Imported 2 memories."]);
		assert.deepEqual(texts.sort(), ["Is learning Portuguese.", "Prefers metric units."]);
	});

	it("refuses letters that are not UTF-8, with line and byte, until the encoding is named", async () => {
		const lines = Buffer.from('{"text":"plain"}\n{"text":"Zürich"}\n', "latin1");
		const { folder, run, exported } = place();
		writeFileSync(join(folder, "file"), lines);
		const refused = await run("import", "file");
		assert.equal(refused.code, 1);
		assert.match(
			refused.stderr,
			/^Line 2 skipped: its byte 11 \(0xFC\) is not UTF-8\..* --encoding windows-1252\.\nImported 1 memory, 1 line skipped\.\n$/,
		);
		const taken = await run("import", "file", "--encoding", "latin1");
		assert.deepEqual([taken.code, taken.stderr], [0, "Imported 1 memory, 1 known already.\n"]);
		assert.deepEqual((await exported()).map(({ text }) => text).sort(), ["Zürich", "plain"]);
		const unknown = await run("import", "file", "--encoding", "klingon");
		assert.equal(unknown.code, 64);
		assert.match(unknown.stderr, /^mcp-mem0: --encoding "klingon" is not known\..*windows-1252/);
	});

	it("reads UTF-16", async () => {
		const { code, texts } = await imported(Buffer.from('\ufeff{"text":"Zürich 日本"}\r\n', "utf16le"));
		assert.deepEqual([code, texts], [0, ["Zürich 日本"]]);
	});

	it("is one message for what is something else", async () => {
		const { code, said, texts } = await imported(`id,text\n${"1,Likes tea\n".repeat(2000)}`);
		assert.equal(code, 1);
		assert.equal(said.length, 1);
		assert.match(said[0] ?? "", /file is a table \(CSV\)\. Write one \{"text"/);
		assert.deepEqual(texts, []);
	});

	it("names once what thousands of records lack, and takes the others", async () => {
		const records = Array.from({ length: 2000 }, (_, index) => ({ title: `title ${index}` }));
		const { code, said, texts } = await imported(JSON.stringify([{ text: "a fact" }, ...records], null, 2));
		assert.equal(code, 1);
		assert.match(said[0] ?? "", /^Line 5 skipped: it has no text: .*\(it has title\)\.$/);
		assert.deepEqual(said.slice(1), [
			"1999 more lines skipped for the same kind of reason (shape).",
			"Imported 1 memory, 2000 lines skipped.",
		]);
		assert.deepEqual(texts, ["a fact"]);
	});

	it("takes what is whole of a document that was cut off", async () => {
		const { code, said, texts } = await imported('[{"text": "a fact"}, {"text": "anot');
		assert.equal(code, 1);
		assert.match(said[0] ?? "", /^Line 1 skipped: the JSON document ends in the middle\./);
		assert.deepEqual(texts, ["a fact"]);
	});
});

describe("An import of files and folders", () => {
	/** A folder of an agent's files in a memory of its own. */
	function agentFiles() {
		const here = place();
		mkdirSync(join(here.folder, "notes"));
		writeFileSync(join(here.folder, "notes", "AGENTS.md"), textSamples.instructions);
		writeFileSync(join(here.folder, "notes", "coffee.md"), textSamples["basic-memory"]);
		writeFileSync(join(here.folder, "notes", "broken.jsonl"), '{"text": "a fact"}\n{"text": \n');
		writeFileSync(join(here.folder, "vectors.db"), "");
		databaseSamples["mem0 in TypeScript"](join(here.folder, "vectors.db"));
		return here;
	}

	it("tells what it would do, by format, scope and place, and does nothing", async () => {
		const { run, exported } = agentFiles();
		const { code, stderr } = await run("import", "notes", "vectors.db", "--dry-run");
		assert.equal(code, 1);
		assert.match(stderr, /^notes\/broken\.jsonl, line 2 skipped: it is not JSON/m);
		assert.match(stderr, /^1 file of basic-memory's notes\.$/m);
		assert.match(stderr, /^1 file of the database of mem0\.$/m);
		assert.match(stderr, /^16 global\.\nWould import 16 memories, 1 line skipped\.\n$/m);
		assert.deepEqual(await exported(), []);
	});

	it("adds nothing when it is run again, not even what was edited here since", async () => {
		const { run, exported, env } = agentFiles();
		const first = await run("import", "notes", "vectors.db");
		assert.match(first.stderr, /Imported 16 memories, 1 line skipped\.\n$/);
		const tea = (await exported()).find(({ text }) => text === "Likes green tea");
		assert.deepEqual(tea?.origin, { how: "import", file: "vectors.db" });
		const { store } = await openStore(String(env.MEMORY_DIR));
		await store.memories.change("ada", [{ id: String(tea?.id), text: "Likes white tea" }]);
		await store.close();
		const again = await run("import", "vectors.db", "notes");
		assert.match(again.stderr, /Imported 0 memories, 16 known already, 1 line skipped\.\n$/);
	});

	it("puts memories into the review queue, once", async () => {
		const { run, exported, write } = place();
		write("file", [{ text: "a fact" }, { text: "another fact" }]);
		assert.match(
			(await run("import", "file", "--review")).stderr,
			/To review: 2 memories\.\nAccept .* in VS Code/,
		);
		assert.match(
			(await run("import", "file", "--review")).stderr,
			/To review: 0 memories, 2 known already\.\n$/,
		);
		assert.deepEqual(await exported(), []);
	});

	it("takes secrets out, and says of how many", async () => {
		const { run, exported, write } = place();
		write("file", [{ text: `The token is ${"ghp"}_${randomSigns(9)("word", 36)}` }, { text: "a fact" }]);
		const { stderr } = await run("import", "file");
		assert.equal(stderr, "Secrets or private parts were taken out of 1 memory.\nImported 2 memories.\n");
		assert.match(JSON.stringify(await exported()), /The token is ‹redacted: GitHub token›/);
	});

	it("reads stdin, also packed", async () => {
		const { env, folder, exported } = place();
		for (const input of ['{"text": "a fact"}\n', gzipSync('{"text": "another fact"}\n')])
			execFileSync(process.execPath, [serverFile, "import", "-"], { cwd: folder, env, input, stdio: "pipe" });
		assert.deepEqual((await exported()).map(({ text }) => text).sort(), ["a fact", "another fact"]);
	});

	it("invents no conversation", async () => {
		const { memories } = await imported('{"text": "one"}\n{"text": "two", "conversation": "c"}\n');
		assert.deepEqual(memories.map(({ text, conversation }) => [text, conversation]).sort(), [
			["one", undefined],
			["two", "c"],
		]);
	});

	it("names an unknown format", async () => {
		const { run, write } = place();
		write("file", []);
		assert.match(
			(await run("import", "file", "--from", "x")).stderr,
			/--from "x" is not known\. It takes mcp-mem0, /,
		);
	});
});
