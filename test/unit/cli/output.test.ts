import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { inJson, plain } from "../../../src/text/inert.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("What the command line writes", () => {
	let folder: string;

	before(() => {
		folder = temporaryFolder();
		const lines = Array.from({ length: 3 }, (_, index) => JSON.stringify({ text: `Fact number ${index}` }));
		writeFileSync(join(folder, "facts.jsonl"), lines.join("\n"));
		assert.equal(run("import", "facts.jsonl").status, 0);
	});

	function run(...args: string[]) {
		return shell(`"${process.execPath}" "${serverFile}" ${args.map((arg) => `"${arg}"`).join(" ")}`);
	}

	function shell(command: string) {
		const env = { ...process.env, MEMORY_DIR: join(folder, "memory") };
		return spawnSync(command, { cwd: folder, env, encoding: "utf8", shell: true });
	}

	it("follows a link instead of replacing it", function () {
		if (process.platform === "win32") this.skip();
		writeFileSync(join(folder, "target.jsonl"), "old");
		symlinkSync("target.jsonl", join(folder, "link.jsonl"));
		assert.match(run("export", "link.jsonl").stderr, /is there already\. Replace it with --force/);
		assert.equal(run("export", "link.jsonl", "--force").status, 0);
		assert.ok(lstatSync(join(folder, "link.jsonl")).isSymbolicLink());
		assert.equal(readFileSync(join(folder, "target.jsonl"), "utf8").trim().split("\n").length, 3);
	});

	it("writes into a pipe that has a name, and leaves it a pipe", function () {
		if (process.platform === "win32") this.skip();
		const { stdout } = shell(
			`mkfifo pipe && (cat pipe & "${process.execPath}" "${serverFile}" export pipe; wait)`,
		);
		assert.equal(stdout.trim().split("\n").length, 3);
		assert.ok(lstatSync(join(folder, "pipe")).isFIFO());
	});

	it("names the file it cannot write, and leaves no half of it", () => {
		mkdirSync(join(folder, "a-folder"));
		for (const target of ["a-folder", "nowhere/x.jsonl"]) {
			const { status, stderr } = run("export", target);
			assert.equal(status, 1);
			assert.match(stderr, /cannot be written \(.*\)\. Give another file\./);
			assert.doesNotMatch(stderr, /partial|unexpected error/);
		}
		assert.equal(existsSync(join(folder, "nowhere")), false);
		assert.deepEqual(
			readdirSync(folder).filter((name) => name.includes("partial")),
			[],
		);
	});

	it("writes no file of a folder when one of them is there already", () => {
		assert.equal(run("export", "notes", "--format", "markdown").status, 0);
		const [first = "", ...others] = readdirSync(join(folder, "notes", "global"));
		for (const name of others) rmSync(join(folder, "notes", "global", name));
		writeFileSync(join(folder, "notes", "global", first), "mine");
		const refused = run("export", "notes", "--format", "markdown");
		assert.equal(refused.status, 1);
		assert.match(refused.stderr, /1 file is there already, such as .*\. Replace what is there with --force/);
		assert.deepEqual(readdirSync(join(folder, "notes", "global")), [first]);
		assert.equal(run("export", "notes", "--format", "markdown", "--force").status, 0);
		assert.equal(readdirSync(join(folder, "notes", "global")).length, 1 + others.length);
	});

	it("stops quietly when nobody reads on", function () {
		if (process.platform === "win32") this.skip();
		const { stdout, stderr } = shell(`"${process.execPath}" "${serverFile}" export | head -c 1`);
		assert.equal(stdout.length, 1);
		assert.doesNotMatch(stderr, /unexpected error|at .*\.js/);
	});

	it("says in one line that the output is full", function () {
		if (!existsSync("/dev/full")) this.skip();
		const { status, stderr } = shell(
			`"${process.execPath}" "${serverFile}" search "fact number" > /dev/full`,
		);
		assert.equal(status, 1);
		assert.match(stderr, /the output cannot be written \(.*no space/i);
		assert.doesNotMatch(stderr, /at .*\.js/);
	});

	it("refuses an option that belongs to another command", () => {
		const { status, stderr } = run("export", "--limit", "3");
		assert.equal(status, 64);
		assert.match(stderr, /export does not take --limit\./);
	});

	it("refuses addresses, ports and tokens that cannot work, in words", () => {
		const serve = (env: string) => shell(`${env} TRANSPORT=http "${process.execPath}" "${serverFile}"`);
		const cases: [string, RegExp][] = [
			["HOST=nosuch.invalid PORT=0", /HOST="nosuch\.invalid" is not an address of this machine/],
			["AUTH_TOKEN='two words' PORT=0", /AUTH_TOKEN=\(secret\) is not valid/],
			["AUTH_TOKEN='tökén' PORT=0", /AUTH_TOKEN=\(secret\) is not valid/],
		];
		for (const [env, says] of cases) {
			const { status, stderr } = serve(env);
			assert.equal(status, 1, env);
			assert.match(stderr, says);
			assert.doesNotMatch(stderr, /unexpected error|two words/);
		}
	});

	it("does nothing in a terminal, whatever a memory or a file says, and keeps the text in JSON", () => {
		const text =
			"Deploy\u001b]8;;https://evil.example\u0007here\u001b]8;;\u0007 \u009b31m\u202enow\u2028\rfake line";
		writeFileSync(
			join(folder, "hostile.jsonl"),
			`${inJson({ text })}\n{"scope": "\u001b[2J"}\n\u001b]0;x\u0007\n`,
		);
		const imported = run("import", "hostile.jsonl");
		const found = run("search", "deploy here now", "--limit", "1");
		const json = run("search", "deploy here now", "--limit", "1", "--json");
		const exported = run("export");
		assert.match(found.stdout, /Deploy\s?here now fake line/);
		for (const { stdout, stderr } of [imported, found, json, exported]) {
			const said = stdout + stderr;
			assert.equal(plain(said), said);
		}
		const [first] = (JSON.parse(json.stdout) as { memories: { text: string }[] }).memories;
		assert.equal(first?.text, text);
		assert.ok(exported.stdout.split("\n").some((line) => line !== "" && JSON.parse(line).text === text));
	});
});
