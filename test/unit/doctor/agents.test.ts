import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { apply } from "../../../src/agents/change.ts";
import type { Own } from "../../../src/agents/checks/connection.ts";
import { ownOf } from "../../../src/agents/checks/own.ts";
import { examineAgents } from "../../../src/agents/checks/registry.ts";
import type { Places, ServerEntry } from "../../../src/agents/client.ts";
import { clients } from "../../../src/agents/clients/index.ts";
import { planConnect } from "../../../src/agents/connections.ts";
import { hasHooks, planHooks } from "../../../src/agents/hooks/hookFiles.ts";
import { launcherIn, writeLauncher } from "../../../src/agents/launcher.ts";
import { tryReadConfig } from "../../../src/config/config.ts";
import { createFindings } from "../../../src/doctor/findings.ts";
import type { Finding } from "../../../src/doctor/report.ts";
import { askServer } from "../../../src/mcp/selfCheck.ts";
import { openConfiguredStore } from "../../../src/store/stores.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** A machine of its own, with a launcher and a memory. */
async function machine() {
	const home = temporaryFolder();
	const memoryDir = join(home, "memory");
	const launcher = join(home, "launcher");
	await writeLauncher(serverFile, launcher);
	const places: Places = { platform: process.platform, home, env: { APPDATA: home }, cwd: home };
	const entry: ServerEntry = {
		command: process.execPath,
		args: [launcherIn(launcher)],
		env: { MEMORY_DIR: memoryDir, DEFAULT_USER_ID: "ada" },
	};
	const fileOf = (id: string) => clientOf(id).file(places);
	const connect = async (id: string, more: Partial<ServerEntry> = {}) =>
		apply(await planConnect(clientOf(id), places, { ...entry, ...more }));
	const edit = (id: string, change: (text: string) => string) =>
		writeFileSync(fileOf(id), change(readFileSync(fileOf(id), "utf8")));
	const examine = async (more: Partial<Own> = {}) => {
		const findings = createFindings((text) => text);
		const config = tryReadConfig({ MEMORY_DIR: memoryDir, DEFAULT_USER_ID: "ada" });
		const own = { ...ownOf(config, version, entry, places), ...more };
		await examineAgents(places, own, askServer, findings, AbortSignal.timeout(60_000));
		return findings.all;
	};
	return { home, memoryDir, places, launcher, entry, fileOf, connect, edit, examine };
}

function clientOf(id: string) {
	const client = clients.find((each) => each.id === id);
	assert.ok(client, id);
	return client;
}

const ill = (findings: readonly Finding[]) =>
	findings.filter(({ status }) => status === "failed" || status === "warning");

/** The only finding that is not well. */
function theIllness(findings: readonly Finding[]): Finding {
	const [finding, ...more] = ill(findings);
	assert.ok(finding, JSON.stringify(findings, undefined, 1));
	assert.deepEqual(more, []);
	assert.ok(finding.cause, "it says why");
	assert.ok(finding.fixes.length > 0, "and what to do");
	return finding;
}

describe("The Doctor, of the user's agents", function () {
	this.timeout(60_000);

	it("finds every client well that was connected here, whatever the form of its file", async () => {
		const { connect, examine } = await machine();
		const connected = clients.filter(({ onlyWhenNamed }) => !onlyWhenNamed);
		for (const { id } of connected) await connect(id);
		const findings = await examine();
		assert.deepEqual(ill(findings), []);
		for (const { id } of connected)
			assert.deepEqual(
				findings
					.filter(({ id: each }) => each.endsWith(`@${id}`))
					.map(({ id: each }) => each.split(/[.@]/)[1]),
				[
					"entry",
					"duplicates",
					...(/^(copilot|claude)$/.test(id) ? ["toolSearch"] : []),
					"program",
					"server",
					"memory",
					...(/^(copilot|claude|cursor|codex|gemini)$/.test(id) ? ["hooks"] : []),
					"use",
				],
				id,
			);
	});

	it("says which are connected, which are not, and on which machine", async () => {
		const { home, connect, examine } = await machine();
		mkdirSync(join(home, ".cursor"));
		const [none] = await examine();
		assert.equal(none?.status, "skipped");
		assert.match(none?.seen ?? "", /None on this machine\. Not connected: Cursor/);
		await connect("codex");
		const [some] = await examine({ side: "WSL (Ubuntu)", elsewhere: "Windows" });
		assert.equal(
			some?.seen,
			"On WSL (Ubuntu): Codex. Not connected: Cursor (mcp-mem0 connect). Those of Windows have files of their own: run mcp-mem0 doctor there.",
		);
	});

	it("says when each last read and wrote, under the name it gives itself", async () => {
		const { connect, examine, memoryDir } = await machine();
		for (const id of ["copilot", "claude", "claude-desktop", "cursor"]) await connect(id);
		const { store } = await openConfiguredStore({ memoryDir }, { chat: undefined, embedding: undefined });
		const at = Date.now() - 3 * 86_400_000;
		await store.usage.record([
			{ userId: "ada", client: "copilot-cli", what: "searched", at },
			{ userId: "ada", client: "copilot-cli", what: "saved", at: at + 86_400_000 },
			{ userId: "ada", client: "claude-ai", what: "searched", at },
			{ userId: "grace", client: "cursor", what: "searched", at },
		]);
		await store.close();
		const found = await examine();
		const seen = (id: string) => found.find((each) => each.id === `agents.use@${id}`)?.seen;
		assert.equal(
			seen("copilot"),
			"Copilot (Agent Host and CLI) last read 3 days ago, last wrote 2 days ago.",
		);
		assert.match(seen("claude") ?? "", /has not used the memory yet/);
		assert.equal(seen("claude-desktop"), "Claude Desktop last read 3 days ago, never wrote.");
		assert.match(seen("cursor") ?? "", /has not used the memory yet/);
	});

	it("knows by the environment that it runs in WSL", () => {
		const config = tryReadConfig({});
		const { side, elsewhere } = ownOf(
			config,
			version,
			{ command: "node", args: [], env: {} },
			{ env: { WSL_DISTRO_NAME: "Ubuntu" } },
		);
		assert.deepEqual([side, elsewhere], ["WSL (Ubuntu)", "Windows"]);
	});

	it("names the line of a file that cannot be parsed, and opens it there", async () => {
		const { connect, edit, fileOf, examine } = await machine();
		await connect("copilot");
		edit("copilot", (text) => text.replace('"args": [', '"args": '));
		const { id, status, seen, fixes } = theIllness(await examine());
		assert.equal(id, "agents.entry@copilot");
		assert.equal(status, "failed");
		assert.match(seen, /mcp-config\.json, line \d+: not valid JSON/);
		const [fix] = fixes;
		assert.ok(fix?.kind === "open-file" && fix.file === fileOf("copilot") && (fix.line ?? 0) > 4);
	});

	it("leaves alone, and names, a server of our name that is not ours", async () => {
		const { fileOf, examine } = await machine();
		mkdirSync(dirname(fileOf("cursor")));
		writeFileSync(fileOf("cursor"), '{"mcpServers":{"mcp-mem0":{"command":"uvx","args":["mem0-python"]}}}');
		assert.match(theIllness(await examine()).seen, /starts another program/);
	});

	it("starts nothing that a folder's own file names, except what connect would write there", async () => {
		const { home, entry, fileOf, connect, edit, examine } = await machine();
		const evil = join(home, "mcp-mem0-evil.js");
		const mark = join(home, "was here");
		writeFileSync(evil, `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");`);
		const [launcher = ""] = entry.args;
		const hostile: Readonly<Record<string, Partial<ServerEntry>>> = {
			"another program": { command: process.execPath, args: [evil] },
			"another program before ours": { args: [evil, launcher] },
			"a module that is loaded first": { env: { ...entry.env, NODE_OPTIONS: `--require ${evil}` } },
			"code before ours": { args: ["--require", evil, launcher] },
			"another memory": { env: { ...entry.env, MEMORY_DIR: join(home, "elsewhere") } },
			"another configuration": { env: { ...entry.env, MCP_MEM0_ENV_FILE: join(home, "evil.env") } },
		};
		for (const [what, more] of Object.entries(hostile)) {
			const mcpServers = { "mcp-mem0": { ...entry, ...more } };
			writeFileSync(fileOf("workspace"), JSON.stringify({ mcpServers }));
			const { id, seen, fixes } = theIllness(await examine());
			assert.equal(id, "agents.entry@workspace", what);
			assert.match(seen, /would not write here/, what);
			assert.equal(fixes[0]?.kind, "open-file", what);
			assert.deepEqual([existsSync(mark), existsSync(join(home, "elsewhere"))], [false, false], what);
		}
		rmSync(fileOf("workspace"));
		await connect("workspace");
		assert.deepEqual(ill(await examine()), []);
		edit("workspace", (text) => text.replace('"command"', '"disabled": true, "command"'));
		assert.match(theIllness(await examine()).seen, /switches our server off/);
	});

	const mended: Readonly<
		Record<
			string,
			readonly [
				client: string,
				stage: string,
				words: RegExp,
				harm: (on: Awaited<ReturnType<typeof machine>>) => unknown,
			]
		>
	> = {
		"a Node.js that is gone": [
			"cursor",
			"program",
			/gone.node cannot be started/,
			({ connect, home }) => connect("cursor", { command: join(home, "gone", "node") }),
		],
		"a launcher that is gone": [
			"codex",
			"program",
			/mcp-mem0\.mjs is missing/,
			async ({ connect, home }) => connect("codex", { args: [launcherIn(join(home, "before"))] }),
		],
		"a path of Windows on another system": [
			"claude",
			"program",
			/path of another operating system/,
			({ connect }) =>
				connect("claude", { command: process.platform === "win32" ? "/usr/bin/node" : "C:\\node\\node.exe" }),
		],
		"tools that Copilot hides behind a search": [
			"copilot",
			"toolSearch",
			/lacks "deferTools": "never"/,
			async ({ connect, edit }) => {
				await connect("copilot");
				edit("copilot", (text) => text.replace('"never"', '"auto"'));
			},
		],
		"tools that Claude Code loads late": [
			"claude",
			"toolSearch",
			/lacks "alwaysLoad": true/,
			async ({ connect, edit }) => {
				await connect("claude");
				edit("claude", (text) => text.replace('"alwaysLoad": true', '"alwaysLoad": false'));
			},
		],
		"an entry without a command": [
			"copilot",
			"entry",
			/starts nothing/,
			async ({ connect, edit }) => {
				await connect("copilot");
				edit("copilot", (text) => text.replace('"command"', '"comand"'));
			},
		],
	};
	for (const [what, [client, stage, words, harm]] of Object.entries(mended))
		it(`finds ${what}, and connecting again mends it`, async () => {
			const on = await machine();
			await harm(on);
			const { id, seen, fixes } = theIllness(await on.examine());
			assert.equal(id, `agents.${stage}@${client}`);
			assert.match(seen, words);
			assert.deepEqual(fixes[0], {
				kind: "connect",
				label: `Connect ${clientOf(client).name} again`,
				client,
			});
			await on.connect(client);
			assert.deepEqual(ill(await on.examine()), []);
		});

	it("finds a Node.js that is too old", async function () {
		if (process.platform === "win32") this.skip();
		const { home, connect, examine } = await machine();
		const node = join(home, "node");
		writeFileSync(node, "#!/bin/sh\necho v20.11.1\n");
		chmodSync(node, 0o755);
		await connect("cursor", { command: node });
		const { id, seen, cause } = theIllness(await examine());
		assert.equal(id, "agents.program@cursor");
		assert.match(`${seen} ${cause}`, /is Node\.js 20\.11\.1\. The server needs 22\.16 or newer/);
	});

	it("finds a launcher that no longer knows where the server is", async () => {
		const { launcher, connect, examine } = await machine();
		await connect("zed");
		for (const text of [undefined, "{", "{}"]) {
			if (text === undefined) rmSync(join(launcher, "launch.json"));
			else writeFileSync(join(launcher, "launch.json"), text);
			assert.match(theIllness(await examine()).seen, /launch\.json is missing or broken/);
		}
	});

	it("tells a server's last words when it ends instead of answering", async () => {
		const { home, connect, examine } = await machine();
		const own = join(home, "mcp-mem0-broken.js");
		writeFileSync(own, 'console.error("first"); console.error("There is no disk."); process.exit(3);');
		await connect("kiro", { args: [own] });
		const { id, status, seen } = theIllness(await examine());
		assert.deepEqual([id, status], ["agents.server@kiro", "failed"]);
		assert.match(seen, /gave no tools: There is no disk\./);
	});

	it("gives up on a server that says nothing for five seconds", async () => {
		const { home, connect, examine } = await machine();
		const own = join(home, "mcp-mem0-mute.js");
		writeFileSync(own, "setInterval(() => undefined, 1000);");
		await connect("kiro", { args: [own] });
		assert.match(theIllness(await examine()).seen, /did not list its tools within 5 s/);
	});

	it("is not thrown off by a server that closes its input", async () => {
		const { home, connect, examine } = await machine();
		const own = join(home, "mcp-mem0-deaf.js");
		writeFileSync(own, 'require("node:fs").closeSync(0); setInterval(() => undefined, 1000);');
		await connect("kiro", { args: [own] });
		assert.match(theIllness(await examine()).seen, /did not list its tools within 5 s/);
	});

	it("finds the server of another version, as after half an update", async () => {
		const { connect, examine } = await machine();
		await connect("copilot");
		const { id, seen } = theIllness(await examine({ version: "9.9.9" }));
		assert.equal(id, "agents.server@copilot");
		assert.equal(seen, `Copilot (Agent Host and CLI) starts version ${version}; this is 9.9.9.`);
	});

	it("finds a second memory, and a second user of the same", async () => {
		const { home, entry, fileOf, connect, examine } = await machine();
		await connect("cursor", { env: { ...entry.env, MEMORY_DIR: join(home, "other") } });
		const other = theIllness(await examine());
		assert.equal(other.id, "agents.memory@cursor");
		assert.match(other.seen, /another memory: .*other.memory\.db\. Here it is .*memory.memory\.db/);
		const [fix] = other.fixes;
		assert.ok(fix?.kind === "open-file" && fix.file === fileOf("cursor"));
		await connect("cursor", { env: { ...entry.env, DEFAULT_USER_ID: "grace" } });
		assert.match(theIllness(await examine()).seen, /another user of the memory: grace\. Here it is ada/);
	});

	it("does not take the settings of its own process for those of the agent", async () => {
		const { home, connect, examine } = await machine();
		const before = process.env.MEMORY_DIR;
		process.env.MEMORY_DIR = join(home, "memory");
		try {
			await connect("cursor", { env: { HOME: home, XDG_DATA_HOME: home, DEFAULT_USER_ID: "ada" } });
			assert.match(theIllness(await examine()).seen, /another memory/);
		} finally {
			if (before === undefined) delete process.env.MEMORY_DIR;
			else process.env.MEMORY_DIR = before;
		}
	});

	it("finds a second entry that starts our server, in each format", async () => {
		const more: Readonly<Record<string, (text: string) => string>> = {
			cursor: (text) => text.replace('"mcp-mem0"', '"mem0": {"command": "mcp-mem0"}, "mcp-mem0"'),
			codex: (text) => `${text}\n[mcp_servers.mem0]\ncommand = "mcp-mem0"\n`,
			continue: (text) => `${text}  - name: mem0\n    command: mcp-mem0\n`,
		};
		for (const [client, change] of Object.entries(more)) {
			const { connect, edit, examine } = await machine();
			await connect(client);
			edit(client, change);
			assert.match(theIllness(await examine()).seen, /twice: as "mcp-mem0" and as "mem0"/, client);
		}
	});

	it("finds that VS Code or a folder's file brings the server a second time", async () => {
		const { connect, examine } = await machine();
		await connect("vscode");
		assert.deepEqual(ill(await examine()), []);
		assert.match(
			theIllness(await examine({ inVscode: true })).seen,
			/from the extension and from its own file/,
		);
		await connect("workspace");
		assert.equal(theIllness(await examine()).id, "agents.duplicates@workspace");
	});

	it("finds that Copilot does not trust the folder whose file brings the server", async () => {
		const { home, places, connect, examine } = await machine();
		mkdirSync(join(home, ".copilot"));
		await connect("workspace");
		assert.match(theIllness(await examine()).seen, /Copilot does not read .*\.mcp\.json/);
		const config = join(home, ".copilot", "config.json");
		writeFileSync(config, `// mine\n${JSON.stringify({ trustedFolders: [dirname(places.cwd)] })}`);
		assert.deepEqual(ill(await examine()), []);
	});

	it("finds a server that is switched off", async () => {
		const { connect, edit, examine } = await machine();
		await connect("cline");
		edit("cline", (text) => text.replace('"command"', '"disabled": true, "command"'));
		assert.match(theIllness(await examine()).seen, /switches our server off: disabled: true/);
	});

	describe("and their hooks", () => {
		/** Connected with hooks, as the command line does it. */
		async function hooked(...ids: readonly string[]) {
			const on = await machine();
			const hook = async (id: string, more: Partial<ServerEntry> = {}) => {
				const client = clientOf(id);
				assert.ok(hasHooks(client));
				await apply(await planHooks(client, on.places, { ...on.entry, ...more }));
				return client.hooks.file(on.places);
			};
			const files: string[] = [];
			for (const id of ids) {
				await on.connect(id);
				files.push(await hook(id));
			}
			return { ...on, hook, files };
		}
		const inVscode = (settings: Readonly<Record<string, unknown>>) => ({
			inVscode: true,
			hostSetting: (name: string) => settings[name],
		});

		it("are well where connect put them, and nothing is wrong with an agent that has none", async () => {
			const { connect, examine } = await hooked("copilot", "claude", "cursor", "gemini");
			const found = await examine(inVscode({ "chat.useHooks": true }));
			assert.deepEqual(ill(found), []);
			const hooks = found.filter(({ id }) => id.startsWith("agents.hooks@"));
			assert.deepEqual(
				hooks.map(({ status }) => status),
				["ok", "ok", "ok", "ok"],
			);
			await connect("codex");
			const codex = (await examine()).find(({ id }) => id === "agents.hooks@codex");
			assert.equal(codex?.status, "skipped");
			assert.match(codex?.seen ?? "", /mcp-mem0 connect codex --with-hooks/);
		});

		it("that start what is gone are found, and mended by connecting again", async () => {
			const { home, hook, examine } = await hooked("copilot");
			await hook("copilot", { args: [launcherIn(join(home, "a folder's before"))] });
			const { id, status, seen, fixes } = theIllness(await examine());
			assert.deepEqual([id, status], ["agents.hooks@copilot", "failed"]);
			assert.match(seen, /start .*before.mcp-mem0\.mjs, which is missing/);
			assert.equal(fixes[0]?.kind, "connect");
			await hook("copilot");
			assert.deepEqual(ill(await examine()), []);
		});

		it("that are switched off are found, by their file or by VS Code", async () => {
			const { files, examine } = await hooked("claude");
			const [file = ""] = files;
			const off = { inVscode: true, hostSetting: (name: string) => name === "nothing" };
			const setting = theIllness(await examine(off));
			assert.match(setting.seen, /chat\.useHooks is off/);
			assert.deepEqual(setting.fixes[0], {
				kind: "host-setting",
				label: "Turn on chat.useHooks",
				setting: "chat.useHooks",
				value: true,
			});
			const claudes = theIllness(await examine(inVscode({ "chat.useHooks": true })));
			assert.match(claudes.seen, /chat\.useClaudeHooks is off/);
			assert.deepEqual(ill(await examine(inVscode({ "chat.useClaudeHooks": true }))), []);
			writeFileSync(file, readFileSync(file, "utf8").replace("{", '{ "disableAllHooks": true,'));
			assert.match(theIllness(await examine()).seen, /turns all hooks off/);
		});

		it("that VS Code runs in trusted folders only are found in one that is not", async () => {
			const { examine } = await hooked("copilot");
			const { seen } = theIllness(await examine({ inVscode: true, trusted: false }));
			assert.match(seen, /runs no hooks in this folder, which is not trusted/);
		});

		it("that Codex was not told to trust are named, until it was", async () => {
			const { files, fileOf, examine } = await hooked("codex");
			const { seen, fixes } = theIllness(await examine());
			assert.equal(seen, "Codex does not run our hooks for SessionStart, UserPromptSubmit, PreCompact.");
			assert.match(fixes[0]?.label ?? "", /\/hooks/);
			const states = ["session_start", "user_prompt_submit", "pre_compact"].map(
				(event) =>
					`[hooks.state.${JSON.stringify(`${files[0]}:${event}:0:0`)}]\ntrusted_hash = "sha256:00"\n`,
			);
			const config = readFileSync(fileOf("codex"), "utf8");
			writeFileSync(fileOf("codex"), `${config}\n${states.join("\n")}`);
			assert.deepEqual(ill(await examine()), []);
		});
	});

	it("stops when it is called off", async () => {
		const { connect, entry, places } = await machine();
		await connect("copilot");
		const own = ownOf(tryReadConfig({}), version, entry, places);
		const stopped = examineAgents(places, own, askServer, createFindings(String), AbortSignal.abort());
		await assert.rejects(stopped, { name: "AbortError" });
	});
});
