import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { place } from "../../support/fixtures/commandLine.ts";
import { stdioClient } from "../../support/fixtures/mcpClient.ts";
import { newMemory } from "../../support/fixtures/storeFixtures.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

interface Ran {
	readonly code: number | null;
	readonly signal: string | null;
	readonly stdout: string;
	readonly stderr: string;
	/** ms */
	readonly duration: number;
}

/** A memory with a few facts, a repository, and the program as a client runs it. */
async function machine(variables: Readonly<Record<string, string>> = {}) {
	const memory = temporaryFolder();
	const at = place({ MEMORY_DIR: memory, ...variables });
	const repository = join(at.folder, "api");
	mkdirSync(join(repository, ".git"), { recursive: true });
	writeFileSync(join(repository, ".git", "HEAD"), "ref: refs/heads/main\n");
	const project = { id: repository, name: "api" };
	const facts = [
		{ text: "Ada prefers tabs to spaces in TypeScript." },
		{ text: "The staging server is staging.example.com, reached with ssh deploy@staging." },
		{ text: "We decided to use PostgreSQL instead of MongoDB.", scope: "project", project },
	];
	const { code, stderr } = await at.run("import", at.write("facts.jsonl", facts));
	assert.equal(code, 0, stderr);
	/** @param open the client leaves its end of stdin open. */
	const hook = (
		args: readonly string[],
		input: string | Buffer,
		{ open = false, node = process.execPath, env = {} } = {},
	) =>
		new Promise<Ran>((done) => {
			const begun = performance.now();
			const child = spawn(node, [serverFile, "hook", ...args], {
				cwd: at.folder,
				env: { ...at.env, ...env },
			});
			const said = { stdout: "", stderr: "" };
			for (const name of ["stdout", "stderr"] as const)
				child[name].on("data", (data: Buffer) => {
					said[name] += data.toString();
				});
			child.stdin.on("error", () => undefined);
			child.stdin.write(input);
			if (!open) child.stdin.end();
			child.once("close", (exit, signal) =>
				done({ code: exit, signal, ...said, duration: performance.now() - begun }),
			);
		});
	/** A machine that is busy may need longer than a hook waits. */
	const answered = async (...call: Parameters<typeof hook>) => {
		let ran = await hook(...call);
		for (let left = 20; ran.stdout === "" && left > 0; left -= 1) ran = await hook(...call);
		return ran;
	};
	return { ...at, memory, repository, hook, answered };
}

type Machine = Awaited<ReturnType<typeof machine>>;

/** Inputs as the clients were seen to give them. */
const inputs: Readonly<
	Record<string, (session: string, folder: string) => Readonly<Record<string, object>>>
> = {
	copilot: (session_id, cwd) => ({
		SessionStart: {
			hook_event_name: "SessionStart",
			session_id,
			timestamp: "2026-11-20T10:00:00.000Z",
			cwd,
			source: "new",
			initial_prompt: "Where is the staging server?",
		},
		UserPromptSubmit: {
			timestamp: "2026-11-20T10:00:00.000Z",
			hook_event_name: "UserPromptSubmit",
			session_id,
			cwd,
			prompt: "Where is the staging server?",
		},
		// The same runtime for names in its own style.
		sessionStart: {
			sessionId: session_id,
			timestamp: 1795000000000,
			cwd,
			source: "new",
			initialPrompt: "hi",
		},
		userPromptSubmitted: { sessionId: session_id, cwd, prompt: "Where is the staging server?" },
		PreCompact: { hook_event_name: "PreCompact", session_id, cwd, trigger: "auto" },
		Stop: { hook_event_name: "Stop", session_id, cwd, stop_hook_active: false },
		SessionEnd: { hook_event_name: "SessionEnd", session_id, cwd, reason: "complete" },
	}),
	claude: (session_id, cwd) => ({
		SessionStart: {
			session_id,
			transcript_path: join(cwd, "t.jsonl"),
			cwd,
			hook_event_name: "SessionStart",
			source: "startup",
			model: "claude",
		},
		UserPromptSubmit: {
			session_id,
			transcript_path: join(cwd, "t.jsonl"),
			cwd,
			permission_mode: "default",
			hook_event_name: "UserPromptSubmit",
			prompt: "Where is the staging server?",
		},
		PreCompact: {
			session_id,
			cwd,
			hook_event_name: "PreCompact",
			trigger: "manual",
			custom_instructions: "",
		},
		Stop: { session_id, cwd, hook_event_name: "Stop", stop_hook_active: false },
		SessionEnd: { session_id, cwd, hook_event_name: "SessionEnd", reason: "clear" },
	}),
	codex: (session_id, cwd) => ({
		SessionStart: {
			session_id,
			cwd,
			hook_event_name: "SessionStart",
			model: "gpt",
			permission_mode: "default",
			source: "startup",
			transcript_path: null,
		},
		UserPromptSubmit: {
			session_id,
			turn_id: "1",
			cwd,
			hook_event_name: "UserPromptSubmit",
			prompt: "Where is the staging server?",
			transcript_path: null,
		},
		PreCompact: { session_id, cwd, hook_event_name: "PreCompact", trigger: "auto" },
		Stop: { session_id, cwd, hook_event_name: "Stop", stop_hook_active: true },
	}),
	gemini: (session_id, cwd) => ({
		SessionStart: {
			session_id,
			transcript_path: join(cwd, "t.json"),
			cwd,
			hook_event_name: "SessionStart",
			timestamp: "2026-11-20T10:00:00Z",
			source: "startup",
		},
		BeforeAgent: {
			session_id,
			cwd,
			hook_event_name: "BeforeAgent",
			timestamp: "2026-11-20T10:00:00Z",
			prompt: "Where is the staging server?",
		},
		PreCompress: { session_id, cwd, hook_event_name: "PreCompress", trigger: "auto" },
		AfterAgent: { session_id, cwd, hook_event_name: "AfterAgent", prompt: "x", prompt_response: "y" },
		SessionEnd: { session_id, cwd, hook_event_name: "SessionEnd", reason: "exit" },
	}),
	cursor: (conversation_id, folder) => ({
		sessionStart: {
			conversation_id,
			hook_event_name: "sessionStart",
			workspace_roots: [folder],
			is_background_agent: false,
		},
		beforeSubmitPrompt: {
			conversation_id,
			generation_id: "1",
			prompt: "Where is the staging server?",
			attachments: [],
			hook_event_name: "beforeSubmitPrompt",
			workspace_roots: [folder],
		},
		preCompact: {
			conversation_id,
			hook_event_name: "preCompact",
			workspace_roots: [folder],
			trigger: "auto",
		},
		stop: { conversation_id, hook_event_name: "stop", status: "completed", workspace_roots: [folder] },
		sessionEnd: {
			conversation_id,
			hook_event_name: "sessionEnd",
			workspace_roots: [folder],
			reason: "completed",
		},
	}),
	vscode: (session_id, cwd) => ({
		SessionStart: {
			timestamp: "2026-11-20T10:00:00.000Z",
			hook_event_name: "SessionStart",
			session_id,
			transcript_path: join(cwd, "t.json"),
			cwd,
			source: "new",
		},
		UserPromptSubmit: {
			timestamp: "2026-11-20T10:00:00.000Z",
			hook_event_name: "UserPromptSubmit",
			session_id,
			transcript_path: join(cwd, "t.json"),
			cwd,
			prompt: "Where is the staging server?",
		},
		PreCompact: {
			timestamp: "2026-11-20T10:00:00.000Z",
			hook_event_name: "PreCompact",
			session_id,
			cwd,
			trigger: "auto",
		},
		Stop: {
			timestamp: "2026-11-20T10:00:00.000Z",
			hook_event_name: "Stop",
			session_id,
			cwd,
			stop_hook_active: false,
		},
	}),
};

/** The context, in exactly the form that the client takes. */
function contextIn(client: string, event: string, stdout: string): string {
	const answer = JSON.parse(stdout) as Record<string, unknown>;
	const nested = answer.hookSpecificOutput as { additionalContext: string } | undefined;
	const context = (answer.additionalContext ??
		answer.additional_context ??
		nested?.additionalContext) as string;
	const inner = { hookSpecificOutput: { hookEventName: event, additionalContext: context } };
	const forms: Readonly<Record<string, object>> = {
		copilot: { additionalContext: context, ...inner },
		vscode: { additionalContext: context, ...inner },
		cursor: { additional_context: context },
	};
	assert.deepEqual(answer, forms[client] ?? inner);
	return context;
}

/** The version of a database's schema, and how to set it. */
function schemaVersionOf(file: string): readonly [version: string, set: (version: string) => void] {
	const within = <T>(work: (database: DatabaseSync) => T) => {
		const database = new DatabaseSync(file);
		const result = work(database);
		database.close();
		return result;
	};
	const row = within((database) => database.prepare("PRAGMA user_version").get());
	return [
		String(row?.user_version),
		(version) => within((database) => database.exec(`PRAGMA user_version = ${version}`)),
	];
}

const silent = ({ code, stdout, stderr }: Ran) => assert.deepEqual([code, stdout, stderr], [0, "", ""]);
const start = JSON.stringify({ session_id: "s", source: "startup" });

describe("mcp-mem0 hook", function () {
	this.timeout(60_000);
	let shared: Machine;
	before(async () => {
		shared = await machine();
	});

	for (const [client, of] of Object.entries(inputs))
		for (const event of Object.keys(of("", "")))
			it(`answers ${event} of ${client} in its form, or with nothing`, async () => {
				const { hook, answered, repository } = shared;
				const input = JSON.stringify(of(`${client} ${event}`, repository)[event]);
				const call = [["--client", client, event], input] as const;
				if (!/start|submit|beforeagent/i.test(event)) return silent(await hook(...call));
				const ran = await answered(...call);
				assert.deepEqual([ran.code, ran.stderr], [0, ""]);
				const context = contextIn(client, event, ran.stdout.trim());
				const [decision, server] = [/PostgreSQL/, /staging\.example\.com/];
				assert.match(context, server);
				if (/start/i.test(event)) assert.match(context, decision);
				else assert.doesNotMatch(context, decision);
				// What any code page of a console leaves as it is.
				assert.match(ran.stdout, /^[ -~]+\n$/);
				return undefined;
			});

	it("tells a session nothing twice, until the model has lost it", async () => {
		const { hook, answered, repository } = shared;
		const call = (event: string, more: object) => {
			const input = { session_id: "twice", cwd: repository, prompt: "Where is the staging server?", ...more };
			return [["--client", "claude", event], JSON.stringify(input)] as const;
		};
		const says = async (event: string, more: object = {}) => (await hook(...call(event, more))).stdout;
		const tells = async (event: string, more: object = {}) => (await answered(...call(event, more))).stdout;
		assert.match(await tells("SessionStart", { source: "startup" }), /staging\.example/);
		assert.equal(await says("UserPromptSubmit"), "", "the brief has said it");
		assert.equal(await says("SessionStart", { source: "resume" }), "");
		assert.match(await tells("UserPromptSubmit", { session_id: "another" }), /staging\.example/);
		const brief = await tells("SessionStart", { session_id: "another", source: "new" });
		assert.match(brief, /tabs/);
		assert.doesNotMatch(
			brief,
			/staging/,
			"Copilot's runtime asks about the first prompt before it starts the session",
		);
		assert.match(await tells("SessionStart", { source: "compact" }), /staging\.example/);
		assert.equal(await says("UserPromptSubmit"), "");
		await says("PreCompact");
		assert.match(await tells("UserPromptSubmit"), /staging\.example/);
		assert.equal(await says("UserPromptSubmit"), "");
		await says("SessionEnd");
		assert.equal(await says("UserPromptSubmit"), "", "Copilot's runtime ends a session after each turn");
	});

	it("keeps of a session which memories it was told, for the user's eyes only, and no text", async () => {
		const { answered, memory } = await machine();
		await answered(["--client", "claude", "SessionStart"], start);
		const folder = join(memory, "sessions");
		const [name = ""] = readdirSync(folder);
		assert.doesNotMatch(name + readFileSync(join(folder, name), "utf8"), /tabs|staging|"s"/);
		if (process.platform !== "win32") assert.equal(statSync(join(folder, name)).mode & 0o077, 0);
	});

	it("takes whatever it is given, and says nothing", async () => {
		const { hook, answered, repository } = shared;
		const given: readonly (string | Buffer)[] = [
			"",
			" ",
			"null",
			"[]",
			'"text"',
			"{",
			"not JSON",
			Buffer.from([0, 255, 254, 1]),
			"[".repeat(200_000),
			JSON.stringify({ session_id: {}, cwd: [], prompt: 7, source: null }),
			JSON.stringify({ session_id: "x".repeat(100_000), cwd: "\0", prompt: "\0" }),
			JSON.stringify({ prompt: ["Where is the staging server?"], cwd: repository }),
			JSON.stringify({ prompt: "x".repeat(17_000_000) }),
		];
		for (const input of given) silent(await hook(["--client", "claude", "UserPromptSubmit"], input));
		const more = ["\\\\server\\share", "//server/share", "relative/../..", "/", "/proc/self/fd/0/x"];
		for (const cwd of more) {
			const input = JSON.stringify({ cwd, prompt: "Where is the staging server?" });
			const { code, stdout, stderr } = await answered(["--client", "claude", "UserPromptSubmit"], input);
			assert.deepEqual([code, stderr], [0, ""]);
			assert.match(stdout, /staging\.example/, cwd);
		}
	});

	it("takes any command line, and says nothing", async () => {
		const { hook } = shared;
		for (const args of [
			[],
			["SessionStart"],
			["--client"],
			["--client", "claude"],
			["--client", "emacs", "SessionStart"],
			["--client", "__proto__", "SessionStart"],
			["--client", "claude", "constructor"],
			["--client", "claude", "PostToolUse"],
			["--nonsense", "--client", "claude", "Notification"],
		])
			silent(await hook(args, start));
		silent(await hook(["--client", "claude", "SessionStart", "--env", "/no/such/file"], start));
		silent(await hook(["--client", "claude", "SessionStart"], start, { env: { BRIEF_TOKENS: "0" } }));
		silent(await hook(["--client", "claude", "SessionStart"], start, { env: { PORT: "none" } }));
	});

	it("reads an input that is large, begins with a byte order mark, or whose end is left open", async () => {
		const { hook, answered, repository: cwd } = shared;
		const prompt = `Where is the staging server?\n${"at x (y.js:1:1)\n".repeat(200_000)}`;
		const args = ["--client", "codex", "UserPromptSubmit"];
		assert.match((await answered(args, JSON.stringify({ cwd, prompt }))).stdout, /staging\.example/);
		const short = JSON.stringify({ cwd, prompt: "Where is the staging server?" });
		assert.match((await answered(args, `\uFEFF${short}\r\n`)).stdout, /staging\.example/);
		assert.match((await answered(args, short, { open: true })).stdout, /staging\.example/);
		silent(await hook(args, "{", { open: true }));
	});

	it("makes nothing where there is no memory yet", async () => {
		const { hook } = shared;
		const memory = join(temporaryFolder(), "none");
		for (const event of ["SessionStart", "UserPromptSubmit", "PreCompact", "SessionEnd"]) {
			const input = JSON.stringify({ session_id: "s", prompt: "Where is the staging server?" });
			silent(await hook(["--client", "claude", event], input, { env: { MEMORY_DIR: memory } }));
		}
		assert.throws(() => statSync(memory), { code: "ENOENT" });
	});

	it("leaves a damaged database, one of another version, and one that is locked, as they are", async () => {
		const { hook, answered, memory } = await machine();
		const file = join(memory, "memory.db");
		const input = JSON.stringify({ prompt: "Where is the staging server?" });
		const ask = (event = "UserPromptSubmit") => hook(["--client", "claude", event], input);
		assert.match((await answered(["--client", "claude", "UserPromptSubmit"], input)).stdout, /staging/);
		const files = () =>
			readdirSync(memory).filter((name) => name !== "sessions" && !/-(wal|shm)$/.test(name));
		const before = files();

		const lock = new DatabaseSync(file);
		lock.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
		for (const event of ["SessionStart", "UserPromptSubmit"]) silent(await ask(event));
		lock.exec("ROLLBACK; PRAGMA user_version = 9999");
		lock.close();
		for (const event of ["SessionStart", "UserPromptSubmit"]) silent(await ask(event));
		const older = new DatabaseSync(file);
		older.exec("PRAGMA user_version = 3");
		older.close();
		silent(await ask());

		truncateSync(file, 20_000);
		for (const event of ["SessionStart", "UserPromptSubmit"]) silent(await ask(event));
		writeFileSync(file, "not a database ".repeat(1000));
		for (const event of ["SessionStart", "UserPromptSubmit"]) silent(await ask(event));
		assert.deepEqual(files(), before);
	});

	it("goes by words when an embedding endpoint hangs", async () => {
		const hanging = createServer(() => undefined).listen(0, "127.0.0.1");
		await new Promise((listening) => hanging.once("listening", listening));
		try {
			const { port } = hanging.address() as AddressInfo;
			const { answered } = shared;
			const env = { EMBEDDING_PROVIDER: "openai", EMBEDDING_BASE_URL: `http://127.0.0.1:${port}/v1` };
			const input = JSON.stringify({ prompt: "Where is the staging server?" });
			const ran = await answered(["--client", "claude", "UserPromptSubmit"], input, { env });
			assert.match(ran.stdout, /staging\.example/);
		} finally {
			hanging.closeAllConnections();
			hanging.close();
		}
	});

	it("is answered by a server that runs, for the same user only, and goes on when that one hangs or dies", async () => {
		const { hook, answered, memory, repository } = await machine();
		const [version, setVersion] = schemaVersionOf(join(memory, "memory.db"));
		const client = await stdioClient({ MEMORY_DIR: memory, DEFAULT_USER_ID: "ada" }, repository);
		const input = JSON.stringify({ cwd: repository, prompt: "Where is the staging server?" });
		const call = [["--client", "claude", "UserPromptSubmit"], input] as const;
		const ask = (env: Readonly<Record<string, string>> = {}) => hook(...call, { env });
		const lenders = () => readdirSync(memory).filter((name) => /^lender-\d+\.json$/.test(name));
		// A server lends its memory once it is open, which no client waits for.
		const lending = async (isThere: (name: string) => boolean) => {
			while (!lenders().some(isThere)) await sleep(20);
			return lenders();
		};
		try {
			const [lender = ""] = await lending(() => true);
			if (process.platform !== "win32") assert.equal(statSync(join(memory, lender)).mode & 0o077, 0);
			// The hook does not open such a database by itself; the server has it open already.
			setVersion("9999");
			await client.call("search_memories", { query: "Where is the staging server?" });
			assert.match((await answered(...call)).stdout, /staging\.example/);
			silent(await ask({ DEFAULT_USER_ID: "bob" }));
			const pid = Number(/\d+/.exec(lender)?.[0]);
			process.kill(pid, "SIGSTOP");
			silent(await ask());
			process.kill(pid, "SIGKILL");
			silent(await ask());
			assert.deepEqual(lenders(), [lender], "left behind by the one that was killed");
		} finally {
			await client.close();
		}
		setVersion(version);
		assert.match((await answered(...call)).stdout, /staging\.example/);
		const left = lenders();
		const next = await stdioClient({ MEMORY_DIR: memory, DEFAULT_USER_ID: "ada" }, repository);
		const lent = await lending((name) => !left.includes(name));
		assert.equal(lent.length, 1, "the next one has taken it away");
		await next.close();
		assert.deepEqual(lenders(), []);
	});

	it("does not pass on what a process answers that is no answer", async function () {
		if (process.platform === "win32") this.skip();
		const { answered, memory, repository } = await machine();
		const socket = join(temporaryFolder(), "s");
		const input = JSON.stringify({ cwd: repository, prompt: "Where is the staging server?" });
		let body = "";
		const liar = createServer((_, response) => response.end(body));
		await new Promise<void>((done) => liar.listen(socket, done));
		// Of a process that is there, so that nobody takes it away.
		const file = join(memory, `lender-${process.pid}.json`);
		writeFileSync(file, JSON.stringify({ socket, secret: "s" }));
		try {
			const long = JSON.stringify({ told: { text: "x".repeat(1e6), keys: [] } });
			for (body of ["[]", '{"told":5}', '{"told":{"text":5,"keys":[]}}', '{"told":{"text":"LIE"}}', long])
				assert.match(
					(await answered(["--client", "claude", "UserPromptSubmit"], input)).stdout,
					/staging\.example/,
					body.slice(0, 40),
				);
		} finally {
			liar.closeAllConnections();
			liar.close();
		}
	});

	it("killed at any moment leaves nothing behind that disturbs the next", async () => {
		const { memory, env, folder, answered } = await machine();
		for (const wait of [5, 40, 80, 120, 200]) {
			const child = spawn(process.execPath, [serverFile, "hook", "--client", "claude", "SessionStart"], {
				cwd: folder,
				env,
			});
			child.stdin.on("error", () => undefined);
			child.stdin.end(start);
			setTimeout(() => child.kill("SIGKILL"), wait);
			await new Promise((closed) => child.once("close", closed));
		}
		// One of those that were killed may have told the session "s" before.
		const other = JSON.stringify({ session_id: "t", source: "startup" });
		assert.match((await answered(["--client", "claude", "SessionStart"], other)).stdout, /staging/);
		assert.ok(statSync(join(memory, "memory.db")).size > 0);
	});

	it("finds one among 100,000", async function () {
		this.timeout(300_000);
		const { memory, hook, answered } = await machine();
		const { store } = await openStore(memory);
		for (let start = 0; start < 100_000; start += 10_000)
			await store.saves.addAll(
				Array.from({ length: 10_000 }, (_, index) =>
					newMemory(`Host db${start + index} is in rack ${index % 97}, and was bought in ${index % 30}.`),
				),
			);
		await store.close();
		const input = JSON.stringify({ prompt: "Where is the staging server?" });
		assert.match(
			(await answered(["--client", "claude", "UserPromptSubmit"], input)).stdout,
			/staging\.example/,
		);
		assert.match((await answered(["--client", "claude", "SessionStart"], start)).stdout, /db99\d\d\d /);
		// Words that very many hold.
		const common = await hook(
			["--client", "claude", "UserPromptSubmit"],
			'{"prompt": "host is in rack, and was bought in"}',
		);
		assert.deepEqual([common.code, common.stderr], [0, ""]);
		// One that read them all would take many times as long.
		assert.ok(common.duration < 10_000, `${common.duration} ms`);
	});

	it("has a help that says what it is for", async () => {
		const { run, answered, write } = shared;
		assert.match((await run("hook", "--help")).stdout, /Usage: mcp-mem0 hook EVENT/);
		// The file is in the working directory.
		write("own.env", ["BRIEF_TOKENS=0"]);
		silent(await shared.hook(["--client", "claude", "SessionStart", "--env", "own.env"], start));
		assert.match((await answered(["--client", "claude", "SessionStart"], start)).stdout, /staging/);
	});
});
