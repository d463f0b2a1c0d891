import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

describe("The extension's Details page, in a real VS Code window", function () {
	this.timeout(180_000);
	let vscode: Vscode;
	let page: Page;

	windowFixture({}, (window) => {
		({ vscode, page } = window);
	});

	it("shows no broken picture and no link that leads nowhere, without network", async () => {
		await vscode.probe("command", { id: "workbench.extensions.search", args: ["@installed mem0"] });
		await page.locator(".extension-list-item", { hasText: "MCP Mem0" }).first().click();
		const frame = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
		await frame.getByRole("heading", { name: "MCP Mem0: memory for Copilot and agents" }).waitFor();
		const broken = await until(async () => {
			const images = await frame.locator("img").evaluateAll((all) =>
				(all as unknown as { complete: boolean; naturalWidth: number; src: string; alt: string }[]).map(
					({ complete, naturalWidth, src, alt }) => ({
						complete,
						naturalWidth,
						src: src.slice(0, 60),
						alt,
					}),
				),
			);
			if (images.some(({ complete }) => !complete)) return undefined;
			return images.filter(({ naturalWidth }) => naturalWidth === 0);
		});
		await page.screenshot({ animations: "disabled", path: "out/detailsPage.png" });
		assert.deepEqual(broken, []);
		const links = await frame
			.locator("a")
			.evaluateAll((all) =>
				all.map((each) => each.getAttribute("data-href") ?? each.getAttribute("href") ?? ""),
			);
		for (const link of links) assert.match(link, /^(https?:|#|mailto:)/, `${link} leads nowhere`);
	});
});
