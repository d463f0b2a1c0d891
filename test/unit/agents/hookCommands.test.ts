import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Places, ServerEntry } from "../../../src/agents/client.ts";
import { copilotHooks } from "../../../src/agents/clients/copilot.ts";
import { commandLine } from "../../../src/agents/hooks/commandLine.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const words = ["hook", "--client", "claude", "SessionStart"];
const windows = (PATH = ""): Places => ({
	platform: "win32",
	home: "C:\\Users\\ada",
	env: { PATH },
	cwd: "C:\\",
});
const plain: ServerEntry = {
	command: "C:\\nodejs\\node.exe",
	args: ["C:\\Users\\ada\\AppData\\Local\\mcp-mem0\\Data\\mcp-mem0.mjs"],
	env: {},
};
const spaced: ServerEntry = {
	command: "C:\\Program Files\\Microsoft VS Code\\Code.exe",
	args: ["C:\\Users\\Ada O'Neil\\mcp-mem0\\mcp-mem0.mjs"],
	env: { ELECTRON_RUN_AS_NODE: "1" },
};

describe("The command of a hook", () => {
	it("runs in sh whatever is in the paths and the values", () => {
		const folder = join(temporaryFolder(), `Ada's "own" $HOME \`x\` & (folder)`);
		mkdirSync(folder);
		const script = join(folder, "mcp-mem0.mjs");
		writeFileSync(script, "console.log(JSON.stringify([process.argv.slice(2), process.env.MEMORY_DIR]))");
		const places: Places = { platform: "linux", home: folder, env: {}, cwd: folder };
		const entry = { command: process.execPath, args: [script], env: { MEMORY_DIR: folder } };
		const line = commandLine("sh", entry, words, places);
		const said = execFileSync("sh", ["-c", line], { encoding: "utf8" });
		assert.deepEqual(JSON.parse(said), [words, folder]);
	});

	it("quotes nothing without need: not all that stands between gets on with quotes", () => {
		const line = `${plain.command} ${plain.args[0]} hook --client claude SessionStart`;
		assert.equal(commandLine("cmd", plain, words, windows()), line);
		assert.equal(commandLine("powershell", plain, words, windows()), line);
	});

	it("is called by a path in quotes, as each shell of Windows wants it", () => {
		assert.equal(
			commandLine("powershell", spaced, words, windows()),
			"$env:ELECTRON_RUN_AS_NODE = 1; & 'C:\\Program Files\\Microsoft VS Code\\Code.exe' 'C:\\Users\\Ada O''Neil\\mcp-mem0\\mcp-mem0.mjs' hook --client claude SessionStart",
		);
		assert.equal(
			commandLine("cmd", spaced, words, windows()),
			'set "ELECTRON_RUN_AS_NODE=1"&& "C:\\Program Files\\Microsoft VS Code\\Code.exe" "C:\\Users\\Ada O\'Neil\\mcp-mem0\\mcp-mem0.mjs" hook --client claude SessionStart',
		);
		assert.match(commandLine("cmd", { ...spaced, env: {} }, words, windows()), /^call "C:/);
		assert.match(
			commandLine("sh", spaced, words, windows()),
			/^ELECTRON_RUN_AS_NODE=1 'C:\\Program Files\\.*Code\.exe' 'C:\\Users\\Ada O'\\''Neil\\/,
		);
	});

	it("has both forms in Copilot's file on Windows, and PowerShell 7's only where that is", () => {
		const item = (places: Places) => copilotHooks.toItem((shell) => shell, places);
		assert.deepEqual(item(windows()), {
			type: "command",
			bash: "sh",
			windows: "powershell",
			timeoutSec: 10,
		});
		const folder = temporaryFolder();
		writeFileSync(join(folder, "pwsh.exe"), "");
		assert.equal(item(windows(folder)).powershell, "powershell");
	});
});
