import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { OpenAiServer } from "../support/openaiServer/server.ts";
import { Panel } from "./support/panel.ts";
import { pictureFolder, themes } from "./support/pictures.ts";
import { runCommand, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const day = 86_400_000;

/** In the browser: what fades in is there. */
const movementsEnd = `Promise.all(
	document.getAnimations()
		.filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
		.map(({ finished }) => finished.catch(() => undefined)),
).then(() => undefined)`;

describe("Pictures of the first steps", function () {
	this.timeout(180_000);
	let server: OpenAiServer;
	let vscode: Vscode;
	let page: Page;
	let panel: Panel;

	windowFixture(
		{
			servers: [
				{
					chatModels: ["qwen3-8b", "llama-3.3-70b"],
					embeddingModels: ["bge-m3"],
					contextLength: 32_768,
				},
			],
			files: () => ({ "release.md": "# Release checklist\n" }),
			memories: [
				["We deploy with make ship, from the main branch only, never on Fridays", 3],
				["Ada wants a short summary before any code is changed", 40],
				["Tests run with mocha; a flaky test is fixed, never retried", 2],
				["The API returns money as integers in cents", 90],
				["Ada prefers tabs over spaces", 120],
			].map(([text, age]) => ({ text, createdAt: Date.now() - Number(age) * day - 1000 })),
		},
		async ({ servers, ...window }) => {
			[server] = servers;
			({ vscode, page } = window);
			await vscode.probe("command", { id: "workbench.action.closeSidebar" });
			panel = await Panel.open(page);
			await panel.fillIn("Custom OpenAI-compatible server");
			await panel.field("LLM_BASE_URL").fill(server.baseUrl);
			await panel.field("LLM_CHOICE").fill("qwen3-8b");
			await panel.field("EMBEDDING_MODEL_CHOICE").fill("bge-m3");
			await panel.around("LLM_API_KEY").getByRole("button", { name: "Needs no key" }).click();
			await panel.save();
			await panel.test("language model");
			await vscode.startMcpServer();
		},
	);

	const shoot = async (name: string) => {
		await mkdir(pictureFolder, { recursive: true });
		await page.evaluate(movementsEnd);
		await page.screenshot({ animations: "disabled", path: join(pictureFolder, `${name}.png`) });
	};
	const wear = async ([theme, mark]: readonly [string, string]) => {
		await vscode.probe("setTheme", { theme });
		await page.locator(`.monaco-workbench.${mark}`).waitFor();
	};

	for (const [name, theme] of Object.entries(themes))
		it(`the settings panel in the ${name} theme`, async () => {
			await wear(theme);
			await runCommand(page, "Notifications: Clear All Notifications");
			await panel.frame.locator("#preset").focus();
			// As it opens: a field that gets the focus is scrolled to, and no further.
			await panel.frame.locator("html").evaluate((html) => html.scrollTo(0, 0));
			await shoot(`settings-${name}`);
		});

	for (const [name, theme] of Object.entries(themes))
		it(`the tools that Copilot gets, in the ${name} theme`, async () => {
			await wear(theme);
			await runCommand(page, "View: Close All Editors");
			await vscode.probe("command", { id: "workbench.action.chat.open" });
			await page.getByRole("button", { name: /Configure Tools/ }).click();
			const tools = page.locator(".quick-input-widget", { hasText: "Mem0" });
			await tools.locator("input[type=text]").fill("memor");
			const folded = tools.locator(".monaco-list-row[aria-expanded=false]", { hasText: "Mem0" });
			const saving = tools.getByText("save_memory").first();
			// Whether it was unfolded last time is remembered.
			await folded.or(saving).waitFor();
			if (await folded.isVisible()) await folded.locator(".monaco-tl-twistie").click();
			await saving.waitFor();
			await shoot(`copilot-${name}`);
			await page.keyboard.press("Escape");
		});
});
