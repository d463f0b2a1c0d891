import assert from "node:assert/strict";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { pickRows, quickInput, runCommand, until, type Vscode } from "./window.ts";

const regions = {
	"language model": "Language model",
	embeddings: "Embeddings",
	database: "Team",
} as const;
type Section = keyof typeof regions;

/** The settings panel in a window, used as a person would. */
export class Panel {
	readonly page: Page;
	/** A webview is a frame in a frame. */
	readonly frame: FrameLocator;

	private constructor(page: Page) {
		this.page = page;
		this.frame = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
	}

	static async open(page: Page): Promise<Panel> {
		await runCommand(page, "Mem0: Open Settings");
		return Panel.of(page);
	}

	/** The one that is open. */
	static async of(page: Page): Promise<Panel> {
		const panel = new Panel(page);
		await panel.frame.getByRole("heading", { name: "Mem0 settings" }).waitFor();
		return panel;
	}

	field(variable: string): Locator {
		return this.frame.locator(`#field-${variable}`);
	}

	/** Everything that belongs to a field, with the remarks on its value. */
	around(variable: string): Locator {
		return this.frame.locator(`.field[data-variable="${variable}"]`);
	}

	button(name: string | RegExp): Locator {
		return this.frame.getByRole("button", { name, exact: typeof name === "string" });
	}

	async fillIn(preset: string): Promise<void> {
		await this.frame.getByLabel("Set-up").selectOption({ label: preset });
		// A value typed at once would collide with the preset's, which is still on its way.
		await this.frame.getByText(`${preset} is filled in.`).first().waitFor({ state: "attached" });
	}

	/** Types a key where VS Code asks for it. */
	async enterKey(variable: string, key: string, button: RegExp = /^(Enter|Replace) key…$/): Promise<void> {
		await this.around(variable).getByRole("button", { name: button }).click();
		const question = this.page.locator(".quick-input-title", { hasText: "API key for" });
		await question.waitFor();
		const input = quickInput(this.page);
		await input.fill(key);
		await input.press("Enter");
		// Where another key is entered already, the line below is there before this one has been taken.
		await question.waitFor({ state: "hidden" });
		await this.around(variable).getByText("will be stored when you save").waitFor();
	}

	/** Runs the checks of a section, and returns their summary. */
	async test(section: Section): Promise<string> {
		await this.button(`Test ${section}`).click();
		const summary = this.section(section).locator(".test-summary");
		await summary
			.filter({ hasText: /checks? (passed|found)|nothing to test/, hasNotText: "edited since" })
			.waitFor({ timeout: 60_000 });
		return (await summary.textContent()) ?? "";
	}

	section(section: Section): Locator {
		return this.frame.getByRole("region", {
			name: regions[section],
		});
	}

	/** The findings of a test that are not ok, a line each. */
	async findings(section: Section): Promise<string[]> {
		return this.section(section).locator(".findings li:not(.ok):not(.skipped)").allInnerTexts();
	}

	async save(): Promise<void> {
		await this.button("Save").click();
		await this.frame.getByText("Everything is saved.").waitFor();
	}

	/** `VARIABLE=value`, as the pane of the effective configuration shows it. */
	async effective(): Promise<Record<string, string>> {
		const rows = this.frame.locator(".effective tbody tr");
		const cells = await rows.evaluateAll((all) =>
			all.map((row) => [...row.children].map((cell) => cell.textContent ?? "")),
		);
		return Object.fromEntries(cells.map(([variable = "", value = ""]) => [variable, value]));
	}
}

/** Saves with `Mem0: Save Memory…`, and waits for the notification of the result. */
export async function saveMemory(page: Page, text: string, answer: RegExp): Promise<void> {
	await startSaving(page, text);
	await page.locator(".notification-toast", { hasText: answer }).waitFor();
	await runCommand(page, "Notifications: Clear All Notifications");
}

export async function startSaving(page: Page, text: string): Promise<void> {
	const input = quickInput(page);
	// A webview gets the focus back a moment after the palette has closed, which closes what is open again by then.
	await until(async () => {
		await runCommand(page, "Mem0: Save Memory…");
		await page.locator(".quick-input-title", { hasText: "Save memory" }).waitFor({ timeout: 3000 });
		await input.fill(text, { timeout: 3000 });
		await input.press("Enter", { timeout: 3000 });
		await pickRows(page).filter({ hasText: "Everywhere" }).click({ timeout: 3000 });
		return true;
	});
}

/** Settings as they are on disk, where VS Code keeps them. */
export function settingsOf(vscode: Vscode): Promise<Record<string, unknown>> {
	return vscode.probe<Record<string, unknown>>("settings");
}

/** Waits until a setting has a value on disk. */
export async function settled(vscode: Vscode, name: string, value: unknown): Promise<void> {
	await until(async () => {
		assert.deepEqual((await settingsOf(vscode))[name], value);
		return true;
	});
}
