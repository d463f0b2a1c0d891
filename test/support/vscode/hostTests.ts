import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { launchBrowser } from "./browser.ts";
import { startVscodeWeb } from "./vscodeWeb.ts";

const bundle = resolve("out/host/index.js");

/** Settings for a VS Code under test: a separate memory, and an MCP server that starts automatically. */
export function testSettings(memoryFolder: string): Record<string, unknown> {
	return {
		"mcpMem0.storage.directory": memoryFolder,
		"chat.mcp.autostart": "newAndOutdated",
		"workbench.startupEditor": "none",
		"extensions.ignoreRecommendations": true,
		"telemetry.telemetryLevel": "off",
	};
}

/** Runs `test/host` inside a real VS Code and prints mocha's report. Returns whether it passed. */
export async function runHostTests(): Promise<boolean> {
	await rm("out/host", { recursive: true, force: true });
	await build({
		entryPoints: ["test/host/index.ts"],
		outfile: bundle,
		bundle: true,
		platform: "node",
		format: "cjs",
		target: "node22",
		external: ["vscode", "mocha"],
		logLevel: "warning",
	});
	await writeFile("out/package.json", '{ "type": "commonjs" }\n');
	const scratch = await mkdtemp(join(tmpdir(), "mcp-mem0-host-"));
	const folder = join(scratch, "workspace");
	await mkdir(folder, { recursive: true });
	try {
		const run = (await electronExecutable()) ? inElectron : inWeb;
		const failure = await run(scratch, folder);
		const report = existsSync("out/host/report.txt") ? await readFile("out/host/report.txt", "utf8") : "";
		console.log(report);
		if (failure) console.error(failure);
		return failure === undefined && report !== "";
	} finally {
		await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
	}
}

/** VS Code for the desktop, where there is a display and it can be downloaded. */
async function electronExecutable(): Promise<string | undefined> {
	const wanted = process.env.MEM0_TEST_HOST;
	if (wanted === "web" || (process.platform === "linux" && !process.env.DISPLAY)) return undefined;
	const { downloadAndUnzipVSCode } = await import("@vscode/test-electron");
	try {
		return await downloadAndUnzipVSCode();
	} catch (error) {
		if (wanted === "electron") throw error;
		console.error(`VS Code for the desktop cannot be downloaded (${String(error)}); its web server is used.`);
		return undefined;
	}
}

async function inElectron(scratch: string, folder: string): Promise<string | undefined> {
	const { runTests } = await import("@vscode/test-electron");
	const userData = join(scratch, "data");
	await mkdir(join(userData, "User"), { recursive: true });
	await writeFile(
		join(userData, "User", "settings.json"),
		JSON.stringify(testSettings(join(scratch, "memory"))),
	);
	const code = await runTests({
		extensionTestsEnv: { MEM0_TEST_DATA: userData, XDG_DATA_HOME: join(scratch, "share") },
		extensionDevelopmentPath: resolve("."),
		extensionTestsPath: bundle,
		launchArgs: [folder, "--user-data-dir", userData, "--disable-workspace-trust", "--disable-extensions"],
	});
	return code === 0 ? undefined : `VS Code ended with ${code}.`;
}

async function inWeb(scratch: string, folder: string): Promise<string | undefined> {
	const server = await startVscodeWeb({
		dataFolder: join(scratch, "data"),
		extensionsFolder: join(scratch, "extensions"),
		settings: testSettings(join(scratch, "memory")),
		testDriver: true,
		env: { MEM0_TEST_DATA: join(scratch, "data") },
	});
	const browser = await launchBrowser();
	try {
		const page = await browser.newPage();
		const ended = new Promise<number>((done) => {
			void page.exposeFunction("codeAutomationExit", (code: number) => done(code));
		});
		await page.exposeFunction("codeAutomationLog", (type: string, args: unknown[]) => {
			if (process.env.MEM0_TEST_VERBOSE) console.error(type, ...args);
		});
		const remote = (path: string) => `vscode-remote://${server.origin.replace("http://", "")}${path}`;
		const payload = JSON.stringify([
			["extensionDevelopmentPath", remote(resolve("."))],
			["extensionTestsPath", remote(bundle)],
		]);
		await page.goto(`${server.url(folder)}&payload=${encodeURIComponent(payload)}`);
		const late = new Promise<undefined>((done) => setTimeout(() => done(undefined), 300_000).unref());
		const code = await Promise.race([ended, late]);
		if (code === undefined) return "The tests in VS Code did not end within 300 s.";
		return code === 0 ? undefined : `The tests in VS Code ended with ${code}.`;
	} finally {
		await browser.close();
		await server.close();
	}
}
