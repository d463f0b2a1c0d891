import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { freePort } from "../support/vscode/vscodeWeb.ts";
import { pictureFolder, themes } from "./support/pictures.ts";
import { openFile, pickRows, quickInput, runCommand, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const day = 86_400_000;
const files = {
	"release.md": "# Release checklist\n\n1. All tests are green\n2. The changelog is written\n3. ",
};
const memories = (
	[
		["We deploy with make ship, from the main branch only, never on Fridays", 3],
		["The deploy key for staging is rotated on the first Monday of the month", 21],
		["Ada wants a short summary before any code is changed", 40],
		["Tests run with mocha; a flaky test is fixed, never retried", 2],
		["Deploys are announced in the team channel ten minutes ahead", 9],
		["The API returns money as integers in cents", 90],
		["Ada prefers tabs over spaces", 120],
	] as const
).map(([text, age]) => ({ text, createdAt: Date.now() - age * day - 1000 }));

describe("What a person sees", function () {
	this.timeout(120_000);
	let vscode: Vscode;
	let page: Page;

	windowFixture({ files: () => files, memories }, async (window) => {
		({ vscode, page } = window);
		await page.locator(".statusbar-item", { hasText: "Mem0: 7" }).waitFor();
		await openFile(page, "release.md", "Release checklist");
	});

	for (const [name, [theme, mark]] of Object.entries(themes)) {
		it(`is readable in the ${name} theme`, async () => {
			await vscode.probe("setTheme", { theme });
			await page.locator(`.monaco-workbench.${mark}`).waitFor();
			await runCommand(page, "Mem0: Search Memories");
			await page.locator(".quick-input-title", { hasText: "Search memories" }).waitFor();
			await quickInput(page).fill("how do we deploy?");
			await pickRows(page)
				.first()
				.filter({ hasText: /make ship.*\d+ %/ })
				.waitFor();
			await page.locator(".quick-input-list-separator:visible", { hasText: "Weak matches" }).waitFor();
			await mkdir(pictureFolder, { recursive: true });
			await page.screenshot({ animations: "disabled", path: join(pictureFolder, `search-${name}.png`) });
			assert.ok(
				(await contrastOfFirstRow(page)) >= 4.5,
				"the first result has the contrast WCAG AA asks for",
			);
			await quickInput(page).press("Escape");
		});
	}
});

describe("What a person sees of an endpoint that is away", function () {
	this.timeout(120_000);
	let vscode: Vscode;
	let page: Page;
	let closedPort = 0;

	before(async () => {
		closedPort = await freePort();
	});
	const settings = () => ({
		"mcpMem0.llm.provider": "openai",
		"mcpMem0.llm.baseUrl": `http://localhost:${closedPort}/v1`,
		"mcpMem0.llm.model": "qwen3-8b",
		"mcpMem0.embedding.provider": "builtin",
	});
	windowFixture({ files: () => files, settings, memories }, async (window) => {
		({ vscode, page } = window);
		await openFile(page, "release.md", "Release checklist");
		await runCommand(page, "Mem0: Save Memory…");
		await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor();
		await quickInput(page).fill("The release manager of this quarter is Grace");
		await quickInput(page).press("Enter");
		await pickRows(page).filter({ hasText: "Everywhere" }).click();
		await page.locator(".notification-toast", { hasText: "nothing listens at localhost" }).waitFor();
	});

	for (const [name, [theme, mark]] of Object.entries(themes)) {
		it(`is readable in the ${name} theme`, async () => {
			await vscode.probe("setTheme", { theme });
			await page.locator(`.monaco-workbench.${mark}`).waitFor();
			const item = page.locator(".statusbar-item.warning-kind", { hasText: /Mem0: 8, 1 pending/ });
			await item.waitFor();
			await item.hover();
			await page.locator(".workbench-hover", { hasText: "not distilled yet" }).waitFor();
			await mkdir(pictureFolder, { recursive: true });
			await page.screenshot({
				animations: "disabled",
				path: join(pictureFolder, `endpoint-away-${name}.png`),
			});
			await page.mouse.move(300, 300);
		});
	}
});

/** WCAG contrast ratio of the first row's label and what lies behind it. */
function contrastOfFirstRow(page: Page): Promise<number> {
	return page.evaluate(`(() => {
		const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
		const light = ([r, g, b]) => {
			const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
			return 0.2126 * x + 0.7152 * y + 0.0722 * z;
		};
		const label = document.querySelector(".quick-input-list .monaco-list-row .label-name");
		let behind = label;
		while (behind && (parse(getComputedStyle(behind).backgroundColor)[3] ?? 1) < 0.5) behind = behind.parentElement;
		const [a, b] = [light(parse(getComputedStyle(label).color)), light(parse(getComputedStyle(behind).backgroundColor))];
		return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
	})()`);
}
