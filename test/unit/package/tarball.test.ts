import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

const run = promisify(execFile);
const onWindows = process.platform === "win32";

describe("The npm package", function () {
	this.timeout(240_000);
	let tarball: string;
	let files: readonly string[];

	before(async () => {
		const folder = temporaryFolder();
		const { stdout } = await run(
			"npm",
			["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
			{
				shell: onWindows,
				maxBuffer: 10_000_000,
			},
		);
		const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[];
		files = packed?.files.map(({ path }) => path) ?? [];
		const [name = ""] = readdirSync(folder);
		tarball = join(folder, name);
	});

	it("has the server, its model, what it gives to agents and the notices, and no sources", () => {
		for (const file of [
			"dist/server.js",
			"dist/embedder.cjs",
			"dist/mem0.js",
			"dist/hook/hookProcess.js",
			"dist/model/model.json",
			"dist/model/LICENSE",
			"dist/tfjs-backend-wasm.wasm",
			"dist/THIRD-PARTY-NOTICES.txt",
			"media/agents/skills/mem0-memory/SKILL.md",
			"docs/configuration.md",
			"README.md",
			"LICENSE",
			"CHANGELOG.md",
			"package.json",
		])
			assert.ok(files.includes(file), file);
		const allowed =
			/^(dist\/|media\/agents\/|docs\/[\w-]+\.md$|(package\.json|README\.md|LICENSE|CHANGELOG\.md)$)/;
		assert.deepEqual(
			files.filter((file) => !allowed.test(file) || /\.(map|ts|vsix)$|dist\/extension\.js/.test(file)),
			[],
		);
	});

	it("runs by npx in an empty folder: import, search, and MCP over stdio", async () => {
		const folder = temporaryFolder();
		writeFileSync(
			join(folder, "facts.jsonl"),
			'{"text":"Bees live in the oak"}\n{"text":"The gate is green"}\n',
		);
		const env = {
			...process.env,
			PATH: `${dirname(process.execPath)}${onWindows ? ";" : ":"}${process.env.PATH}`,
			HOME: folder,
			USERPROFILE: folder,
			MEMORY_DIR: join(folder, "memory"),
			npm_config_cache: join(folder, ".npm"),
			npm_config_offline: "true",
			npm_config_update_notifier: "false",
			NODE_OPTIONS: "",
		};
		const npx = ["--yes", "--package", tarball, "--", "mcp-mem0"];
		const options = { cwd: folder, env, shell: onWindows };
		const imported = await run("npx", [...npx, "import", "facts.jsonl"], options);
		assert.match(imported.stderr, /Imported 2 memories/);
		const found = await run("npx", [...npx, "search", "where do bees live", "--json"], options);
		const { memories } = JSON.parse(found.stdout) as { memories: { text: string }[] };
		assert.equal(memories[0]?.text, "Bees live in the oak");
		const server = spawn("npx", npx, { ...options, stdio: ["pipe", "pipe", "inherit"] });
		const answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
		const ask = async (id: number, method: string, params: unknown) => {
			server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
			return JSON.parse((await answers.next()).value ?? "{}") as { result: Record<string, unknown> };
		};
		const clientInfo = { name: "test", version: "1" };
		await ask(1, "initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
		server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
		const { result } = await ask(2, "tools/list", {});
		const names = (result.tools as { name: string }[]).map(({ name }) => name);
		assert.ok(names.includes("save_memory") && names.includes("search_memories"), names.join());
		server.stdin.end();
		await once(server, "exit");
	});
});
