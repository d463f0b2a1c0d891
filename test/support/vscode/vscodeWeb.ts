import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached, npm, run } from "../cache.ts";
import { writeLanguagePack } from "./languagePack.ts";

/** The npm package that contains VS Code's own server and web workbench, in `lib/vscode`. */
const codeServer = "4.139.1";

/** ms the server may take to start listening. */
const startTimeout = 60_000;

export interface VscodeWebOptions {
	/** Holds `User`, `Machine`, logs and state, and the home folder of whatever runs in it: a test changes nobody's own. */
	readonly dataFolder: string;
	readonly extensionsFolder: string;
	/** Settings of the machine, which is where machine-scoped settings are read from. */
	readonly settings?: Readonly<Record<string, unknown>>;
	/** Of the windows, as VS Code names it, such as "zh-cn"; default: English. See languagePack.ts. */
	readonly language?: string | undefined;
	/** Ask whether a folder is trusted, as for a person; otherwise every folder is. */
	readonly workspaceTrust?: boolean;
	/** Lets a browser's `payload` parameter name extensions and tests under development. */
	readonly testDriver?: boolean;
	readonly env?: Readonly<Record<string, string>>;
	/** 0 or absent takes a free one. */
	readonly port?: number;
}

export interface VscodeWeb {
	/** `http://127.0.0.1:port` */
	readonly origin: string;
	/** The workbench's URL with a folder open, or with the folders of a `.code-workspace`. */
	url(path: string): string;
	readonly ended: Promise<number | null>;
	close(): Promise<void>;
}

/** The folder of VS Code's server; fetched from npm on first use. */
export function vscodeServerFolder(): Promise<string> {
	return cached(`vscode-web-${codeServer}`, async (folder) => {
		console.error(`Fetching VS Code's web server (npm code-server@${codeServer}), once …`);
		await npm(folder, "install", "--prefix", folder, `code-server@${codeServer}`, "--ignore-scripts");
		const vscode = serverIn(folder);
		await npm(vscode, "install", "--omit=dev", "--ignore-scripts");
		const spdlog = join(vscode, "node_modules", "@vscode", "spdlog", "index.js");
		await copyFile(fileURLToPath(new URL("plainSpdlog.cjs", import.meta.url)), spdlog);
	}).then(serverIn);
}

function serverIn(folder: string): string {
	return join(folder, "node_modules", "code-server", "lib", "vscode");
}

/** Installs a VSIX the way a person's VS Code does. */
export async function installExtension(
	vsix: string,
	extensionsFolder: string,
	dataFolder: string,
): Promise<void> {
	const server = await vscodeServerFolder();
	await run(
		process.execPath,
		[
			"out/server-main.js",
			"--accept-server-license-terms",
			"--install-extension",
			vsix,
			"--force",
			"--extensions-dir",
			extensionsFolder,
			"--server-data-dir",
			dataFolder,
		],
		server,
	);
}

export async function startVscodeWeb(options: VscodeWebOptions): Promise<VscodeWeb> {
	const server = await vscodeServerFolder();
	const port = options.port || (await freePort());
	const machine = join(options.dataFolder, "data", "Machine");
	await mkdir(machine, { recursive: true });
	await mkdir(homeIn(options.dataFolder), { recursive: true });
	await mkdir(options.extensionsFolder, { recursive: true });
	if (options.settings)
		await writeFile(join(machine, "settings.json"), JSON.stringify(options.settings, null, "\t"));
	if (options.language) await writeLanguagePack(options.dataFolder, options.language);
	const child = spawn(
		process.execPath,
		[
			"out/server-main.js",
			"--host",
			"127.0.0.1",
			"--port",
			String(port),
			"--without-connection-token",
			"--accept-server-license-terms",
			"--telemetry-level",
			"off",
			"--server-data-dir",
			options.dataFolder,
			"--extensions-dir",
			options.extensionsFolder,
			...(options.language ? ["--locale", options.language] : []),
			...(options.workspaceTrust ? [] : ["--disable-workspace-trust"]),
			...(options.testDriver ? ["--enable-smoke-test-driver"] : []),
		],
		{
			cwd: server,
			stdio: ["ignore", "pipe", "pipe"],
			env: { ...process.env, ...homeOf(options.dataFolder), ...options.env },
		},
	);
	const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
	await listening(child, ended);
	const origin = `http://127.0.0.1:${port}`;
	return {
		origin,
		url: (path) => {
			const kind = path.endsWith(".code-workspace") ? "workspace" : "folder";
			return `${origin}/?${kind}=${encodeURIComponent(path).replaceAll("%2F", "/")}`;
		},
		ended,
		close: async () => {
			child.kill("SIGTERM");
			const force = setTimeout(() => child.kill("SIGKILL"), 5000);
			await ended;
			clearTimeout(force);
		},
	};
}

/** The home folder of a VS Code under test. */
export function homeIn(dataFolder: string): string {
	return join(dataFolder, "home");
}

function homeOf(dataFolder: string): Record<string, string> {
	const home = homeIn(dataFolder);
	return {
		HOME: home,
		USERPROFILE: home,
		APPDATA: join(home, "AppData", "Roaming"),
		LOCALAPPDATA: join(home, "AppData", "Local"),
		XDG_CONFIG_HOME: join(home, ".config"),
		XDG_DATA_HOME: join(home, ".local", "share"),
	};
}

function listening(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
	return new Promise((resolve, reject) => {
		let output = "";
		const fail = () => {
			child.kill();
			reject(new Error(`VS Code's server did not start:\n${output}`));
		};
		const patience = setTimeout(fail, startTimeout);
		void ended.then(fail);
		const read = (chunk: Buffer) => {
			output += chunk.toString();
			if (!output.includes("Extension host agent listening")) return;
			clearTimeout(patience);
			resolve();
		};
		child.stdout?.on("data", read);
		child.stderr?.on("data", read);
	});
}

export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const probe = createServer().once("error", reject);
		probe.listen(0, "127.0.0.1", () => {
			const address = probe.address();
			probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
		});
	});
}
