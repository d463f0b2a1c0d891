import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { cached, cacheFolder, npm, run } from "../cache.ts";

const sparticuz = "153.0.0";

const installed = [
	process.env.CHROME_PATH,
	"/usr/bin/chromium",
	"/usr/bin/chromium-browser",
	"/usr/bin/google-chrome",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
	"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

const flags = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

export async function launchBrowser(): Promise<Browser> {
	return chromium.launch({ executablePath: await browserPath(), args: flags, headless: true });
}

/** A browser that is installed, else one that npm brings, else Playwright's own download. */
async function browserPath(): Promise<string> {
	const found = installed.find((path) => path && existsSync(path));
	if (found) return found;
	if (process.platform === "linux" && process.arch === "x64") {
		const folder = await cached(`chromium-${sparticuz}`, async (target) => {
			console.error(`Fetching a browser (npm @sparticuz/chromium@${sparticuz}), once …`);
			await npm(
				target,
				"install",
				"--prefix",
				target,
				`@sparticuz/chromium@${sparticuz}`,
				"--ignore-scripts",
			);
		});
		// It unpacks itself into the temporary folder, with the libraries it needs.
		process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs22.x";
		const entry = join(folder, "node_modules/@sparticuz/chromium/build/index.js");
		const { default: packaged } = (await import(pathToFileURL(entry).href)) as {
			default: { executablePath(): Promise<string> };
		};
		return packaged.executablePath();
	}
	process.env.PLAYWRIGHT_BROWSERS_PATH ??= join(cacheFolder, "playwright");
	const cli = join(import.meta.dirname, "..", "..", "..", "node_modules", "playwright-core", "cli.js");
	await run(process.execPath, [cli, "install", "chromium-headless-shell"], process.cwd());
	return chromium.executablePath();
}
