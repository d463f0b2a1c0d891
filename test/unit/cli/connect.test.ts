import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp, rename } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { answerTo } from "../../../src/cli/answer.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

/** A home folder in which Cursor and Codex were used, and the program as a person there runs it. */
function machine(server = serverFile) {
	const home = temporaryFolder();
	const cursor = join(home, ".cursor", "mcp.json");
	const codex = join(home, ".codex", "config.toml");
	for (const file of [cursor, codex]) mkdirSync(dirname(file));
	writeFileSync(codex, 'model = "o3"\n');
	const { PATH, SystemRoot } = process.env;
	const env = { PATH, SystemRoot, HOME: home, USERPROFILE: home, APPDATA: join(home, "AppData") };
	const run = (...args: readonly string[]) => runWith({}, ...args);
	const runWith = (more: Readonly<Record<string, string>>, ...args: readonly string[]) =>
		new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
			const child = execFile(
				process.execPath,
				[server, ...args],
				{ cwd: home, env: { ...env, ...more } },
				(error, stdout, stderr) => done({ code: error ? error.code : 0, stdout, stderr }),
			);
			child.stdin?.end();
		});
	return { home, cursor, codex, env, run, runWith };
}

interface Entry {
	readonly command: string;
	readonly args: string[];
	readonly env?: Record<string, string>;
}

function entryIn(file: string): Entry {
	const { mcpServers } = JSON.parse(readFileSync(file, "utf8")) as { mcpServers: Record<string, Entry> };
	return mcpServers["mcp-mem0"] as Entry;
}

/** The tools that a client gets which starts the server as its configuration says. */
async function toolsOf({ command, args, env = {} }: Entry, base: Record<string, string | undefined>) {
	const given = Object.entries({ ...base, ...env }).filter((each): each is [string, string] => !!each[1]);
	const client = new Client({ name: "test", version: "1" });
	await client.connect(
		new StdioClientTransport({ command, args, env: Object.fromEntries(given), stderr: "ignore" }),
	);
	try {
		return (await client.listTools()).tools.map(({ name }) => name);
	} finally {
		await client.close();
	}
}

describe("mcp-mem0 connect", function () {
	this.timeout(30_000);

	it("shows what it would write, and writes nothing without being told to", async () => {
		const { run, cursor, codex, home } = machine();
		for (const args of [["connect"], ["connect", "--dry-run"], ["connect", "cursor", "--dry-run", "--yes"]]) {
			const { code, stdout } = await run(...args);
			assert.equal(code, 0);
			assert.match(stdout, /^\+\s+"mcp-mem0": \{/m);
			assert.equal(existsSync(cursor), false);
		}
		assert.match((await run("connect")).stdout, /^\+\[mcp_servers\.mcp-mem0\]/m);
		const { stderr } = await run("connect");
		assert.equal(stderr.split("Nothing was written. To write this, run it again with --yes.").length, 2);
		assert.equal(readFileSync(codex, "utf8"), 'model = "o3"\n');
		assert.deepEqual(readdirSync(home).sort(), [".codex", ".cursor"]);
	});

	it("connects the clients that are installed with --yes, to a server that answers", async () => {
		const { run, cursor, codex, env } = machine();
		const { code, stderr } = await run("connect", "--yes");
		assert.equal(code, 0, stderr);
		assert.match(stderr, /Cursor: connected/);
		assert.match(stderr, /Restart the agents, or begin a new session, to use the memory\.\n$/);
		assert.match(readFileSync(codex, "utf8"), /^model = "o3"\n\n\[mcp_servers\.mcp-mem0\]\ncommand = /);
		assert.ok((await toolsOf(entryIn(cursor), env)).includes("search_memories"));
		const { stdout } = await run("agents");
		assert.match(stdout, /^cursor +connected/m);
		assert.match(stdout, /^claude +not found/m);
		assert.match((await run("connect", "--yes")).stderr, /Cursor: connected already/);
		assert.match((await run("disconnect", "--yes")).stderr, /Cursor: disconnected/);
		assert.equal(readFileSync(codex, "utf8"), 'model = "o3"\n');
		assert.equal(existsSync(cursor), false);
	});

	it("puts hooks in when asked, which a shell can run, and takes them out again", async () => {
		const { run, home, env } = machine();
		const others =
			'{\n\t"hooks": {\n\t\t"Stop": [{ "hooks": [{ "type": "command", "command": "say done" }] }]\n\t} // mine\n}\n';
		const settings = join(home, ".claude", "settings.json");
		mkdirSync(dirname(settings));
		writeFileSync(settings, others);
		assert.equal((await run("connect", "--yes")).code, 0);
		assert.equal(readFileSync(settings, "utf8"), others, "not without being asked");
		assert.match((await run("agents")).stdout, /^claude +connected, without hooks/m);
		const shown = await run("connect", "--with-hooks");
		assert.match(shown.stdout, /^\+.*hook --client claude SessionStart/m);
		assert.match(shown.stderr, /^Nothing was written\. To write this, run it again with --yes\.$/m);
		assert.match((await run("connect", "--with-hooks", "--yes")).stderr, /Claude Code, hooks: connected/);
		assert.match((await run("connect", "--with-hooks", "--yes")).stderr, /hooks: connected already/);
		const { stdout } = await run("agents");
		assert.match(stdout, /^claude +connected, with hooks/m);
		assert.match(stdout, /^vscode +not found on this machine$/m);
		assert.match(stdout, /^codex +connected, with hooks/m);
		const { agents: rows } = JSON.parse((await run("agents", "--json")).stdout) as {
			agents: { id: string; hooks?: string }[];
		};
		const hooksOf = (wanted: string) => rows.find(({ id }) => id === wanted)?.hooks;
		assert.deepEqual(["claude", "copilot", "zed"].map(hooksOf), ["in place", "missing", undefined]);

		writeFileSync(join(home, "facts.jsonl"), '{"text": "Ada prefers tabs to spaces."}\n');
		assert.equal((await run("import", join(home, "facts.jsonl"))).code, 0);
		const { hooks } = JSON.parse(readFileSync(join(home, ".codex", "hooks.json"), "utf8")) as {
			hooks: Record<string, { hooks: { command: string }[] }[]>;
		};
		const command = hooks.SessionStart?.[0]?.hooks[0]?.command ?? "";
		const said = execFileSync(command, { shell: true, env, input: '{"session_id": "1"}', encoding: "utf8" });
		assert.match(said, /Ada prefers tabs to spaces/);

		assert.equal((await run("disconnect", "--yes")).code, 0);
		assert.equal(readFileSync(settings, "utf8"), others);
		assert.equal(existsSync(join(home, ".codex", "hooks.json")), false);
	});

	it("leaves the hooks in that another client shares which stays", async () => {
		const { run, home } = machine();
		const file = join(home, ".copilot", "hooks", "mcp-mem0.json");
		assert.equal((await run("connect", "copilot", "vscode", "--with-hooks", "--yes")).code, 0);
		assert.equal((await run("disconnect", "vscode", "--yes")).code, 0);
		assert.ok(existsSync(file));
		assert.equal((await run("disconnect", "copilot", "--yes")).code, 0);
		assert.equal(existsSync(file), false);
		assert.match((await run("connect", "zed", "--with-hooks", "--yes")).stderr, /Zed has no hooks/);
	});

	it("a hook says nothing when its server is gone", async () => {
		const extensions = temporaryFolder();
		await cp(resolve("dist"), join(extensions, "mem0-0.1.0", "dist"), { recursive: true });
		await cp(resolve("media/agents"), join(extensions, "mem0-0.1.0", "media/agents"), { recursive: true });
		await cp(resolve("package.json"), join(extensions, "mem0-0.1.0", "package.json"));
		await cp(resolve("media", "agents"), join(extensions, "mem0-0.1.0", "media", "agents"), {
			recursive: true,
		});
		const { run, home, env } = machine(join(extensions, "mem0-0.1.0", "dist", "server.js"));
		assert.equal((await run("connect", "codex", "--with-hooks", "--yes")).code, 0);
		rmSync(extensions, { recursive: true });
		const { hooks } = JSON.parse(readFileSync(join(home, ".codex", "hooks.json"), "utf8")) as {
			hooks: Record<string, { hooks: { command: string }[] }[]>;
		};
		const command = hooks.SessionStart?.[0]?.hooks[0]?.command ?? "";
		const { status, stdout, stderr } = spawnSync(command, {
			shell: true,
			env,
			input: "{}",
			encoding: "utf8",
		});
		assert.deepEqual([status, stdout, stderr], [0, "", ""]);
	});

	it("hands on which memory, whose, and which file is configured; no key", async () => {
		const { runWith, cursor, env, home } = machine();
		writeFileSync(join(home, "my.env"), "LLM_API_KEY=sk-planted-4711\nDEFAULT_USER_ID=ada\n");
		const shell = { MEMORY_DIR: "/elsewhere/memory" };
		const args = ["connect", "cursor", "--yes", "--env", join(home, "my.env")];
		const { code, stderr, stdout } = await runWith(shell, ...args);
		assert.equal(code, 0, stderr);
		// What the file says is read from there, also when it says something else one day.
		assert.deepEqual(entryIn(cursor).env, {
			MEMORY_DIR: "/elsewhere/memory",
			MCP_MEM0_ENV_FILE: join(home, "my.env"),
		});
		assert.doesNotMatch(readFileSync(cursor, "utf8") + stdout + stderr, /4711/);
		assert.ok(env);
	});

	it("hands on the team's server that has the memory, and not its token, of which it says so", async () => {
		const { runWith, cursor } = machine();
		const shell = { TEAM_SERVER_URL: "https://memory.example.com/mcp", TEAM_SERVER_TOKEN: "planted-4711" };
		const { code, stderr, stdout } = await runWith(shell, "connect", "cursor", "--yes");
		assert.equal(code, 0, stderr);
		assert.equal(entryIn(cursor).env?.TEAM_SERVER_URL, shell.TEAM_SERVER_URL);
		assert.match(stderr, /Set in this shell only: .*TEAM_SERVER_TOKEN.* Clients may not get them/);
		assert.doesNotMatch(readFileSync(cursor, "utf8") + stdout + stderr, /4711/);
	});

	it("names no file that is read anyway, so that a client's server also starts when it is gone", async () => {
		const { run, cursor, env, home } = machine();
		const [, own = ""] = /instead of (.+\.env)/.exec((await run("--help")).stdout) ?? [];
		assert.ok(own.startsWith(home), own);
		mkdirSync(dirname(own), { recursive: true });
		writeFileSync(own, "LLM_PROVIDER=none\n");
		assert.equal((await run("connect", "cursor", "--yes")).code, 0);
		rmSync(own);
		assert.ok((await toolsOf(entryIn(cursor), env)).includes("save_memory"));
	});

	it("says which variables of the models clients will not get, since only this shell has them", async () => {
		const { run, runWith, home } = machine();
		const file = join(home, "my.env");
		writeFileSync(file, "LLM_CHOICE=qwen3-8b\n");
		const shell = { LLM_BASE_URL: "http://h/v1", LLM_API_KEY: "sk-planted-4711", LLM_CHOICE: "qwen3-8b" };
		const { stderr } = await runWith(shell, "connect", "cursor", "--dry-run", "--env", file);
		assert.match(stderr, /Set in this shell only: LLM_BASE_URL, LLM_API_KEY\. .* write them to .*my\.env\./);
		assert.doesNotMatch(stderr, /4711/);
		assert.doesNotMatch((await run("connect", "cursor", "--dry-run", "--env", file)).stderr, /this shell/);
	});

	it("restores a launcher that is gone, though the entry stays as it is", async () => {
		const { run, cursor, env } = machine();
		await run("connect", "cursor", "--yes");
		const [launcher = ""] = entryIn(cursor).args;
		rmSync(dirname(launcher), { recursive: true });
		await run("connect", "cursor", "--dry-run");
		assert.equal(existsSync(launcher), false);
		assert.match((await run("connect", "cursor", "--yes")).stderr, /connected already/);
		assert.ok((await toolsOf(entryIn(cursor), env)).includes("search_memories"));
	});

	it("writes the skill and a block into the folder's AGENTS.md only when asked, and takes both out", async () => {
		const { run, home } = machine();
		const skill = join(home, ".cursor", "skills", "mem0-memory", "SKILL.md");
		const agents = join(home, "AGENTS.md");
		writeFileSync(agents, "# Rules\r\n");
		await run("connect", "cursor", "--yes");
		assert.ok(!existsSync(skill));
		const extras = ["--with-instructions", "--instructions-in", "agents.md,CLAUDE.md"];
		const dry = await run("connect", "cursor", ...extras, "--dry-run");
		assert.match(dry.stdout, /\+name: mem0-memory[\s\S]*\+<mcp-mem0>/);
		assert.ok(!existsSync(skill));
		assert.equal((await run("connect", "cursor", ...extras, "--yes")).code, 0);
		assert.match(readFileSync(skill, "utf8"), /search_memories/);
		assert.match(readFileSync(agents, "utf8"), /^# Rules\r\n\r\n<mcp-mem0>\r\n/);
		await run("disconnect", "cursor", "--yes");
		assert.ok(!existsSync(skill) && existsSync(join(home, "CLAUDE.md")));
		await run("disconnect", "--yes");
		assert.equal(readFileSync(agents, "utf8"), "# Rules\r\n");
		assert.ok(!existsSync(join(home, "CLAUDE.md")));
	});

	it("names the files for instructions when it does not know one", async () => {
		const { code, stderr } = await machine().run("connect", "--instructions-in", "README.md", "--yes");
		assert.equal(code, 64);
		assert.match(stderr, /"README\.md" is not a file for instructions; those are AGENTS\.md, /);
	});

	it("says so when there is nothing to disconnect", async () => {
		const { code, stderr } = await machine().run("disconnect", "--yes");
		assert.deepEqual([code, stderr], [0, "No client is connected.\n"]);
	});

	it("goes on working after an update of the extension, whose folder has another name then", async () => {
		const extensions = temporaryFolder();
		const [old, next] = ["0.1.0", "0.10.0"].map((version) =>
			join(extensions, `mem0.mcp-mem0-${version}`),
		) as [string, string];
		await cp(resolve("dist"), join(old, "dist"), { recursive: true });
		await cp(resolve("package.json"), join(old, "package.json"));
		await cp(resolve("media/agents"), join(old, "media/agents"), { recursive: true });
		const { run, cursor, env } = machine(join(old, "dist", "server.js"));
		assert.equal((await run("connect", "cursor", "--yes")).code, 0);
		await rename(old, next);
		assert.ok((await toolsOf(entryIn(cursor), env)).includes("save_memory"));
		rmSync(next, { recursive: true });
		const gone = await new Promise<string>((done) => {
			const { command, args } = entryIn(cursor);
			execFile(command, args, { env }, (_, __, stderr) => done(stderr));
		});
		assert.match(gone, /MCP Mem0 is not installed any more/);
		assert.doesNotMatch(gone, /\bat .*\.mjs:/);
	});

	it("says which file it cannot understand, goes on with the others, and exits with 1", async () => {
		const { run, cursor, codex } = machine();
		writeFileSync(cursor, '{\n"a" }');
		const { code, stderr } = await run("connect", "--yes");
		assert.equal(code, 1);
		assert.match(stderr, /Cursor: .*mcp\.json, line 2: not valid JSON/);
		assert.match(readFileSync(codex, "utf8"), /mcp-mem0/);
		assert.match((await run("agents")).stdout, /^cursor +.*line 2: not valid JSON/m);
	});

	it("names the clients there are when it does not know one", async () => {
		const { code, stderr } = await machine().run("connect", "emacs");
		assert.equal(code, 64);
		assert.match(stderr, /There is no client "emacs"; there are copilot, vscode, workspace, claude,/);
	});

	it("takes y for yes, everything else for no, and Ctrl-C and Ctrl-D for the end", async () => {
		const typed = {
			"y\r": "yes",
			"YES\r": "yes",
			"\r": "no",
			"maybe\r": "no",
			"\u0003": "cancelled",
			"\u0004": "cancelled",
		};
		for (const [keys, answer] of Object.entries(typed)) {
			const input = new PassThrough();
			const output = Object.assign(new PassThrough(), { isTTY: true });
			const answered = answerTo("Connect? ", input, output);
			input.write(keys);
			assert.equal(await answered, answer, JSON.stringify(keys));
		}
	});
});
