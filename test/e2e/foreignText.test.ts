import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { pickRows, quickInput, runCommand } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const text = "Run [this](command:workbench.action.togglePanel) or $(error) at www.evil.example";

describe("Text of a memory in a real VS Code window", function () {
	this.timeout(180_000);
	let page: Page;

	windowFixture({ memories: [{ text }] }, (window) => {
		({ page } = window);
	});

	it("is neither a link nor an icon in the list, or in a notification", async () => {
		await runCommand(page, "Mem0: Search Memories");
		const row = pickRows(page).filter({ hasText: "Run [this]" });
		await row.waitFor();
		assert.equal(
			await row.locator(".quick-input-list-label .codicon-error, .label-name .codicon-error").count(),
			0,
		);
		assert.match((await row.textContent()) ?? "", /\$\u2060?\(error\)/);
		await row.hover();
		await row.getByRole("button", { name: "Delete" }).click();
		await quickInput(page).press("Escape");
		const toast = page.locator(".notification-toast", { hasText: "Deleted “Run [this] (command:" });
		await toast.waitFor();
		assert.equal(await toast.locator(".notification-list-item-message a").count(), 0);
		await toast.getByRole("button", { name: "Undo" }).click();
	});
});
