import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { place } from "../../support/fixtures/commandLine.ts";

type Shown = {
	readonly memories: readonly Readonly<Record<string, unknown>>[];
	readonly [name: string]: unknown;
};

describe("The commands for memories", () => {
	const here = place();
	const json = async (...args: readonly string[]) => {
		const { code, stdout, stderr } = await here.run(...args, "--json");
		assert.equal(code, 0, stderr);
		return JSON.parse(stdout) as Shown;
	};

	it("save, list, show, edit, history, delete and restore one", async () => {
		const saved = await json("save", "We", "deploy", "on", "Thursdays");
		const id = String(saved.memories[0]?.id);
		assert.equal(saved.memories[0]?.event, "ADD");
		assert.match(
			(await here.run("save", "we deploy on Thursdays.")).stdout,
			new RegExp(`^${id} .*(known already)`),
		);

		const listed = await json("list");
		assert.deepEqual([listed.total, listed.memories[0]?.text], [1, "We deploy on Thursdays"]);
		assert.deepEqual(listed.memories[0]?.origin, { how: "cli" });
		assert.match(String(listed.memories[0]?.createdAt), /^\d{4}-.*Z$/);
		assert.match(
			(await here.run("list")).stdout,
			new RegExp(`^${id}  We deploy on Thursdays  \\(global, just now\\)\n$`),
		);

		assert.match(
			(await here.run("show", id)).stdout,
			/^We deploy on Thursdays\n\nid: [\s\S]*\norigin: +cli\n/,
		);
		assert.equal(
			(await json("edit", id, "--text", "We deploy on Fridays")).memories[0]?.text,
			"We deploy on Fridays",
		);
		const { history } = (await json("history", id)) as unknown as {
			history: { event: string; oldText?: string }[];
		};
		assert.deepEqual(
			history.map(({ event, oldText }) => [event, oldText]),
			[
				["ADD", undefined],
				["UPDATE", "We deploy on Thursdays"],
			],
		);
		assert.match(
			(await here.run("history", id)).stdout,
			/ {2}changed\n {2}- We deploy on Thursdays\n {2}\+ We deploy on Fridays\n$/,
		);

		const gone = await here.run("delete", id, "nobody");
		assert.deepEqual(
			[gone.code, gone.stderr],
			[1, "No memory has the id nobody.\nDeleted 1 memory. Undo: mcp-mem0 restore ID…\n"],
		);
		assert.equal((await json("list")).total, 0);
		assert.equal((await json("restore")).memories[0]?.id, id);
		assert.equal((await json("restore", id)).memories[0]?.text, "We deploy on Fridays");
		const unknown = await here.run("show", "nobody");
		assert.equal(unknown.code, 1);
		assert.match(unknown.stderr, /^mcp-mem0: No memory has the id "nobody"/);
	}).timeout(60_000);

	it("edits in the editor that is set, and keeps the memory when that fails", async () => {
		const [memory] = (await json("save", "one\ntwo")).memories;
		const script = join(here.folder, "editor.cjs");
		writeFileSync(
			script,
			"const fs = require('fs'); const f = process.argv[2]; fs.writeFileSync(f, fs.readFileSync(f, 'utf8').replace('two', 'three'))",
		);
		const run = (editor: string) =>
			spawnSync(process.execPath, [serverFile, "edit", String(memory?.id)], {
				cwd: here.folder,
				env: { ...here.env, EDITOR: editor },
				encoding: "utf8",
			});
		assert.equal(run(`"${process.execPath}" "${script}"`).status, 0);
		assert.equal((await json("show", String(memory?.id))).memories[0]?.text, "one\nthree");
		const failed = run("exit 3 #");
		assert.equal(failed.status, 1);
		assert.match(failed.stderr, /ended with 3\. Nothing was changed/);
	}).timeout(60_000);

	it("saves stdin, takes secrets out, and shows nothing that a terminal would act on", async () => {
		const secret = `${"ghp"}_${"a1B2c3D4e5F6".repeat(3)}`;
		const said = spawnSync(process.execPath, [serverFile, "save", "-"], {
			cwd: here.folder,
			env: here.env,
			input: `Red \u001b[31mtoken\u0007 ${secret}\n`,
			encoding: "utf8",
		});
		assert.equal(said.status, 0);
		assert.match(said.stdout, /Red token ‹redacted: GitHub token›\n$/);
		assert.match(said.stderr, /^Secrets are not kept: a GitHub token was replaced\.\n$/m);
		const { stdout } = await here.run("list");
		// biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
		assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f]/);
	}).timeout(60_000);

	it("tells a command line that it does not understand in two lines, with an exit code of its own", async () => {
		for (const args of [["delete"], ["list", "x"], ["show", "--nope"], ["forget"], ["completion", "tcsh"]]) {
			const { code, stdout, stderr } = await here.run(...args);
			assert.deepEqual([code, stdout], [64, ""], args.join(" "));
			assert.ok(stderr.trimEnd().split("\n").length <= 2, stderr);
		}
	}).timeout(60_000);
});

describe("The completion", () => {
	const script = (shell: string) =>
		execFileSync(process.execPath, [serverFile, "completion", shell], { encoding: "utf8" });

	for (const shell of ["bash", "zsh", "fish", "powershell"])
		it(`for ${shell} names every command, and the options of each`, () => {
			const text = script(shell);
			for (const word of ["serve", "import", "restore", "completion", "dry-run", "verbatim"])
				assert.ok(text.includes(word), word);
		});

	it("works in bash", function () {
		if (spawnSync("bash", ["--version"]).status !== 0) this.skip();
		const complete = (...words: readonly string[]) => {
			const list = words.map((word) => `'${word}'`).join(" ");
			const code = `${script("bash")}\nCOMP_WORDS=(mcp-mem0 ${list}); COMP_CWORD=${words.length}; _mcp_mem0; echo "\${COMPREPLY[@]}"`;
			return execFileSync("bash", ["-c", code], { encoding: "utf8" }).trim().split(/\s+/);
		};
		assert.deepEqual(complete("re").sort(), ["reembed", "rescue", "restore"]);
		assert.deepEqual(complete("import", "--d"), ["--dry-run"]);
	});
});
