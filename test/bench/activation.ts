import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { launchBrowser } from "../support/vscode/browser.ts";
import { testSettings } from "../support/vscode/hostTests.ts";
import { installExtension, startVscodeWeb, vscodeServerFolder } from "../support/vscode/vscodeWeb.ts";
import { built } from "./builtFiles.ts";
import { CannotRun, type Figure } from "./figure.ts";
import { withScratch } from "./scratch.ts";

const runs = 5;
/** ms a window may take until the extension in it says that it is active. */
const patience = 60_000;

/** `activate()` as the extension itself reports it, in windows of a real VS Code; each has an extension host of its own. */
export function measureActivation(): Promise<readonly Figure[]> {
	return withScratch(async (scratch) => {
		const vsix = built("mcp-mem0.vsix");
		await needed("VS Code's web server", vscodeServerFolder());
		const browser = await needed("a browser", launchBrowser());
		try {
			const dataFolder = join(scratch, "data");
			const extensionsFolder = join(scratch, "extensions");
			const workspace = join(scratch, "workspace");
			await mkdir(workspace);
			await installExtension(vsix, extensionsFolder, dataFolder);
			const server = await startVscodeWeb({
				dataFolder,
				extensionsFolder,
				settings: testSettings(join(scratch, "memory")),
			});
			try {
				const samples: number[] = [];
				const read = new Set<string>();
				for (let run = 0; run < runs; run += 1) {
					const page = await browser.newPage();
					await page.goto(server.url(workspace));
					samples.push(await nextActivation(join(dataFolder, "data", "logs"), read));
					await page.close();
				}
				return [
					{
						name: "activate()",
						unit: "ms",
						samples,
						runs: String(runs),
						target: { atMost: 25, of: "median" },
					},
				];
			} finally {
				await server.close();
			}
		} finally {
			await browser.close();
		}
	});
}

/** Waits for a log that is not among those `read`, adds it to them, and answers the ms it tells of. */
async function nextActivation(logs: string, read: Set<string>): Promise<number> {
	const deadline = performance.now() + patience;
	while (performance.now() < deadline) {
		const files = await readdir(logs, { recursive: true }).catch(() => []);
		// Every window writes to a folder of its own.
		for (const file of files) {
			if (read.has(file) || !file.includes("mcp-mem0.mcp-mem0") || !file.endsWith(".log")) continue;
			const duration = /Activated in ([\d.]+) ms/.exec(await readFile(join(logs, file), "utf8"))?.[1];
			if (duration === undefined) continue;
			read.add(file);
			return Number(duration);
		}
		await sleep(200);
	}
	throw new Error(`Window ${read.size + 1} did not log an activation within ${patience / 1000} s.`);
}

async function needed<T>(what: string, got: Promise<T>): Promise<T> {
	try {
		return await got;
	} catch (error) {
		console.error(error);
		throw new CannotRun(`${what} is not to be had here`);
	}
}
