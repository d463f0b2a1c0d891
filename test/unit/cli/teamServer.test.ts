import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { commands } from "../../../src/cli/commands.ts";
import { lend } from "../../../src/endpoints/lending/lender.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { place } from "../../support/fixtures/commandLine.ts";
import { stdioClient } from "../../support/fixtures/mcpClient.ts";
import { teamServer } from "../../support/fixtures/teamServer.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const url = "https://memory.example.com/mcp";
const token = "tell-nobody-4711";

/**
 * The files of a memory in a folder: not what sessions were told, by ids, nor where a process lends, nor whose a token
 * is.
 */
function memoryIn(folder: string): string[] {
	if (!existsSync(folder)) return [];
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	return entries
		.filter((entry) => entry.isFile())
		.map(({ name, parentPath }) => relative(folder, join(parentPath, name)))
		.filter((name) => !/^sessions\b|^lender-|^team\W\w+\Wuser-\w+$/.test(name));
}

describe("A command that works on the database itself, where a team's server has the memory", function () {
	this.timeout(60_000);
	const postgres = "postgres://ada:pass-4712@127.0.0.1:1/memory";
	const here: readonly (readonly string[])[] = [
		["backup"],
		["backups"],
		["backup", "--json"],
		["restore", "latest"],
		["restore", "2026-01-01", "--dry-run"],
		["migrate", "--to", "copy"],
		["migrate", "--to", postgres, "--dry-run"],
		["import", "--from-database", postgres],
		["secrets"],
		["secrets", "--erase", "--backups"],
		["reembed"],
		["distill"],
		["rescue"],
		["rescue", "old.db"],
		["user", "add", "bob"],
		["user", "list"],
		["user", "revoke", "bob"],
		["user", "export", "bob", "bob.jsonl"],
		["user", "erase", "bob", "--yes"],
	];
	for (const line of here)
		it(`says so and opens nothing: ${line.join(" ").replace(postgres, "URL")}`, async () => {
			const memory = join(temporaryFolder(), "memory");
			const { run, folder } = place({ MEMORY_DIR: memory, TEAM_SERVER_URL: url, TEAM_SERVER_TOKEN: token });
			writeFileSync(join(folder, "old.db"), "");
			const { code, stdout, stderr } = await run(...line);
			assert.equal(code, 1, stderr);
			assert.match(
				stderr,
				/^mcp-mem0: The memory is that of the team's server https:\/\/memory\.example\.com\/mcp, which keeps its database itself\. Its administrator does this there, with mcp-mem0 and that server's configuration\.$/m,
			);
			if (line.includes("--json")) assert.match(stdout, /"error"/);
			assert.doesNotMatch(stdout + stderr, /471[12]/);
			assert.deepEqual(memoryIn(memory), []);
			assert.deepEqual(readdirSync(folder), ["old.db"]);
		});

	it("is every command that neither works on the opened memory nor needs none", () => {
		const elsewhere = [
			...["serve", "save", "search", "list", "show", "edit", "delete", "history", "export", "usage"],
			...["doctor", "connect", "disconnect", "agents", "hook", "completion"],
		];
		assert.deepEqual(
			commands
				.map(({ name }) => name)
				.filter((name) => !elsewhere.includes(name))
				.sort(),
			[...new Set(here.map(([name]) => name))].sort(),
		);
	});
});

describe("A command, where the team's server cannot be reached", function () {
	this.timeout(120_000);
	// Nobody listens there.
	const away = "http://127.0.0.1:1/mcp";
	const id = "0b3c5f8e-3f53-4c1f-9a63-0d8a35a3b6a1";
	const onMemory: readonly (readonly string[])[] = [
		["save", "Ada likes tea."],
		["search", "tea"],
		["list"],
		["show", id],
		["edit", id, "--text", "Ada likes coffee."],
		["delete", id],
		["restore", id],
		["restore"],
		["history", id],
		["import", "facts.jsonl"],
		["export"],
		["usage"],
	];
	for (const line of onMemory)
		it(`says so and takes no other memory: ${line[0]}`, async () => {
			const memory = join(temporaryFolder(), "memory");
			const { run, write } = place({ MEMORY_DIR: memory, TEAM_SERVER_URL: away, TEAM_SERVER_TOKEN: token });
			write("facts.jsonl", [{ text: "Ada likes tea." }]);
			const { code, stdout, stderr } = await run(...line);
			assert.equal(code, 1, `${stdout}${stderr}`);
			assert.ok(stderr.includes(away), stderr);
			assert.doesNotMatch(stdout + stderr, /nobody-4711|token-4711/);
			assert.deepEqual(memoryIn(memory), []);
		});

	it("lists agents, prints what completes words, and says what is wrong", async () => {
		const memory = join(temporaryFolder(), "memory");
		const { run } = place({ MEMORY_DIR: memory, TEAM_SERVER_URL: away, TEAM_SERVER_TOKEN: token });
		for (const line of [["agents"], ["completion", "bash"], ["connect", "cursor", "--dry-run"], ["doctor"]]) {
			const { stdout, stderr } = await run(...line);
			assert.notEqual(stdout + stderr, "");
			assert.doesNotMatch(stdout + stderr, /nobody-4711|token-4711/);
			assert.deepEqual(memoryIn(memory), [], line.join(" "));
		}
	});
});

describe("The command line, where a team's server has the memory", function () {
	this.timeout(120_000);
	let server: Awaited<ReturnType<typeof teamServer<"ada" | "bob">>>;

	before(async () => {
		server = await teamServer(["ada", "bob"]);
	});
	after(() => server.stop());

	/** Somebody's machine. */
	function machine(name?: "ada" | "bob", more: Readonly<Record<string, string>> = {}) {
		const memory = join(temporaryFolder(), "memory");
		const own = name === undefined ? {} : { TEAM_SERVER_TOKEN: server.tokenOf(name) };
		// The name on this machine is not the one on the server.
		const env = {
			MEMORY_DIR: memory,
			TEAM_SERVER_URL: server.url,
			DEFAULT_USER_ID: "somebody",
			...own,
			...more,
		};
		const { run, ...rest } = place(env);
		/** @returns what the command prints. */
		const done = async (...line: readonly string[]) => {
			const { code, stdout, stderr } = await run(...line);
			assert.equal(code, 0, stderr);
			assert.deepEqual(memoryIn(memory), [], line.join(" "));
			return { stdout, stderr, json: () => JSON.parse(stdout) };
		};
		return { ...rest, memory, run, done };
	}

	it("saves, finds, lists, shows, changes, deletes and restores there, and keeps nothing here", async () => {
		const { done } = machine("ada");
		const saved = (await done("save", "The staging server is staging.example.com", "--json")).json();
		const [{ id }] = saved.memories;
		const ids = async (...line: readonly string[]) =>
			(await done(...line, "--json")).json().memories.map((each: { id: string }) => each.id);
		assert.deepEqual(await ids("search", "where is the staging server"), [id]);
		assert.deepEqual(await ids("list"), [id]);
		assert.match((await done("show", id)).stdout, /^The staging server is staging\.example\.com$/m);
		await done("edit", id, "--text", "The staging server is stage.example.com");
		assert.match((await done("list")).stdout, /stage\.example\.com/);
		await done("delete", id);
		assert.deepEqual(await ids("list"), []);
		assert.match((await done("restore")).stdout, new RegExp(id));
		await done("restore", id);
		const { history } = (await done("history", id, "--json")).json();
		assert.deepEqual(
			history.map(({ event }: { event: string }) => event),
			["ADD", "UPDATE", "DELETE", "RESTORE"],
		);
		assert.match((await done("usage")).stdout, /./);
	});

	it("shows to others what is shared, and nothing else", async () => {
		const [ada, bob] = [machine("ada"), machine("bob")];
		await ada.done("save", "Ada's dentist is Dr. Weber", "--visibility", "private");
		await ada.done("save", "The office closes at eight", "--visibility", "team");
		const { stdout } = await bob.done("list");
		assert.match(stdout, /office closes at eight/);
		assert.doesNotMatch(stdout, /dentist/);
	});

	it("takes files there, once, and brings everything back", async () => {
		const { done, write } = machine("bob");
		const lines = Array.from({ length: 150 }, (_, index) => ({
			text: `Member ${index} keeps bees in town ${index}`,
		}));
		write("bees.jsonl", lines);
		await done("import", "bees.jsonl");
		assert.match((await done("import", "bees.jsonl")).stderr, /150 known|150 .*already/i);
		const exported = (await done("export")).stdout.split("\n").filter((line) => line.includes("keeps bees"));
		assert.equal(exported.length, 150);
	});

	it("says that the token is refused, and does not show it", async () => {
		const { run } = machine(undefined, { TEAM_SERVER_TOKEN: "wrong-token-4711" });
		const { code, stdout, stderr } = await run("list");
		assert.equal(code, 1);
		assert.match(stderr, /refuses the token/);
		assert.doesNotMatch(stdout + stderr, /nobody-4711|token-4711/);
	});

	it("says that a token is wanted where there is none", async () => {
		const { code, stderr } = await machine().run("list");
		assert.equal(code, 1);
		assert.match(stderr, /wants a token \(HTTP 401\).*Set TEAM_SERVER_TOKEN/);
		assert.doesNotMatch(stderr, /refuses/);
	});

	it("sends no token that was given for another server", async () => {
		const { run, folder } = machine();
		const file = join(folder, "other.env");
		writeFileSync(
			file,
			`TEAM_SERVER_URL=https://memory.example.com/mcp\nTEAM_SERVER_TOKEN=${server.tokenOf("ada")}\n`,
		);
		const { code, stdout, stderr } = await run("list", "--env", file);
		assert.equal(code, 1);
		assert.match(stderr, /TEAM_SERVER_TOKEN of .*other\.env is not sent to http:\/\/127\.0\.0\.1/);
		assert.ok(!(stdout + stderr).includes(server.tokenOf("ada")));
	});

	it("asks an open window for the token", async () => {
		const { done, run, memory } = machine();
		const { code, stderr } = await run("list");
		assert.equal(code, 1);
		assert.match(stderr, /wants a token/);
		const asked: string[] = [];
		const window = await lend(memory, {
			token: async ({ origin }) => {
				asked.push(origin);
				return server.tokenOf("bob");
			},
		});
		try {
			assert.match((await done("list")).stdout, /keeps bees/);
			assert.deepEqual([...new Set(asked)], [new URL(server.url).origin]);
		} finally {
			await window.dispose();
		}
	});

	it("serves it over stdio, to agents and to hooks", async () => {
		const { memory, folder, env } = machine("ada", { LOG_LEVEL: "INFO" });
		const client = await stdioClient(env as Record<string, string>, folder);
		try {
			const text = "Ada prefers tabs to spaces in TypeScript";
			const { error } = await client.call("save_memory", { text });
			assert.equal(error, undefined);
			const found = await client.call<{ memories: { text: string }[] }>("search_memories", {
				query: "tabs or spaces?",
			});
			assert.equal(found.content.memories[0]?.text, text);
			const { content } = await client.call<{ database: string; user: string }>("memory_status");
			assert.ok(content.database.startsWith(server.url), content.database);
			assert.equal(content.user, "ada");
			assert.deepEqual(memoryIn(memory), []);
			const other = machine("ada", { MEMORY_DIR: memory });
			assert.match(await hook(other, "Should I use tabs or spaces in TypeScript?"), /Ada prefers tabs/);
		} finally {
			await client.close();
		}
		assert.deepEqual(memoryIn(memory), []);
		assert.match(client.log(), /INFO: Memory: \S+, as ada\.$/m);
		assert.ok(!client.log().includes(server.tokenOf("ada")));
	});

	it("starts over stdio while the server is away: each call says so", async () => {
		const { folder, env, memory } = machine("ada", { TEAM_SERVER_URL: "http://127.0.0.1:1/mcp" });
		const client = await stdioClient(env as Record<string, string>, folder);
		try {
			const { error } = await client.call("save_memory", { text: "Ada likes tea" });
			assert.match(error ?? "", /The team's server http:\/\/127\.0\.0\.1:1\/mcp cannot be reached/);
		} finally {
			await client.close();
		}
		assert.deepEqual(memoryIn(memory), []);
	});

	it("says while the server is away what waits, and what cannot be restored", async () => {
		const { run } = machine("bob");
		assert.equal((await run("list")).code, 0);
		await server.stop();
		try {
			const saved = JSON.parse((await run("save", "Bob waits for the lift", "--json")).stdout);
			const [{ id }] = saved.memories;
			assert.match((await run("list")).stdout, /Bob waits for the lift {2}\(.*waits to be delivered\)/);
			const restorable = await run("restore");
			assert.equal(restorable.code, 1);
			assert.match(restorable.stderr, /cannot be read now.*cannot be reached/);
			assert.doesNotMatch(restorable.stderr, /can be restored/);
			const { code, stderr } = await run("delete", id);
			assert.equal(code, 0);
			assert.match(stderr, /1 memory had not reached the team's server, and cannot be restored/);
			assert.doesNotMatch(stderr, /Undo|database/);
		} finally {
			await server.startAgain();
		}
	});

	it("answers a hook by itself where no process has the memory open, or another memory", async () => {
		const ada = machine("ada", { DEFAULT_USER_ID: "ada" });
		await ada.done("save", "We deploy the website with make ship");
		const question = "How do we deploy the website?";
		assert.match(await hook(ada, question), /make ship/);
		// A window of the same person on a memory of this machine.
		const here = place({ MEMORY_DIR: ada.memory, EMBEDDING_PROVIDER: "builtin" });
		assert.equal((await here.run("save", "We deploy the website with rsync")).code, 0);
		const local = await stdioClient(here.env as Record<string, string>, here.folder);
		try {
			const answer = await hook(ada, question);
			assert.match(answer, /make ship/);
			assert.doesNotMatch(answer, /rsync/);
			const own = await hook(here, question);
			assert.match(own, /rsync/);
			assert.doesNotMatch(own, /make ship/);
		} finally {
			await local.close();
		}
	});
});

/** What a prompt's hook prints. A machine that is busy may need longer than a hook waits. */
async function hook(
	{ env, folder }: Pick<ReturnType<typeof place>, "env" | "folder">,
	prompt: string,
): Promise<string> {
	const input = JSON.stringify({
		hook_event_name: "UserPromptSubmit",
		session_id: randomUUID(),
		cwd: folder,
		prompt,
	});
	for (let left = 20; ; left -= 1) {
		const { stdout } = spawnSync(
			process.execPath,
			[serverFile, "hook", "--client", "claude", "UserPromptSubmit"],
			{
				cwd: folder,
				env: env as NodeJS.ProcessEnv,
				input,
				encoding: "utf8",
			},
		);
		if (stdout !== "" || left === 0) return stdout;
	}
}
