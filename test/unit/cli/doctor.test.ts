import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../../../src/doctor/report.ts";
import { secret, withWorkbench } from "../../support/fixtures/brokenSetups.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { teamServer } from "../../support/fixtures/teamServer.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";

/** Runs `mcp-mem0 doctor` in a folder of its own, with variables in the environment or in `mem0.env`. */
async function doctor(
	variables: Readonly<Record<string, string>>,
	args: readonly string[] = [],
	envFile?: string,
): Promise<{ code: unknown; stdout: string; stderr: string }> {
	const folder = temporaryFolder();
	if (envFile !== undefined) writeFileSync(join(folder, "mem0.env"), envFile);
	const { PATH, SystemRoot, TMPDIR } = process.env;
	const env = { PATH, SystemRoot, TMPDIR, HOME: folder, MEMORY_DIR: join(folder, "memory"), ...variables };
	return new Promise((done) => {
		execFile(
			process.execPath,
			[serverFile, "doctor", ...args],
			{ cwd: folder, env },
			(error, stdout, stderr) => done({ code: error ? error.code : 0, stdout, stderr }),
		);
	});
}

describe("mcp-mem0 doctor", () => {
	before(warmUp);

	const of = (baseUrl: string) => ({
		LLM_PROVIDER: "openai",
		LLM_BASE_URL: baseUrl,
		LLM_API_KEY: secret,
		LLM_CHOICE: "test-chat",
		EMBEDDING_MODEL_CHOICE: "test-embed",
	});

	it("ends with 0 when everything works, the MCP server and a round trip included", () =>
		withWorkbench(async (bench) => {
			const { baseUrl } = await bench.server({ apiKey: secret, contextLength: 32_768 });
			const { code, stdout } = await doctor(of(baseUrl));
			assert.equal(code, 0, stdout);
			assert.match(stdout, /^Everything works\.\n\d+ ok/);
			assert.match(stdout, /A probe memory was saved/);
			assert.match(stdout, /A client got 6 tools/);
		}));

	it("checks the team's server that has the memory, in the place of endpoints and database", async () => {
		const server = await teamServer(["ada"]);
		try {
			const token = server.tokenOf("ada");
			const variables = { TEAM_SERVER_URL: server.url, TEAM_SERVER_TOKEN: token };
			const { code, stdout } = await doctor(variables);
			assert.equal(code, 0, stdout);
			assert.match(stdout, /The server knows you as ada\./);
			assert.match(stdout, /A probe memory was saved \(kept word for word\)/);
			assert.match(stdout, /A client got 6 tools/);
			const refused = await doctor({ ...variables, TEAM_SERVER_TOKEN: `${token}x` });
			assert.equal(refused.code, 2, refused.stdout);
			assert.match(refused.stdout, /Enter the token for http:\/\/127\.0\.0\.1:\d+: TEAM_SERVER_TOKEN=…/);
			assert.ok(!refused.stdout.includes(token));
		} finally {
			await server.stop();
		}
	});

	it("checks the agents that are connected, and says how to mend what is broken", async () => {
		const home = temporaryFolder();
		const run = (...args: readonly string[]) =>
			new Promise<{ code: unknown; stdout: string }>((done) => {
				const { PATH, SystemRoot } = process.env;
				const env = { PATH, SystemRoot, HOME: home, USERPROFILE: home, APPDATA: home };
				execFile(process.execPath, [serverFile, ...args], { cwd: home, env }, (error, stdout) =>
					done({ code: error ? error.code : 0, stdout }),
				);
			});
		await run("connect", "copilot", "--yes");
		const well = await run("doctor");
		assert.equal(well.code, 0, well.stdout);
		assert.match(well.stdout, /Agents\n {2}ok +Connected agents: On this machine: Copilot/);
		assert.match(well.stdout, /Copilot \(Agent Host and CLI\): memory: The same as here/);
		const file = join(home, ".copilot", "mcp-config.json");
		writeFileSync(file, readFileSync(file, "utf8").replace('"never"', '"auto"'));
		const ill = await run("doctor");
		assert.equal(ill.code, 1, ill.stdout);
		assert.match(ill.stdout, /→ Connect Copilot \(Agent Host and CLI\) again: mcp-mem0 connect copilot$/m);
		const { findings } = JSON.parse((await run("doctor", "--json")).stdout) as Report;
		assert.equal(findings.find(({ id }) => id === "agents.toolSearch@copilot")?.status, "warning");
	});

	it("ends with 1 for warnings, and says what to do", () =>
		withWorkbench(async (bench) => {
			const { baseUrl } = await bench.server({ contextLength: 8192, family: "vllm" });
			const { code, stdout } = await doctor(of(baseUrl));
			assert.equal(code, 1, stdout);
			assert.match(stdout, /warning .*Context length: The server's context has 8,192 tokens\./);
			assert.match(stdout, /→ Start vLLM with --max-model-len/);
		}));

	it("ends with 2 for failures, in JSON for a program to read, and without the key", () =>
		withWorkbench(async (bench) => {
			const { baseUrl } = await bench.server({ apiKey: "sk-another" });
			const { code, stdout, stderr } = await doctor(of(baseUrl), ["--json"]);
			assert.equal(code, 2, stdout);
			const { findings } = JSON.parse(stdout) as Report;
			assert.equal(findings.find(({ status }) => status === "failed")?.id, "chat.auth");
			assert.ok(!`${stdout}${stderr}`.includes(secret));
		}));

	it("takes settings that are not valid for a finding, from a .env file too", async () => {
		const { code, stdout, stderr } = await doctor({}, ["--env", "mem0.env"], "LLM_PROVIDER=opennai\n");
		assert.equal(code, 2, stderr);
		assert.match(stdout, /LLM_PROVIDER="opennai" is not valid/);
		assert.match(stdout, /→ Set LLM_PROVIDER to openai: LLM_PROVIDER=openai/);
	});

	it("refuses options that are another command's", async () => {
		const { code, stderr } = await doctor({}, ["--limit", "3"]);
		assert.equal(code, 64);
		assert.match(stderr, /doctor does not take --limit/);
	});
});
