import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { silentLog } from "../../src/config/log.ts";
import { directly } from "../../src/config/network.ts";
import { type HttpHost, startHttpHost } from "../../src/mcp/hosts/http.ts";
import { createMcpServer } from "../../src/mcp/server.ts";
import type { Actor } from "../../src/memory/access/actor.ts";
import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import type { Project } from "../../src/store/types.ts";
import { TestIdentityProvider } from "../support/fixtures/identityProvider.ts";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";
import { launchBrowser } from "../support/vscode/browser.ts";
import { startVscodeWeb, type VscodeWeb } from "../support/vscode/vscodeWeb.ts";
import { runCommand, tidyAfterFailure, until } from "./support/window.ts";

describe("VS Code and a team's server", function () {
	this.timeout(180_000);
	let provider: TestIdentityProvider;
	let host: HttpHost;
	let vscode: VscodeWeb;
	let browser: Browser;
	let page: Page;
	const closing: (() => Promise<unknown>)[] = [];
	const came: { readonly actor: Actor | undefined; readonly project: Project | undefined }[] = [];

	before(async () => {
		provider = await TestIdentityProvider.start();
		closing.push(() => provider.stop());
		const { store } = await openStore(temporaryFolder());
		closing.push(() => store.close());
		const oauth = {
			issuer: provider.issuer,
			audience: undefined,
			scopes: ["memory.use"],
			userClaim: "sub",
			admins: [],
			network: directly,
		};
		host = await startHttpHost({
			createSession: ({ actor }, project) => {
				came.push({ actor, project });
				return createMcpServer({
					memory: () => Promise.reject(new Error("not asked for")),
					version: "1",
					log: silentLog,
					project: async () => undefined,
				});
			},
			log: silentLog,
			host: "127.0.0.1",
			port: 0,
			team: { users: store.users, oauth, publicUrl: undefined, requestsPerMinute: 0 },
		});
		closing.push(() => host.close());
		provider.serve(host.url);
		const root = temporaryFolder();
		const folder = join(root, "workspace");
		await mkdir(join(folder, ".vscode"), { recursive: true });
		const mem0 = {
			type: "http",
			url: host.url,
			headers: { "Mem0-Project": "git@github.com:acme/app.git" },
		};
		await writeFile(join(folder, ".vscode", "mcp.json"), JSON.stringify({ servers: { mem0 } }));
		vscode = await startVscodeWeb({
			dataFolder: join(root, "data"),
			extensionsFolder: join(root, "extensions"),
			settings: { "workbench.startupEditor": "none", "chat.mcp.autostart": "never" },
		});
		closing.push(() => vscode.close());
		browser = await launchBrowser();
		closing.push(() => browser.close());
		const context = await browser.newContext({ viewport: { width: 1100, height: 700 } });
		// A window in a browser takes this machine's ports for those of a server far away.
		await context.route(`${vscode.origin}/proxy/**`, (route) => {
			const [, port = "", rest = ""] = /\/proxy\/(\d+)(.*)$/.exec(route.request().url()) ?? [];
			return route.fulfill({ status: 302, headers: { location: `http://127.0.0.1:${port}${rest}` } });
		});
		page = await context.newPage();
		await page.goto(vscode.url(folder));
		await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
	});
	after(async () => {
		for (const close of closing.splice(0).reverse()) await close();
	});
	/** Requests that the server has answered. */
	function asked(): number {
		const counted = host.counts.all.find(({ name }) => name === "http_requests_total");
		return counted?.samples.length ?? 0;
	}

	afterEach(async function () {
		if (this.currentTest?.state === "failed") await tidyAfterFailure(page, this.currentTest);
	});

	it("lets a person log in with the company's identity provider", async () => {
		const popup = page.context().waitForEvent("page", { timeout: 90_000 });
		const answering = new AbortController();
		const answer = async () => {
			while (!answering.signal.aborted) {
				for (const name of [/^Allow/, /^Trust/, /^Open$/])
					await page
						.locator(".monaco-dialog-box")
						.getByRole("button", { name })
						.first()
						.click({ timeout: 300 })
						.catch(() => undefined);
			}
		};
		const answered = answer();
		// While the window still activates its extensions, a start leads to nothing.
		await until(async () => {
			await runCommand(page, "MCP: List Servers");
			for (const row of ["mem0", "Start Server"])
				await page
					.locator(".quick-input-list .monaco-list-row", { hasText: row })
					.first()
					.click({ timeout: 3000 });
			await new Promise((resolve) => setTimeout(resolve, 3000));
			return asked() > 0 || undefined;
		}, 60_000);
		const login = await popup;
		await login.locator('input[name="login"]').fill("ada");
		await login.locator('input[name="password"]').fill("any");
		await login.locator('button[type="submit"]').click();
		// Microsoft's page, which cannot be reached from everywhere, sends the browser on to where the state says.
		const redirect = login.waitForRequest(/^https:\/\/vscode\.dev\/redirect/);
		await login.locator('button[type="submit"]', { hasText: "Continue" }).click();
		const given = new URL((await redirect).url()).searchParams;
		const back = new URL(decodeURIComponent(given.get("state") ?? ""));
		const query = `${back.searchParams.get("vscode-query")}&code=${given.get("code")}`;
		back.searchParams.set("vscode-query", query);
		await until(async () => {
			await login.goto(back.href);
			return true;
		});
		await until(async () => came.length > 0 || undefined);
		answering.abort();
		await answered;
		assert.deepEqual(came[0], {
			actor: { userId: "ada", admin: false },
			project: { id: "github.com/acme/app", name: "app" },
		});
	});
});
