import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { stdioClient } from "../../support/fixtures/mcpClient.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";
import { OpenAiServer } from "../../support/openaiServer/server.ts";

const secret = "sk-planted-4711";

/** A home, a working directory and a memory of their own, and a server that somebody else's file names. */
async function place(variables: Readonly<Record<string, string>> = {}) {
	const server = await OpenAiServer.start();
	const [home, cwd, memory] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
	const { PATH = "", SystemRoot = "" } = process.env;
	const config = join(home, "config");
	const fixed = { PATH, SystemRoot, HOME: home, USERPROFILE: home, XDG_CONFIG_HOME: config, APPDATA: config };
	const env = { ...fixed, MEMORY_DIR: memory, DEFAULT_USER_ID: "ada", ...variables };
	const run = (...args: readonly string[]) =>
		new Promise<{ code: unknown; said: string }>((done) => {
			execFile(process.execPath, [serverFile, ...args], { cwd, env }, (error, stdout, stderr) =>
				done({ code: error ? error.code : 0, said: `${stdout}${stderr}` }),
			);
		});
	const write = (name: string, lines: readonly string[], folder = cwd) => {
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
	};
	const lines = [
		"LLM_PROVIDER=openai",
		`LLM_BASE_URL=${server.baseUrl}`,
		"LLM_CHOICE=test-chat",
		"EMBEDDING_MODEL_CHOICE=test-embed",
	];
	return { server, cwd, env, config, run, write, lines };
}

describe("Where the command line takes its configuration from", () => {
	before(warmUp);

	it("is never the working directory, with any command, and each names the file there", async () => {
		const { server, cwd, run, write, lines, env } = await place({ A_SECRET: secret });
		const hostile = ["TRANSPORT=http", "HOST=0.0.0.0", "AUTH_TOKEN=x", `MEMORY_DIR=${join(cwd, "theirs")}`];
		write(".env", [...lines, 'LLM_HEADERS={"X": "${env:A_SECRET}"}', ...hostile]);
		write("facts.jsonl", ['{"text": "Ada deploys on Fridays"}']);
		try {
			for (const args of [
				["import", "facts.jsonl"],
				["export"],
				["search", "Ada"],
				["reembed"],
				["doctor"],
			]) {
				const { said } = await run(...args);
				assert.match(said, /\.env is not read[\s\S]*--env \.env/, args.join(" "));
				assert.ok(!said.includes(secret));
			}
			const client = await stdioClient(env, cwd);
			await client.call("save_memory", { text: "Bob deploys on Mondays" });
			const { content } = await client.call<{ notices: string[] }>("memory_status");
			assert.match(content.notices.join(), /\.env is not read/);
			await client.close();
			assert.match(client.log(), /\.env is not read/);
			assert.deepEqual(server.requests, []);
			assert.deepEqual(readdirSync(cwd).sort(), [".env", "facts.jsonl"]);
		} finally {
			await server.close();
		}
	}).timeout(60_000);

	it("is the file that is named, by --env, --env-file or MCP_MEM0_ENV_FILE, or .env in the own folder", async () => {
		const { server, env, config, run, write, lines, cwd } = await place();
		const all = [...lines, `LLM_API_KEY=${secret}#1`];
		write("my.env", all);
		write(
			".env",
			all,
			process.platform === "win32" ? join(config, "mcp-mem0", "Config") : join(config, "mcp-mem0"),
		);
		try {
			for (const args of [["--env", "my.env"], ["--env-file", "my.env"], []]) {
				const { said } = await run("doctor", "--json", ...args);
				const key = server.requests.at(-1)?.headers.authorization;
				assert.equal(key, `Bearer ${secret}#1`, `${args.join(" ")} ${said}`);
				assert.ok(!said.includes(secret));
			}
			const { said } = await run("distill", "--env", "my.env");
			assert.match(said, /No saves wait for another endpoint/);
			const byNode = await stdioClient(env, cwd, ["--env-file=my.env"]);
			assert.match(byNode.log(), /Read .*my\.env/);
			await byNode.close();
			const client = await stdioClient({ ...env, MCP_MEM0_ENV_FILE: join(cwd, "my.env") }, cwd);
			assert.match(client.log(), /Read .*my\.env/);
			await client.close();
		} finally {
			await server.close();
		}
	}).timeout(60_000);

	it("opens the memory whatever is wrong with an endpoint, and says so", async () => {
		const { server, cwd, env, run } = await place({
			LLM_PROVIDER: "openai",
			LLM_CHOICE: "test-chat",
			LLM_API_KEY: "sk-pl…nted",
		});
		try {
			const given = { ...env, LLM_BASE_URL: server.baseUrl };
			const client = await stdioClient(given, cwd);
			const { content } = await client.call("save_memory", { text: "Ada deploys on Fridays" });
			assert.equal(content.mode, "verbatim");
			assert.match(String(content.note), /LLM_API_KEY.*U\+2026 is at position 6/);
			await client.close();
			assert.match(client.log(), /are not set up\. LLM_API_KEY/);
			const { code, said } = await run("search", "Ada");
			assert.equal(code, 0);
			assert.match(said, /Ada deploys on Fridays/);
			assert.deepEqual(server.requests, []);
		} finally {
			await server.close();
		}
	}).timeout(60_000);

	it("says at start which saves wait for the host of an earlier configuration", async () => {
		const { server, cwd, env, run } = await place({
			LLM_PROVIDER: "openai",
			LLM_CHOICE: "test-chat",
			EMBEDDING_PROVIDER: "builtin",
		});
		try {
			const first = await stdioClient({ ...env, LLM_BASE_URL: "http://127.0.0.1:9/v1" }, cwd);
			await first.call("save_memory", { text: "Ada deploys on Fridays" });
			await first.close();
			const now = { ...env, LLM_BASE_URL: server.baseUrl };
			const second = await stdioClient(now, cwd);
			await second.close();
			assert.match(
				second.log(),
				/1 save waits to be distilled at http:\/\/127\.0\.0\.1:9,.*mcp-mem0 distill/,
			);
			assert.deepEqual(server.requests, []);
			Object.assign(env, now, { LLM_BASE_URL: "http://127.0.0.1:10/v1" });
			const { said } = await run("distill");
			assert.match(said, /1 save now goes to test-chat at http:\/\/127\.0\.0\.1:10\/v1\. 1 still pending/);
			assert.match(said, /Unfinished work is left for later: .*127\.0\.0\.1:10/);
			Object.assign(env, now);
			assert.match((await run("distill")).said, /1 save now goes to test-chat at/);
			assert.ok(server.requests.length > 0);
		} finally {
			await server.close();
		}
	}).timeout(60_000);

	it("tells of each line that is not read, in the doctor's report", async () => {
		const { server, run, write } = await place();
		write("my.env", [
			"LLM_PROVIDER=openai",
			`LLM_BASEURL=${server.baseUrl}`,
			`LLM_API_KEY=${secret}`,
			secret,
		]);
		try {
			const { code, said } = await run("doctor", "--env", "my.env");
			assert.equal(code, 2);
			assert.match(said, /LLM_BASEURL in line 2 of .*my\.env is not read/);
			assert.match(said, /→ Write LLM_BASE_URL=… in line 2/);
			assert.match(said, /Line 4 of .*my\.env is not read/);
			assert.ok(!said.includes(secret));
		} finally {
			await server.close();
		}
	}).timeout(60_000);

	for (const name of ["${workspaceFolder}", "%APPDATA%/x", "~nobody", "$NOT_THERE/x"])
		it(`refuses MEMORY_DIR=${name}, and makes no folder of that name`, async () => {
			const { server, cwd, run } = await place({ MEMORY_DIR: name });
			await server.close();
			const { code, said } = await run("search", "x");
			assert.equal(code, 1);
			assert.match(said, /MEMORY_DIR=.* is not a path that can be used/);
			assert.deepEqual(readdirSync(cwd), []);
			assert.ok(!existsSync(join(cwd, name)));
		});
});
