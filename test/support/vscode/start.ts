/**
 * `npm start`: opens a real VS Code with the packaged extension in it and keeps running until Ctrl-C.
 * `npm start -- --desktop` uses the installed `code` instead of VS Code's web server.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { npm, run } from "../cache.ts";
import { tryMeFile } from "./tryMe.ts";
import { installExtension, startVscodeWeb, type VscodeWeb } from "./vscodeWeb.ts";

const vsix = resolve("mcp-mem0.vsix");
const { values } = parseArgs({
	options: {
		desktop: { type: "boolean", default: false },
		/** Folder to open. */
		folder: { type: "string" },
		port: { type: "string" },
	},
});

/** Ctrl-C, at any step: the steps race against it, and whatever was begun is cleaned up. */
const stopped = new Promise<"stopped">((done) => {
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => done("stopped"));
});

/** Kept from one start to the next, and nobody's own. */
const memories = resolve("out", "start", "memories");
const settings = {
	"mcpMem0.storage.directory": memories,
	"workbench.startupEditor": "none",
	"extensions.ignoreRecommendations": true,
};

const whereMemoriesAre = `Its memories are in ${memories}, apart from your own. Delete the folder to start afresh.`;

console.log("Building and packaging the extension …");
await npm(process.cwd(), "run", "package");

const scratch = await mkdtemp(join(tmpdir(), "mcp-mem0-start-"));
const folder = values.folder ? resolve(values.folder) : await sampleFolder(scratch);
let server: VscodeWeb | undefined;
try {
	await Promise.race([values.desktop ? openDesktop() : openWeb(), stopped]);
} finally {
	await server?.close();
	await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
}
// A step that Ctrl-C interrupted would keep the process alive.
process.exit();

async function openWeb(): Promise<void> {
	const dataFolder = join(scratch, "data");
	const extensionsFolder = join(scratch, "extensions");
	await installExtension(vsix, extensionsFolder, dataFolder);
	server = await startVscodeWeb({
		dataFolder,
		extensionsFolder,
		port: Number(values.port ?? 0),
		settings,
	});
	console.log("VS Code is running, with MCP Mem0 installed. Open this in a browser (Ctrl-C stops it):\n");
	console.log(server.url(folder));
	console.log(`\n${whereMemoriesAre}\n`);
	const watching = tellWhenActivated(dataFolder);
	const code = await server.ended;
	clearInterval(watching);
	if (code !== 0) process.exitCode = 1;
}

/** A VS Code with settings and extensions of its own, beside the one that may be running. */
async function openDesktop(): Promise<void> {
	const dataFolder = join(scratch, "data");
	const own = ["--user-data-dir", dataFolder, "--extensions-dir", join(scratch, "extensions")];
	await mkdir(join(dataFolder, "User"), { recursive: true });
	await writeFile(join(dataFolder, "User", "settings.json"), JSON.stringify(settings, null, "\t"));
	await run("code", [...own, "--install-extension", vsix, "--force"], folder).catch((error: Error) => {
		throw new Error(
			`The command «code» did not install the extension. Is VS Code installed, and on the PATH? ${error.message}`,
		);
	});
	const code = spawn("code", [...own, "--wait", "--new-window", folder], { stdio: "inherit" });
	console.log("VS Code is open, with MCP Mem0 installed. Ctrl-C, or closing its window, ends this.");
	console.log(whereMemoriesAre);
	await new Promise((done) => code.once("close", done));
}

/** Prints the first line of the extension's log, which says that it is active. */
function tellWhenActivated(dataFolder: string): NodeJS.Timeout {
	const timer = setInterval(async () => {
		const logs = join(dataFolder, "data", "logs");
		const files = await readdir(logs, { recursive: true }).catch(() => []);
		const own = files.find((file) => file.includes("mcp-mem0.mcp-mem0") && file.endsWith(".log"));
		const text = own && (await readFile(join(logs, own), "utf8"));
		const line = text && /Activated in .*/.exec(text)?.[0];
		if (!line) return;
		clearInterval(timer);
		console.log(`MCP Mem0 is active in the browser's window. ${line}`);
	}, 500);
	return timer;
}

async function sampleFolder(parent: string): Promise<string> {
	const sample = join(parent, "workspace");
	await mkdir(sample);
	await writeFile(join(sample, "try-me.md"), tryMeFile);
	return sample;
}
