import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { filesOf } from "../../../src/memory/transfer/files.ts";
import { type ImportPiece, readFile } from "../../../src/memory/transfer/readFile.ts";
import {
	chatGptExport,
	databaseSamples,
	openMemoryLine,
	textSamples,
} from "../../support/fixtures/importSamples.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

interface Read {
	readonly texts: string[];
	readonly pieces: ImportPiece[];
	readonly formats: (string | undefined)[];
	readonly skipped: string[];
}

/** What is read of files in a folder, or of the one that is named. */
async function read(
	files: Readonly<Record<string, string | Uint8Array>>,
	named?: string,
	from?: string,
): Promise<Read> {
	const folder = temporaryFolder();
	for (const [name, content] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), content);
	}
	return readPath(named === undefined ? folder : join(folder, named), from);
}

async function readPath(path: string, from?: string): Promise<Read> {
	const result: Read = { texts: [], pieces: [], formats: [], skipped: [] };
	const options = { project: undefined, projectOf: async () => undefined, from };
	for await (const file of filesOf(path, (name, why) =>
		result.skipped.push(`${name.split("/").at(-1)}: ${why}`),
	))
		try {
			const readable = await readFile(file, options);
			if (!readable) continue;
			result.formats.push(readable.format);
			for await (const piece of readable.pieces) {
				result.pieces.push(piece);
				if (piece.problem) result.skipped.push(`line ${piece.line}: ${piece.problem.message}`);
				result.texts.push(...piece.requests.map(({ text }) => String(text)));
			}
		} catch (error) {
			result.skipped.push(`${file.name.split("/").at(-1)}: ${(error as Error).message}`);
		}
	return result;
}

const requestsOf = ({ pieces }: Read) => pieces.flatMap(({ requests }) => requests);

describe("Files of other memories", () => {
	it("basic-memory: observations, relations and text, with tags, category and time", async () => {
		const result = await read({ "notes/coffee.md": textSamples["basic-memory"] });
		assert.deepEqual(result.texts, [
			"Coffee Brewing Methods: Pour over provides more clarity than French press #brewing (measured)",
			"Coffee Brewing Methods: Grind right before brewing",
			"Coffee Brewing Methods pairs well with Chocolate Desserts (dark ones)",
			"Coffee Brewing Methods links to Bean Origins",
			"Coffee Brewing Methods is better than Instant Coffee",
			"Coffee Brewing Methods: Ada drinks it with Milk in the morning",
			"Coffee Brewing Methods: part_of Kitchen",
			"Coffee Brewing Methods: [00:01:12] the kettle boils",
			"Coffee Brewing Methods: [/] descale the machine",
			"Coffee Brewing Methods: An ordinary paragraph about Roasts.",
		]);
		const [first] = requestsOf(result);
		assert.equal(first?.createdAt, Date.UTC(2025, 2, 1, 10));
		assert.deepEqual(first?.metadata, {
			note: "Coffee Brewing Methods",
			permalink: "coffee/coffee-brewing-methods",
			type: "note",
			category: "method",
			tags: ["coffee", "brewing"],
			source: { format: "basic-memory", id: "coffee/coffee-brewing-methods#14" },
		});
		assert.deepEqual(first?.origin?.lines, [14, 14]);
		assert.match(first?.origin?.file ?? "", /notes\/coffee\.md$/);
		assert.equal(first?.conversationId, undefined);
	});

	it("Claude Code: a memory a file, and what its index says besides", async () => {
		const files = {
			"projects/x/memory/testing-preferences.md": textSamples.claude,
			"projects/x/memory/MEMORY.md": textSamples.claudeIndex,
		};
		const result = await read(files);
		assert.deepEqual(result.texts, [
			"The staging server is db2",
			"Integration tests hit a real database, not mocks.\n\n**Why:** a mocked migration passed in the past.",
		]);
		const note = requestsOf(result)[1];
		assert.equal(note?.createdAt, Date.UTC(2025, 5, 2, 8));
		assert.deepEqual(note?.metadata, {
			description: "How the user wants tests",
			type: "feedback",
			source: { format: "claude-code", id: "testing-preferences" },
		});
	});

	it("mem0's plugin: blocks, in which a rule is no end", async () => {
		const result = await read({ "export.md": textSamples.plugin }, "export.md");
		assert.deepEqual(result.texts, [
			"Prefer composition over inheritance.\n\n---\nA rule within the text.",
			"We deploy on Thursdays.",
		]);
		assert.deepEqual(requestsOf(result)[0]?.metadata, {
			type: "task_learnings",
			confidence: "0.9",
			branch: "main",
			files: ["src/foo.py", "src/bar.py"],
			tags: ["coding_conventions", "task_learnings"],
			source: { format: "mem0-plugin", id: "abc123-0000-4000-8000-000000000001" },
		});
	});

	for (const name of [
		"CLAUDE.md",
		"AGENTS.md",
		"GEMINI.md",
		".cursor/rules/style.mdc",
		".clinerules/a.md",
		"memory-bank/b.md",
		".github/copilot-instructions.md",
		".clinerules",
	])
		it(`instructions: sections and list items under their headings, of ${name}`, async () => {
			const result = await read({ [name]: textSamples.instructions });
			assert.deepEqual(result.texts, [
				"Use tabs everywhere.",
				"Code style: Name functions with verbs\n  and never abbreviate",
				"Code style: Run this first:\n  ```sh\n  # not a heading\n  make check\n  ```",
				"Code style › Errors: No empty catch",
			]);
			const [first, second] = requestsOf(result);
			assert.deepEqual(first?.origin?.lines, [11, 11]);
			assert.deepEqual(second?.origin?.lines, [14, 15]);
			assert.deepEqual(first?.metadata, {
				description: "Style rules",
				globs: "**/*.ts",
				alwaysApply: true,
				source: { format: "instructions" },
			});
		});

	it("VS Code's memory tool: user, repository and session files", async () => {
		const ofUser = "User/globalStorage/github.copilot-chat/memory-tool/memories";
		const ofFolder = "User/workspaceStorage/ab12/GitHub.copilot-chat/memory-tool/memories";
		const files = {
			[`${ofUser}/prefs.md`]: "- Likes tabs\n",
			[`${ofUser}/languages/go.md`]: "- Writes Go\n",
			[`${ofFolder}/repo/build.md`]: "- make check\n",
			[`${ofFolder}/repo/testing.json`]: '{"subject": "testing", "fact": "Tests run with mocha"}\n',
			[`${ofFolder}/s1/plan.md`]: "- step one\n",
		};
		const result = await read(files);
		const conversations = requestsOf(result).map(({ text, conversationId }) => [text, conversationId]);
		assert.deepEqual(conversations, [
			["Writes Go", undefined],
			["Likes tabs", undefined],
			["make check", undefined],
			["Tests run with mocha", undefined],
			["step one", "s1"],
		]);
		assert.deepEqual((await read(files, ofUser)).texts, ["Writes Go", "Likes tabs"], "named by itself");
	});

	it("ChatGPT: what it sent to its memory, of an export's conversations", async () => {
		const result = await read({ "conversations.json": JSON.stringify(chatGptExport) }, "conversations.json");
		const texts = [
			"User is learning Portuguese.",
			"User has a list:\n- tea\n- rice",
			"User prefers window seats.",
		];
		assert.deepEqual(result.texts, texts);
		const [listed, , sent] = requestsOf(result);
		assert.deepEqual([listed?.createdAt, listed?.conversationId], [Date.UTC(2024, 8, 29), undefined]);
		assert.deepEqual([sent?.createdAt, sent?.conversationId], [1_700_000_100_000, "c-1"]);
		assert.deepEqual(
			result.pieces.flatMap(({ remarks }) => remarks),
			[{ kind: "forgotten" }],
		);
		const zip = zipSync({
			"conversations.json": strToU8(JSON.stringify(chatGptExport)),
			"user.json": strToU8("{}"),
		});
		assert.deepEqual((await read({ "export.zip": zip }, "export.zip")).texts, texts);
		const parts = zipSync({ "conversations-000.json": strToU8(JSON.stringify(chatGptExport)) });
		assert.deepEqual((await read({ "export.zip": parts }, "export.zip")).texts, texts);
	});

	it("ChatGPT: a list that was pasted, without an invented conversation", async () => {
		const result = await read({ "list.txt": "Likes tea.\n\nHas a cat called Tom.\n" }, "list.txt");
		assert.deepEqual(result.texts, ["Likes tea.", "Has a cat called Tom."]);
		assert.deepEqual(
			requestsOf(result).map(({ conversationId }) => conversationId),
			[undefined, undefined],
		);
	});

	it("OpenMemory: a ZIP archive, whose memories are in it twice", async () => {
		const { app: _, categories: __, ...plain } = openMemoryLine;
		const zip = zipSync({
			"memories.json": strToU8(JSON.stringify({ user: {}, memories: [plain] }, null, 2)),
			"memories.jsonl.gz": gzipSync(
				`${JSON.stringify(openMemoryLine)}\n{"id": "x", "content": "gone", "state": "deleted"}\n`,
			),
		});
		const result = await read({ "memories_export_ada.zip": zip }, "memories_export_ada.zip");
		assert.deepEqual(result.texts, ["Prefers dark roast"]);
		const [first] = requestsOf(result);
		assert.equal(first?.createdAt, Date.UTC(2025, 4, 1, 9));
		assert.deepEqual(first?.metadata, {
			mcp_client: "cursor",
			state: "active",
			app: "cursor",
			categories: ["food", "preferences"],
			source: { format: "openmemory", id: openMemoryLine.id },
		});
	});

	it("server-memory: entities, relations and observations become sentences", async () => {
		const lines = [
			{ type: "entity", name: "Ada", entityType: "person", observations: ["lives in Oslo", "likes tea"] },
			{ type: "relation", from: "Ada", to: "Acme", relationType: "works_at" },
		];
		const result = await read({ "memory.jsonl": lines.map((each) => JSON.stringify(each)).join("\n") });
		assert.deepEqual(result.texts, ["Ada: lives in Oslo", "Ada: likes tea", "Ada works at Acme"]);
		assert.deepEqual(requestsOf(result)[2]?.metadata, {
			relation: "works_at",
			source: { format: "server-memory" },
		});
	});

	for (const [name, write] of Object.entries(databaseSamples))
		it(`a database of ${name}: what is alive in it`, async () => {
			const path = join(temporaryFolder(), "their.db");
			write(path);
			const result = await readPath(path);
			assert.deepEqual(result.texts, ["Likes green tea"]);
			assert.deepEqual(result.skipped, []);
			const [first] = requestsOf(result);
			assert.ok(Math.abs(Number(first?.createdAt) - Date.UTC(2025, 0, 1)) <= 500);
			assert.match(JSON.stringify(first?.metadata), /"source":\{"format":"[\w-]+","id":"[\w-]{36,64}"\}/);
		});
});

describe("Hostile and broken files", () => {
	it("are read whatever their ends of lines, mark and Unicode encoding", async () => {
		const plain = "# T\n\n- one\n- zwei ü\n";
		for (const content of [
			plain.replaceAll("\n", "\r\n"),
			`\ufeff${plain}`,
			Buffer.from(`\ufeff${plain}`, "utf16le"),
			Buffer.from(`\ufeff${plain}`, "utf16le").swap16(),
		])
			assert.deepEqual((await read({ "AGENTS.md": content })).texts, ["one", "zwei ü"]);
	});

	it("in an archive: names that lead out, archives within, and bombs are skipped by name", async () => {
		const zip = zipSync({
			"../../evil.md": strToU8("- evil"),
			"/etc/evil.md": strToU8("- evil"),
			"C:\\evil.md": strToU8("- evil"),
			"inner.zip": zipSync({ "a.md": strToU8("- a") }),
			"AGENTS.md": strToU8("- good"),
			"bomb.json": [new Uint8Array(257_000_000), { level: 1 }],
		});
		const result = await read({ "a.zip": zip }, "a.zip");
		assert.deepEqual(result.texts, ["good"]);
		assert.equal(result.skipped.length, 5);
		assert.match(
			result.skipped.join("\n"),
			/leads out of the archive[\s\S]*an archive in an archive[\s\S]*257000000 bytes/,
		);
	}).timeout(60_000);

	it("an archive that states a smaller size is not unpacked beyond it", async () => {
		const zip = Buffer.from(zipSync({ "AGENTS.md": new Uint8Array(5_000_000).fill(0x61) }));
		// The sizes in both headers.
		for (let at = zip.indexOf("\x50\x4b\x03\x04"); at >= 0; at = -1) zip.writeUInt32LE(10, at + 22);
		const central = zip.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
		zip.writeUInt32LE(10, central + 24);
		const { texts, skipped } = await read({ "a.zip": zip }, "a.zip");
		assert.ok(texts.every((text) => text.length <= 10));
		assert.ok(skipped.length + texts.length === 1);
	});

	it("archives and databases that are cut off are one error each", async () => {
		const zip = zipSync({ "AGENTS.md": strToU8("- a\n".repeat(1000)) });
		assert.match(
			(
				await read({ "a.zip": zip.subarray(0, 60) }, "a.zip").catch((error: Error) => ({
					skipped: [error.message],
				}))
			).skipped[0] ?? "",
			/not a whole ZIP/,
		);
		const gz = gzipSync('{"text": "a"}\n'.repeat(1000));
		assert.match(
			(
				await read({ "a.jsonl.gz": gz.subarray(0, 30) }, "a.jsonl.gz").catch((error: Error) => ({
					skipped: [error.message],
				}))
			).skipped[0] ?? "",
			/not a whole gzip/,
		);
		const path = join(temporaryFolder(), "their.db");
		writeFileSync(path, `SQLite format 3\0${"x".repeat(5000)}`);
		assert.match((await readPath(path)).skipped[0] ?? "", /database .* is damaged|cannot be/);
	});

	it("a line of a hundred megabytes and deep nesting are skipped by their line", async () => {
		const long = `{"text": "first"}\n{"text": "${"x".repeat(100_000_000)}"}\n${"[".repeat(100_000)}\n{"text": "last"}\n`;
		const result = await read({ "a.jsonl": long }, "a.jsonl");
		assert.deepEqual(result.texts, ["first", "last"]);
		assert.match(
			result.skipped.join("\n"),
			/^line 2: it is longer than 1000000 bytes\.\nline 3: it is not JSON/,
		);
	}).timeout(20_000);

	it("front matter that multiplies itself is not expanded", async () => {
		const lines = ["a: &a [x, x, x, x, x, x, x, x, x]"];
		for (let depth = 0; depth < 9; depth += 1)
			lines.push(`k${depth}: &k${depth} [${`*${depth === 0 ? "a" : `k${depth - 1}`}, `.repeat(9)}1]`);
		const result = await read({ "AGENTS.md": `---\n${lines.join("\n")}\n---\n- one\n` });
		assert.deepEqual(result.texts, ["one"]);
	});

	it("pages, packages and readmes in a folder are left alone", async () => {
		const result = await read({
			"README.md": "# A project\n\nSome words.\n",
			"package.json": '{"name": "x", "keywords": ["a"]}',
			"node_modules/x/AGENTS.md": "- no",
			"notes.txt": "words",
		});
		assert.deepEqual([result.texts, result.skipped], [[], []]);
		assert.deepEqual((await read({ "README.md": "# A\n\nSome words.\n" }, "README.md")).texts, [
			"Some words.",
		]);
	});
});
