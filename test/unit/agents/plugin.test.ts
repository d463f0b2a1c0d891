import assert from "node:assert/strict";
import { exec, execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { listFiles, PackageManager } from "@vscode/vsce";
import { copilot } from "../../../src/agents/clients/copilot.ts";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

interface Contribution {
	readonly path: string;
	readonly when?: string;
	readonly sessionTypes?: unknown;
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
	readonly version: string;
	readonly contributes: Readonly<
		Record<"chatSkills" | "chatInstructions" | "chatPlugins", readonly Contribution[]>
	>;
};
const { chatSkills, chatInstructions, chatPlugins } = manifest.contributes;
const plugin = "media/agents/plugin";
const hooks = JSON.parse(readFileSync(join(plugin, "hooks", "hooks.json"), "utf8")) as {
	readonly hooks: Readonly<
		Record<string, readonly { readonly hooks: readonly { readonly command: string }[] }[]>
	>;
};

describe("What the extension brings to VS Code's agents", () => {
	it("is in the package, and offered to every kind of session", async () => {
		const files = await listFiles({ packageManager: PackageManager.None });
		for (const { path, sessionTypes } of [...chatSkills, ...chatInstructions, ...chatPlugins]) {
			const name = path.replace(/^\.\//, "");
			assert.ok(
				files.some((file) => file === name || (name.endsWith("/") && file.startsWith(name))),
				path,
			);
			assert.equal(sessionTypes, undefined, "a kind that is left out does not get it");
		}
		for (const file of [".claude-plugin/plugin.json", "hooks/hooks.json", "hook.mjs"])
			assert.ok(files.includes(`${plugin}/${file}`), file);
	});

	it("does not say twice what files in the home folder say", () => {
		for (const { when } of [...chatSkills, ...chatInstructions])
			assert.equal(when, "!mcpMem0.instructionsInHome");
		assert.equal(chatPlugins[0]?.when, "mcpMem0.hooksFromPlugin");
	});

	it("registers the server by its provider alone: the plugin names none", async () => {
		const files = (await readdir(plugin, { recursive: true })).map(String);
		assert.ok(files.includes("hook.mjs"));
		assert.deepEqual(
			files.filter((file) => /mcp\.json$/.test(file)),
			[],
		);
		const about = JSON.parse(readFileSync(join(plugin, ".claude-plugin/plugin.json"), "utf8")) as Record<
			string,
			unknown
		>;
		assert.equal(about.mcpServers, undefined);
		assert.equal(about.version, manifest.version);
	});
});

describe("Copilot's own configuration", () => {
	it("has the server under the name by which Agent Host gets the extension's: two of one name are one there", () => {
		const label = /const label = "(.+)"/.exec(readFileSync("src/vscode/agents/register.ts", "utf8"))?.[1];
		assert.equal(copilot.serverName, label);
	});
});

describe("The plugin's hooks", () => {
	const run = async (event: string, input: object, home: string) => {
		const command = hooks.hooks[event]?.[0]?.hooks[0]?.command ?? "";
		assert.match(command, /^node "\$\{CLAUDE_PLUGIN_ROOT\}\/hook\.mjs" \w+$/);
		const line = command.replace("${CLAUDE_PLUGIN_ROOT}", resolve(plugin));
		const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
		const child = exec(
			line,
			{ env: { PATH, HOME: home, XDG_DATA_HOME: join(home, "share") } },
			() => undefined,
		);
		const { stdin, stdout, stderr } = child;
		const said = { stdout: "", stderr: "" };
		stdout?.on("data", (text: string) => {
			said.stdout += text;
		});
		stderr?.on("data", (text: string) => {
			said.stderr += text;
		});
		stdin?.end(JSON.stringify({ hook_event_name: event, session_id: "s", cwd: home, ...input }));
		const code = await new Promise((done) => child.on("close", done));
		return { code, ...said };
	};

	it("tell a session what is remembered, in the memory that the settings of VS Code name", async () => {
		const home = temporaryFolder();
		const [memory, facts] = [join(home, "memory"), join(home, "facts.jsonl")];
		const fact = { text: "We deploy with make ship, from the main branch only", scope: "global" };
		await writeFile(facts, JSON.stringify(fact));
		const env = { PATH: process.env.PATH, HOME: home, MEMORY_DIR: memory, DEFAULT_USER_ID: "ada" };
		await promisify(execFile)(process.execPath, [serverFile, "import", facts], { env });
		const settings = join(home, "share", "mcp-mem0", "vscode.env");
		await mkdir(dirname(settings), { recursive: true });
		await writeFile(settings, `MEMORY_DIR=${memory}\nDEFAULT_USER_ID=ada\n`);
		const { code, stdout, stderr } = await run("SessionStart", { source: "new" }, home);
		assert.deepEqual([code, stderr], [0, ""]);
		const answer = JSON.parse(stdout) as { hookSpecificOutput: { additionalContext: string } };
		assert.match(answer.hookSpecificOutput.additionalContext, /make ship/);
	});

	it("say nothing where there is no memory yet, and make none", async () => {
		const home = temporaryFolder();
		assert.deepEqual(await run("UserPromptSubmit", { prompt: "How do we deploy?" }, home), {
			code: 0,
			stdout: "",
			stderr: "",
		});
		assert.ok(!existsSync(join(home, "share", "mcp-mem0")));
	});
});
