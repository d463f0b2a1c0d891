import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { launchBrowser } from "../support/browser.ts";
import { testSettings } from "../support/hostTests.ts";
import { installExtension, startVscodeWeb, vscodeServerFolder } from "../support/vscodeWeb.ts";
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
				for (let run = 1; run <= runs; run += 1) {
					const page = await browser.newPage();
					await page.goto(server.url(workspace));
					samples.push(await nextActivation(join(dataFolder, "data", "logs"), run));
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

/** Waits until the extension has said so often that it is active, and answers the ms of the window that is new. */
async function nextActivation(logs: string, count: number): Promise<number> {
	const deadline = performance.now() + patience;
	for (;;) {
		const lines = await activations(logs);
		const newest = lines.at(-1);
		if (lines.length >= count && newest) return newest.duration;
		if (performance.now() > deadline) {
			throw new Error(`Window ${count} did not log an activation within ${patience / 1000} s.`);
		}
		await sleep(200);
	}
}

/** Every activation in the logs of all windows, oldest first. */
async function activations(logs: string) {
	const files = await readdir(logs, { recursive: true }).catch(() => []);
	const own = files.filter((file) => file.includes("mcp-mem0.mcp-mem0") && file.endsWith(".log"));
	const texts = await Promise.all(own.map((file) => readFile(join(logs, file), "utf8")));
	return texts
		.flatMap((text) => [...text.matchAll(/^([-\d]+ [\d:.]+) .*Activated in ([\d.]+) ms/gm)])
		.map(([, at = "", duration]) => ({ at, duration: Number(duration) }))
		.sort((a, b) => a.at.localeCompare(b.at));
}

async function needed<T>(what: string, got: Promise<T>): Promise<T> {
	try {
		return await got;
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new CannotRun(`${what} is not to be had here: ${reason.split("\n")[0]}`);
	}
}
