import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../../../src/cli/commands.ts";
import { place } from "../../support/fixtures/commandLine.ts";

/** They serve other programs in forms of those, or print a program of a shell. */
const ofOtherForms = ["serve", "hook", "completion"];

describe("--json", () => {
	const page = readFileSync("docs/command-line.md", "utf8");

	it("is an option of every command, and its object is documented", () => {
		const rows = [...page.matchAll(/^\| (`\w+`(?:, `\w+`)*) \| /gm)].flatMap(([, names = ""]) =>
			[...names.matchAll(/\w+/g)].map(String),
		);
		const own = commands.filter(({ name }) => !ofOtherForms.includes(name));
		assert.deepEqual(rows.sort(), own.map(({ name }) => name).sort());
		for (const { name, flags = [] } of own)
			assert.ok(
				flags.some((flag) => flag.name === "json"),
				name,
			);
	});

	it("prints one object with the documented fields, and nothing else on stdout", async () => {
		const { run, write } = place();
		write("facts.jsonl", [{ text: "Bees live in the oak" }, { text: "We deploy on Thursdays" }, "broken{"]);
		const said = async (code: number, ...args: readonly string[]) => {
			const ran = await run(...args, "--json");
			assert.equal(ran.code, code, `${args.join(" ")}: ${ran.stderr}`);
			return JSON.parse(ran.stdout) as Record<string, unknown>;
		};
		const imported = await said(1, "import", "facts.jsonl");
		assert.deepEqual(
			[imported.imported, imported.skipped, imported.scopes],
			[2, { lines: 1, files: 0 }, [{ scope: "global", memories: 2 }]],
		);
		assert.match(String(imported.messages), /Line 3 skipped: it is not JSON/);
		assert.equal((await said(1, "import", "facts.jsonl", "--dry-run")).known, 2);
		const exported = await said(0, "export", "out.jsonl");
		assert.deepEqual([exported.exported, exported.format], [2, "jsonl"]);
		assert.equal(readFileSync(String(exported.path), "utf8").trim().split("\n").length, 2);
		const keys = async (code: number, ...args: readonly string[]) =>
			Object.keys(await said(code, ...args)).sort();
		assert.deepEqual(await keys(0, "reembed"), ["cancelled", "done", "embedded", "total"]);
		assert.deepEqual(await keys(0, "rescue"), ["files", "messages"]);
		assert.deepEqual(await keys(0, "backup"), ["backup"]);
		assert.deepEqual(await keys(0, "backups"), ["backups"]);
		assert.deepEqual(await keys(0, "secrets"), ["erased", "secrets", "texts"]);
		assert.deepEqual(await keys(0, "usage"), ["days", "total"]);
		assert.deepEqual(await keys(0, "agents"), ["agents"]);
		assert.deepEqual(await keys(0, "list"), ["memories", "total"]);
		const { changes } = await said(0, "connect", "cursor", "--dry-run");
		const [change] = changes as readonly Record<string, unknown>[];
		assert.deepEqual(
			[change?.what, change?.state, Object.keys(change ?? {}).sort()],
			["Cursor", "not written", ["diff", "file", "state", "what"]],
		);
	}).timeout(60_000);

	it("tells also of a failure as an object, in the words of stderr", async () => {
		const { run, folder } = place();
		for (const [args, words] of [
			[["show", "nobody"], /No memory has the id "nobody"/],
			[["import", "nowhere"], new RegExp(`There is no file or folder ${join(folder, "nowhere")}`)],
			[["distill"], /No language model is configured/],
		] as const) {
			const { code, stdout, stderr } = await run(...args, "--json");
			assert.equal(code, 1);
			const { error } = JSON.parse(stdout) as { error: string };
			assert.match(error, words);
			assert.ok(stderr.includes(error));
		}
		const { code, stdout } = await run("export", "--json");
		assert.equal(code, 64);
		assert.match(stdout, /stdout has the memories/);
	}).timeout(60_000);

	it("has the exit codes that the help tells", async () => {
		const { stdout } = await place().run("--help");
		const told = [...(/^Exit codes: (.*)$/m.exec(stdout)?.[1] ?? "").matchAll(/\b(\d+) /g)].map(
			([, code]) => code,
		);
		const documented = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code);
		assert.ok(told.length > 2);
		assert.deepEqual(documented, told);
	});
});
