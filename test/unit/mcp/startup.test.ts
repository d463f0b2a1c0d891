import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

describe("A process that an agent waits for", function () {
	this.timeout(30_000);

	/** The modules of Node.js that a command has loaded by its end. */
	async function modulesOf(args: readonly string[], input: string): Promise<readonly string[]> {
		const folder = temporaryFolder();
		const list = join(folder, "modules.json");
		const look = join(folder, "look.cjs");
		writeFileSync(
			look,
			`process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(list)}, JSON.stringify(process.moduleLoadList)));`,
		);
		const { PATH, SystemRoot } = process.env;
		const env = { PATH, SystemRoot, HOME: folder, USERPROFILE: folder, MEMORY_DIR: folder };
		const child = spawn(process.execPath, ["-r", look, serverFile, ...args], {
			cwd: folder,
			env,
			stdio: ["pipe", "ignore", "ignore"],
		});
		const ended = new Promise((done) => child.once("close", done));
		child.stdin.end(input);
		await ended;
		return JSON.parse(readFileSync(list, "utf8")) as string[];
	}

	const request = { jsonrpc: "2.0", id: 1, method: "tools/list" };
	const processes: Readonly<Record<string, readonly [args: readonly string[], input: string]>> = {
		"the server over stdio": [[], `${JSON.stringify(request)}\n`],
		"a hook": [
			["hook", "--client", "copilot", "UserPromptSubmit"],
			JSON.stringify({ session_id: "1", cwd: "/", prompt: "How do we deploy?" }),
		],
		"a search": [["search", "deploy"], ""],
	};
	for (const [what, [args, input]] of Object.entries(processes))
		it(`loads no second HTTP client: ${what}`, async () => {
			const modules = await modulesOf(args, input);
			assert.ok(
				modules.some((name) => name.includes("sqlite")),
				"it did its work",
			);
			assert.deepEqual(
				modules.filter((name) => name.includes("undici")),
				[],
			);
		});
});
