import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { place } from "../../support/fixtures/commandLine.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

const facts = [
	{ text: "The user prefers tabs over spaces", createdAt: "2026-01-02T03:04:05.000Z" },
	{ text: "Alice deploys on Fridays", createdAt: "2026-01-03T00:00:00.000Z", conversation: "c-1" },
	{
		text: "The database runs PostgreSQL 16 — “größer” 🍕\nsecond line",
		createdAt: "2026-01-04T00:00:00.000Z",
		scope: "project",
		project: { id: "github.com/owner/repo", name: "repo" },
		metadata: { source: "wiki", tags: ["db"] },
	},
];

describe("The command line", () => {
	it("tells with --help what there is, on stdout", async () => {
		const { code, stdout, stderr } = await place().run("--help");
		assert.deepEqual([code, stderr], [0, ""]);
		for (const word of ["Usage", "serve", "search", "import", "export", "--env-file", "MEMORY_DIR"])
			assert.ok(stdout.includes(word), word);
	});

	it("tells with --help behind a command what that command takes, and nothing of others", async () => {
		for (const args of [
			["search", "--help"],
			["--help", "search"],
		]) {
			const { code, stdout } = await place().run(...args);
			assert.equal(code, 0);
			assert.match(stdout, /^Usage: mcp-mem0 search QUERY \[options\]\n/);
			assert.match(stdout, /--limit N/);
			assert.doesNotMatch(stdout, /reembed|--dry-run/);
		}
		const { stdout } = await place().run("forget", "--help");
		assert.match(stdout, /^ {2}reembed/m);
	});

	it("tells its version with --version, and opens no memory for it", async () => {
		const memory = join(temporaryFolder(), "none");
		const told = await place({ MEMORY_DIR: memory }).run("--version");
		assert.deepEqual(told, { code: 0, stdout: `${version}\n`, stderr: "" });
		assert.ok(!existsSync(memory));
	});

	const misunderstood: readonly (readonly [args: readonly string[], complaint: RegExp])[] = [
		[["forget"], /There is no command "forget"/],
		[["--colour"], /--colour/],
		[["search", "x", "--limt", "3"], /--limt/],
		[["search"], /search needs a query/],
		[["import"], /import needs a file/],
		[["export", "a", "b"], /export does not take "b"/],
	];
	for (const [args, complaint] of misunderstood) {
		it(`says what is wrong with "${args.join(" ")}", shows the usage in two lines and exits with 64`, async () => {
			const { code, stdout, stderr } = await place().run(...args);
			assert.deepEqual([code, stdout], [64, ""]);
			assert.match(stderr, complaint);
			assert.match(stderr, /Usage: mcp-mem0/);
			assert.equal(stderr.trim().split("\n").length, 2, stderr);
		});
	}

	it("names every bad variable and exits with 1", async () => {
		const { code, stderr } = await place({ PORT: "x", TRANSPORT: "smoke" }).run("export");
		assert.equal(code, 1);
		assert.match(stderr, /PORT="x".*whole number/);
		assert.match(stderr, /TRANSPORT="smoke".*one of/);
	});

	it("reads variables from the file that --env-file names", async () => {
		const memory = join(temporaryFolder(), "named");
		const { folder, run } = place({});
		writeFileSync(join(folder, "my.env"), `MEMORY_DIR=${memory}\n`);
		assert.equal((await run("export", "--env-file", "my.env")).code, 0);
		assert.ok(existsSync(memory));
		const missing = await run("export", "--env-file", "your.env");
		// Node looks for the option itself, and may answer before we do.
		assert.notEqual(missing.code, 0);
		assert.match(missing.stderr, /your\.env/);
	});

	it("does not mind a Python environment in a folder named .env", async () => {
		const { folder, exported } = place();
		mkdirSync(join(folder, ".env", "bin"), { recursive: true });
		await exported();
	});

	it("says in one line which Node it needs when that is too old", async function () {
		const old = oldNode();
		if (old === undefined) return this.skip();
		const { code, stdout, stderr } = await place(undefined, old).run("serve");
		assert.deepEqual([code, stdout], [1, ""]);
		assert.match(stderr, /^MCP Mem0 needs Node\.js 22\.16 or newer; this is \d+\.\d+\.\d+\..*\n$/);
	});
});

describe("The import command", () => {
	it("takes in the good lines, names the bad ones by their numbers and exits with 1", async () => {
		const { run, write, exported } = place();
		const mixed: readonly (readonly [line: unknown, complaint?: RegExp])[] = [
			[`\uFEFF${JSON.stringify({ text: "first fact" })}`],
			[""],
			["not JSON", /not JSON/],
			[{ text: "" }, /empty/],
			["   "],
			[{ text: "second fact", createdAt: "2025-05-31", conversation: "c-9" }],
			[["a list"], /not a JSON object/],
			[{ text: "third fact", createdAt: "some day" }, /createdAt="some day".*ISO 8601/],
			[{ text: "fourth fact", scope: "project" }, /No project is open/],
			[{ text: "fifth fact", scope: "elsewhere" }, /scope="elsewhere".*global, project/],
			[{ text: "sixth fact", conversation: 5 }, /conversation is not a string/],
			[{ text: "seventh fact", scope: "project", project: "repo" }, /project is not an object/],
			[{ text: "last fact" }],
		];
		const lines = mixed.map(([line]) => line);
		const { code, stdout, stderr } = await run("import", write("mixed.jsonl", lines));
		assert.deepEqual([code, stdout], [1, ""]);
		const said = stderr.trimEnd().split("\n");
		for (const [index, [, complaint]] of mixed.entries()) {
			if (!complaint) continue;
			const line = said.shift() ?? "";
			assert.ok(line.startsWith(`Line ${index + 1} skipped: `), line);
			assert.match(line, complaint);
		}
		assert.deepEqual(said, ["Imported 3 memories, 8 lines skipped."]);

		const kept = await exported();
		assert.deepEqual(kept.map(({ text }) => text).sort(), ["first fact", "last fact", "second fact"]);
		const { createdAt, conversation } = kept.find(({ text }) => text === "second fact") ?? {};
		assert.deepEqual([createdAt, conversation], ["2025-05-31T00:00:00.000Z", "c-9"]);
	});

	it("exports into no file that was laid where it writes", async () => {
		const { folder, env } = place();
		const said = await new Promise<string>((done) => {
			const args = [serverFile, "export", "out.jsonl"];
			const { pid } = execFile(process.execPath, args, { cwd: folder, env }, (_, out, err) =>
				done(out + err),
			);
			writeFileSync(join(folder, `out.jsonl.${pid}.partial`), "", { mode: 0o666 });
		});
		assert.match(said, /out\.jsonl cannot be written \(EEXIST/);
		assert.ok(!existsSync(join(folder, "out.jsonl")));
	});

	it("goes on after hostile lines, and names the first ten of a kind", async () => {
		const { folder, run, exported } = place();
		const good = (text: string) => JSON.stringify({ text });
		const levels = 100_000;
		const hostile: readonly (readonly [line: string | Buffer, complaint: RegExp])[] = [
			["[".repeat(levels), /not JSON/],
			["[".repeat(levels) + "]".repeat(levels), /not a JSON object/],
			[`{"text":"a","metadata":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}}`, /more than 20 levels/],
			[`{"text":"a","scope":${"[".repeat(levels)}${"]".repeat(levels)}}`, /scope=\[…\]/],
			[`{"text":"${"x".repeat(2_000_000)}"}`, /longer than 1000000 bytes/],
			[`{"text":"a","conversation":"${"c".repeat(5000)}"}`, /conversation is not a string of up to 1000/],
			[Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), /its byte 2 \(0xFF\) is not UTF-8.*--encoding windows-1252/],
			['{"text":"\\ud800"}', /half of a surrogate pair/],
			["\u001b]0;title\u0007", /not JSON/],
			["null", /not a JSON object/],
			...Array.from({ length: 8 }, () => ["{", /not JSON/] as const),
		];
		const lines = hostile.flatMap(([line], index) => [line, good(`Good fact ${index}`)]);
		writeFileSync(
			join(folder, "hostile.jsonl"),
			Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from("\n")]))),
		);
		const { code, stderr } = await run("import", "hostile.jsonl");
		assert.equal(code, 1);
		assert.ok(!stderr.includes("\u001b]") && !stderr.includes("\u0007"));
		const said = stderr.trimEnd().split("\n");
		for (const [index, [, complaint]] of hostile.slice(0, -2).entries()) {
			const line = said.shift() ?? "";
			assert.ok(line.startsWith(`Line ${2 * index + 1} skipped: `), line.slice(0, 200));
			assert.match(line, complaint);
		}
		assert.deepEqual(said, [
			"2 more lines skipped for the same kind of reason (record).",
			"Imported 18 memories, 18 lines skipped.",
		]);
		assert.equal((await exported()).length, 18);
	});

	it("can be run again after it was cut off, and says what it knew already", async () => {
		const { run, write, exported } = place();
		const file = write("facts.jsonl", facts);
		assert.deepEqual(await run("import", file), { code: 0, stdout: "", stderr: "Imported 3 memories.\n" });
		write("more.jsonl", [...facts, { text: "A new fact" }]);
		const { code, stderr } = await run("import", "more.jsonl");
		assert.equal(code, 0);
		assert.match(stderr, /^Imported 1 memor(y|ies), 3 known already\.\n$/);
		assert.equal((await exported()).length, 4);
	});

	it("takes in more lines than one transaction holds", async () => {
		const { run, write, exported } = place();
		const many = Array.from({ length: 150 }, (_, index) => ({ text: `Ticket ${index} is closed` }));
		const { code, stderr } = await run("import", write("many.jsonl", many));
		assert.equal(code, 0);
		assert.equal(stderr.trimEnd().split("\n").at(-1), "Imported 150 memories.");
		assert.equal(new Set((await exported()).map(({ text }) => text)).size, 150);
	});

	it("puts memories of scope project into the repository it is run in", async () => {
		const { folder, run, write, exported } = place();
		mkdirSync(join(folder, ".git"));
		writeFileSync(join(folder, ".git", "HEAD"), "ref: refs/heads/main\n");
		writeFileSync(join(folder, ".git", "config"), '[remote "origin"]\n\turl = git@host:own/ed.git\n');
		await run("import", write("facts.jsonl", [{ text: "We use mocha", scope: "project" }]));
		assert.deepEqual((await exported())[0]?.project, { id: "host/own/ed", name: "ed" });
	});

	it("says so when the file is missing or a folder has none, and takes in nothing", async () => {
		const { folder, run } = place();
		mkdirSync(join(folder, "folder"));
		const missing = await run("import", "missing.jsonl");
		assert.deepEqual([missing.code, missing.stderr.includes(join(folder, "missing.jsonl"))], [1, true]);
		assert.match(missing.stderr, /cannot be read.*Check the path/);
		const empty = await run("import", "folder");
		assert.equal(empty.code, 1);
		assert.match(empty.stderr, /^folder skipped: no memories are recognised in it\./);
	});
});

describe("The export command", () => {
	it("writes what an import into another memory takes back as it was, ids and history included", async () => {
		const one = place();
		assert.equal((await one.run("import", one.write("facts.jsonl", facts))).code, 0);
		const exported = await one.exported();
		const told = exported.map(({ id: _, history: __, origin: ___, ...rest }) => rest);
		assert.deepEqual(told, [facts[2], { ...facts[1], scope: "global" }, { ...facts[0], scope: "global" }]);

		const other = place();
		assert.equal((await other.run("import", other.write("exported.jsonl", exported))).code, 0);
		assert.deepEqual(await other.exported(), exported);
	});

	it("writes a file that only its owner can read, and leaves nothing else behind", async () => {
		const { folder, run, write } = place();
		await run("import", write("facts.jsonl", facts));
		const { code, stdout, stderr } = await run("export", "out.jsonl");
		assert.deepEqual([code, stdout], [0, ""]);
		assert.equal(stderr, `Exported 3 memories to ${join(folder, "out.jsonl")}.\n`);
		assert.deepEqual(readdirSync(folder).sort(), ["facts.jsonl", "out.jsonl"]);
		assert.equal(readFileSync(join(folder, "out.jsonl"), "utf8").trimEnd().split("\n").length, 3);
		if (process.platform !== "win32") assert.equal(statSync(join(folder, "out.jsonl")).mode & 0o777, 0o600);
	});

	it("says so when it cannot write, and leaves nothing behind", async () => {
		const { folder, run } = place();
		const { code, stderr } = await run("export", join("no", "such", "folder.jsonl"));
		assert.equal(code, 1);
		assert.match(stderr, /^mcp-mem0: /);
		assert.deepEqual(readdirSync(folder), []);
	});

	it("writes nothing to stdout for an empty memory", async () => {
		assert.deepEqual(await place().run("export"), { code: 0, stdout: "", stderr: "Exported 0 memories.\n" });
	});
});

describe("The search command", () => {
	let here: ReturnType<typeof place>;
	before(async () => {
		here = place();
		assert.equal((await here.run("import", here.write("facts.jsonl", facts))).code, 0);
	});

	it("prints what answers, best first, with its score, scope and age", async () => {
		const { code, stdout, stderr } = await here.run("search", "who", "deploys", "on", "Fridays?");
		assert.deepEqual([code, stderr], [0, ""]);
		assert.match(stdout, /^ *\d+ % {2}Alice deploys on Fridays {2}\(global, .+ ago\)\n/);
	});

	it("finds by meaning what shares no word with the question", async () => {
		assert.match((await here.run("search", "which indentation style is liked")).stdout, /tabs over spaces/);
	});

	it("prints JSON that a program can read", async () => {
		const { code, stdout } = await here.run("search", "PostgreSQL database", "--json", "--scope", "all");
		assert.equal(code, 0);
		const { memories } = JSON.parse(stdout) as { memories: readonly Record<string, unknown>[] };
		const { id, score, updatedAt: _, origin, ...told } = memories[0] ?? {};
		assert.deepEqual(origin, { how: "import", file: "facts.jsonl" });
		assert.ok(typeof id === "string" && typeof score === "number" && score > 0 && score <= 1);
		assert.deepEqual(told, facts[2]);
	});

	it("leaves other projects out unless they are asked for", async () => {
		const { stdout } = await here.run("search", "PostgreSQL database", "--json");
		assert.ok(!stdout.includes("PostgreSQL"));
	});

	it("explains also where a memory came from, and finds only what one client saved", async () => {
		const { stdout } = await here.run("search", "who deploys", "--explain");
		assert.match(stdout, /\n {7}.*words.*\n {7}from imported\n/);
		const { code, stderr } = await here.run("search", "who deploys", "--client", "cursor");
		assert.equal(code, 1);
		assert.match(stderr, /No memory comes from a client "cursor"/);
	});

	it("keeps to --limit", async () => {
		const { stdout } = await here.run("search", "tabs Fridays PostgreSQL", "--scope", "all", "--limit", "1");
		assert.equal(stdout.trimEnd().split("\n").length, 1);
	});

	it("marks weak matches", async () => {
		const { stdout } = await here.run("search", "quantum chromodynamics lecture");
		assert.match(stdout, /^( *\d+ % .*, weak\)\n)*$/);
	});

	it("says that nothing answers, and exits with 0", async () => {
		const { code, stdout, stderr } = await here.run("search", "量子力学");
		assert.deepEqual([code, stdout, stderr], [0, "", "No memory answers this.\n"]);
	});

	for (const [args, complaint] of [
		[["--limit", "500"], /^mcp-mem0: limit=500 is not valid: it takes a whole number from 1 to 50\.\n$/],
		[["--limit", "many"], /limit=(?!null).* is not valid/],
		[["--scope", "mine"], /^mcp-mem0: scope="mine" is not valid: it takes one of global, project, all\.\n$/],
		[["--scope", "project"], /^mcp-mem0: No project is open\./],
	] as const) {
		it(`says what is wrong with ${args.join(" ")} and exits with 1`, async () => {
			const { code, stdout, stderr } = await here.run("search", "tabs", ...args);
			assert.deepEqual([code, stdout], [1, ""]);
			assert.match(stderr, complaint);
		});
	}
});

/** A Node on the PATH, outside of `node_modules`, that is older than the one we need. */
function oldNode(): string | undefined {
	return (process.env.PATH ?? "")
		.split(delimiter)
		.filter((folder) => !folder.includes("node_modules"))
		.map((folder) => join(folder, process.platform === "win32" ? "node.exe" : "node"))
		.filter((file) => existsSync(file))
		.find((file) => {
			const said = execFileSync(file, ["--version"], { encoding: "utf8" });
			const [major = 0, minor = 0] = said.trim().replace(/^v/, "").split(".").map(Number);
			return major > 0 && (major < 22 || (major === 22 && minor < 16));
		});
}
