import assert from "node:assert/strict";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { run } from "../../support/cache.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { launchBrowser } from "../../support/vscode/browser.ts";
import { testSettings } from "../../support/vscode/hostTests.ts";
import { homeIn, installExtension, startVscodeWeb, type VscodeWeb } from "../../support/vscode/vscodeWeb.ts";

const vsix = resolve("mcp-mem0.vsix");

/** A real VS Code with the packaged extension installed, in a real browser. */
export class Vscode {
	readonly folder: string;
	readonly memoryFolder: string;
	readonly dataFolder: string;
	/** Of everything that runs in it. */
	readonly home: string;
	readonly #server: VscodeWeb;
	readonly #browser: Browser;
	readonly #probeFile: string;
	/** What its windows open: the folder, or a `.code-workspace` in it. */
	readonly #opens: string;

	private constructor(root: string, server: VscodeWeb, browser: Browser, opens: string) {
		this.folder = join(root, "workspace");
		this.#opens = join(this.folder, opens);
		this.memoryFolder = join(root, "memory");
		this.dataFolder = join(root, "data");
		this.home = homeIn(this.dataFolder);
		this.#probeFile = join(root, "probe");
		this.#server = server;
		this.#browser = browser;
	}

	/** @param files what lies in the workspace folder, by name. */
	static async start(
		files: Readonly<Record<string, string>>,
		options: {
			readonly settings?: Readonly<Record<string, unknown>>;
			readonly workspaceTrust?: boolean;
			readonly opens?: string;
			/** Of the windows; default: English. */
			readonly language?: string | undefined;
		} = {},
	): Promise<Vscode> {
		const root = temporaryFolder();
		const dataFolder = join(root, "data");
		await mkdir(join(root, "workspace"));
		for (const [name, text] of Object.entries(files)) {
			const path = join(root, "workspace", name);
			await mkdir(dirname(path), { recursive: true });
			await writeFile(path, text);
		}
		await putNodeOnPath(homeIn(dataFolder));
		installed ??= installExtensions();
		const server = await startVscodeWeb({
			dataFolder,
			extensionsFolder: await installed,
			settings: { ...testSettings(join(root, "memory")), ...options.settings },
			workspaceTrust: options.workspaceTrust ?? false,
			language: options.language,
			env: { MEM0_TEST_PROBE: join(root, "probe") },
		});
		return new Vscode(root, server, await launchBrowser(), options.opens ?? "");
	}

	/** Memories that are there before a window opens; the packaged server's own `import` stores them. */
	async seed(memories: readonly object[]): Promise<void> {
		const file = join(this.dataFolder, "seed.jsonl");
		await writeFile(file, memories.map((memory) => JSON.stringify(memory)).join("\n"));
		await run(process.execPath, [resolve("dist/server.js"), "import", file], this.dataFolder, {
			...process.env,
			MEMORY_DIR: this.memoryFolder,
		});
	}

	/** Opens a window on the workspace; another one of the same person with the same `context`. */
	async open(context?: BrowserContext): Promise<Page> {
		await rm(this.#probeFile, { force: true });
		const own =
			context ??
			(await this.#browser.newContext({
				viewport: { width: 1100, height: 700 },
				permissions: ["clipboard-read", "clipboard-write"],
			}));
		const page = await own.newPage();
		await page.goto(this.#server.url(this.#opens));
		await this.ready(page);
		return page;
	}

	/** Waits until the window is open and our extension has counted its memories. */
	async ready(page: Page): Promise<void> {
		await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
		await page.locator(".statusbar-item", { hasText: /Mem0: \d+/ }).waitFor({ timeout: 60_000 });
	}

	async reload(page: Page): Promise<void> {
		await rm(this.#probeFile, { force: true });
		await page.reload();
		await this.ready(page);
	}

	/** Calls VS Code's API in the extension host of the newest window; see probe/extension.cjs. */
	async probe<T>(action: string, args: object = {}): Promise<T> {
		const port = await until(
			async () => (await readFile(this.#probeFile, "utf8").catch(() => "")).split(" ")[0] || undefined,
		);
		const response = await fetch(`http://127.0.0.1:${port}`, {
			method: "POST",
			body: JSON.stringify({ action, ...args }),
		});
		const { value, error } = (await response.json()) as { value: T; error?: string };
		if (error !== undefined) throw new Error(error);
		return value;
	}

	/** Starts our MCP server the way Copilot would, and waits for its tools. */
	async startMcpServer(): Promise<void> {
		await until(async () => {
			await this.probe("startServer");
			return (await this.probe<string[]>("tools")).length === 6 || undefined;
		});
	}

	async close(): Promise<void> {
		await this.#browser.close();
		await this.#server.close();
	}
}

/** VS Code takes the PATH from a login shell: there is a Node.js on it, as on the machine of a person who has one. */
async function putNodeOnPath(home: string): Promise<void> {
	const folder = join(home, ".local", "bin");
	await mkdir(folder, { recursive: true });
	await symlink(process.execPath, join(folder, "node"));
	await writeFile(join(home, ".profile"), `PATH="${folder}:$PATH"\n`);
}

/** The folder of extensions that all windows share. */
let installed: Promise<string> | undefined;

/** Installs the packaged extension and the probe. */
async function installExtensions(): Promise<string> {
	const root = temporaryFolder();
	const extensionsFolder = join(root, "extensions");
	await installExtension(vsix, extensionsFolder, join(root, "data"));
	const target = join(extensionsFolder, "mcp-mem0-test.probe-0.0.1");
	await cp(resolve("test/e2e/support/probe"), target, { recursive: true });
	// An unpacked folder counts as installed when VS Code's list of extensions names it.
	const list = join(extensionsFolder, "extensions.json");
	const entries = JSON.parse(await readFile(list, "utf8")) as unknown[];
	entries.push({
		identifier: { id: "mcp-mem0-test.probe" },
		version: "0.0.1",
		location: { $mid: 1, path: target, scheme: "file" },
		relativeLocation: "mcp-mem0-test.probe-0.0.1",
	});
	await writeFile(list, JSON.stringify(entries));
	return extensionsFolder;
}

export async function runCommand(page: Page, name: string): Promise<void> {
	const input = quickInput(page);
	const row = page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first();
	// A webview gets the focus back a moment after the palette has closed, which closes one that is open again by then.
	await until(async () => {
		await page.keyboard.press("F1");
		await input.fill(`>${name}`, { timeout: 3000 });
		await row.waitFor({ timeout: 3000 });
		await input.press("Enter", { timeout: 3000 });
		return true;
	});
}

/**
 * The box of the open question. Keys go to its own element: on a busy machine the question may be there before it has
 * the focus, or lose it again to what had it before the command palette.
 */
export function quickInput(page: Page): Locator {
	return page.locator(".quick-input-widget input.input").first();
}

/** Answers the open input box. */
export async function typeIn(page: Page, text: string): Promise<void> {
	await quickInput(page).fill(text);
	await quickInput(page).press("Enter");
}

/** Opens a file of the workspace in an editor, and waits for a text in it. */
export async function openFile(page: Page, path: string, text: string): Promise<void> {
	let row = pickRows(page);
	for (const part of path.split("/")) row = row.filter({ hasText: part });
	// VS Code's own list closes when it loses the focus.
	await until(async () => {
		await runCommand(page, "Go to File...");
		await page
			.getByPlaceholder(/^Search files by name/)
			.first()
			.fill(path, { timeout: 3000 });
		await row.first().click({ timeout: 3000 });
		return true;
	});
	await page.locator(".view-line", { hasText: text }).first().waitFor();
}

/**
 * Chooses from an open context menu by keyboard: for its first 100 ms a menu of VS Code ignores the mouse.
 */
export async function chooseInMenu(page: Page, name: string): Promise<void> {
	const item = page.getByRole("menuitem", { name });
	await item.hover();
	await until(async () => ((await item.evaluate((element) => element.matches(":focus"))) ? true : undefined));
	await page.keyboard.press("Enter");
}

/** Prints what a failed test saw, keeps a picture of it, and closes what it left open. */
export async function tidyAfterFailure(page: Page, test: Mocha.Test): Promise<void> {
	const seen: string[] = [];
	await mkdir("out/failures", { recursive: true });
	await page.screenshot({
		animations: "disabled",
		path: `out/failures/${test.title.replace(/\W+/g, "-")}.png`,
	});
	const see = async (...parts: readonly string[]) => {
		for (const part of parts)
			for (const text of await page.locator(`${part}:visible`).allInnerTexts())
				if (text.trim()) seen.push(`${part}: ${text.replace(/\s+/g, " ")}`);
	};
	await see(
		".monaco-dialog-box",
		".quick-input-widget",
		".notification-toast",
		".context-view",
		".statusbar",
	);
	// Toasts go by themselves, and stay in the list.
	await page
		.locator(".statusbar-item .codicon-bell-dot")
		.click({ timeout: 1000 })
		.then(
			() => see(".notifications-center"),
			() => undefined,
		);
	// The report at the end has it too: the picture may be out of reach by then.
	if (test.err) test.err.message += `\n${seen.join("\n")}`;
	console.error(seen.map((line) => `      ${line}`).join("\n"));
	for (let times = 0; times < 3; times++) await page.keyboard.press("Escape");
}

/** The lines of the open quick pick, top first. */
export function pickRows(page: Page) {
	return page.locator(".quick-input-list .monaco-list-row");
}

export async function until<T>(attempt: () => Promise<T | undefined>, patience = 30_000): Promise<T> {
	const deadline = Date.now() + patience;
	let last: unknown;
	while (Date.now() < deadline) {
		try {
			const value = await attempt();
			if (value !== undefined) return value;
		} catch (error) {
			last = error;
		}
		await new Promise((done) => setTimeout(done, 150));
	}
	return assert.fail(
		`It did not come to pass within ${patience} ms. ${last === undefined ? "" : String(last)}`,
	);
}
