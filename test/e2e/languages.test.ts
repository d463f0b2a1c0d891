import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { sameIn } from "../support/l10n/same.ts";
import { bundleFile, manifestFile, readStrings, translations } from "../support/l10n/strings.ts";
import { alpha, hundredMemories } from "./support/hundredMemories.ts";
import { pictureFolder } from "./support/pictures.ts";
import { addMemories, windowUser, withStore } from "./support/seedStore.ts";
import { pickRows, quickInput, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const files = {
	"notes.md": "# Notes\n",
	".git/HEAD": "ref: refs/heads/main\n",
	".git/config": '[remote "origin"]\n\turl = https://example.com/team/alpha.git\n',
};
const day = 86_400_000;

for (const language of translations)
	describe(`A window in ${language}`, function () {
		this.timeout(180_000);
		const texts = readStrings(bundleFile(language));
		const manifest = readStrings(manifestFile(language));
		let vscode: Vscode;
		let page: Page;

		const t = (key: string, ...values: readonly string[]) =>
			(texts[key] ?? assert.fail(key)).replace(/\{(\d)\}/g, (_, index) => values[Number(index)] ?? "");
		const command = (id: string) => `Mem0: ${manifest[`command.${id}`] ?? assert.fail(id)}`;
		const row = (text: string) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
		const picture = async (name: string) => {
			await mkdir(pictureFolder, { recursive: true });
			await page.screenshot({ animations: "disabled", path: join(pictureFolder, `${name}-${language}.png`) });
		};
		/** What is still in English, of texts that are translated. */
		const english = (shown: readonly string[]) => {
			const same = sameIn[language];
			const words = Object.entries(readStrings(bundleFile())).filter(
				([key, text]) => !same.includes(key) && texts[key] !== text && /\p{L}{3}/u.test(text),
			);
			const known = new Set(words.map(([, text]) => text));
			return shown.filter((text) => known.has(text));
		};

		windowFixture({ files: () => files, language }, async (window) => {
			({ vscode, page } = window);
			await page.setViewportSize({ width: 1100, height: 800 });
			await addMemories(vscode.memoryFolder, hundredMemories(Date.now()));
			await withStore(vscode.memoryFolder, async (store) => {
				await store.candidates.add([
					{
						userId: windowUser,
						kind: "capture",
						key: "monday-tags",
						text: "Releases are tagged on Mondays",
						why: "Said in a session",
						scope: "project",
						project: alpha,
						createdAt: Date.now() - 3 * day,
					},
				]);
			});
		});

		it("has the palette's commands in its language, and finds them by their English names", async () => {
			await page.keyboard.press("F1");
			const input = quickInput(page);
			await input.fill(`>${command("saveMemory")}`);
			await pickRows(page)
				.filter({ hasText: command("saveMemory") })
				.first()
				.waitFor();
			await input.fill(">Mem0");
			await pickRows(page).nth(3).waitFor();
			await picture("palette");
			await input.fill(">Mem0: Tidy Up");
			await pickRows(page)
				.filter({ hasText: command("tidyUp") })
				.first()
				.waitFor();
			await quickInput(page).press("Escape");
		});

		it("shows the view in its language: groups, ages, proposals with their reasons", async () => {
			await runCommand(page, command("showMemories"));
			await row(t("This project")).waitFor();
			await row(t("Waiting for review")).waitFor();
			const ago = new Intl.RelativeTimeFormat(language).format(-3, "day");
			const proposal = row("Releases are tagged on Mondays");
			await proposal.filter({ hasText: ago }).waitFor();
			const hover = page.locator(".monaco-hover:visible, .workbench-hover:visible");
			// Rows that are read again lose their hover.
			await until(async () => {
				await page.mouse.move(800, 300);
				await proposal.hover();
				await hover
					.filter({ hasText: t("Why: {0}", t("Said in a session")) })
					.first()
					.waitFor({ timeout: 3000 });
				return true;
			});
			await picture("view");
			const shown = await page.locator(".sidebar .monaco-list-row .label-name").allInnerTexts();
			assert.ok(shown.length > 5);
			assert.deepEqual(english(shown), []);
			await page.mouse.move(800, 300);
		});

		it("shows the settings panel in its language, every word of it", async () => {
			await runCommand(page, command("openSettings"));
			const frame = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
			await frame.getByRole("heading", { name: t("Mem0 settings") }).waitFor();
			assert.equal(
				await frame.locator("html").getAttribute("lang"),
				texts["en/The language of this translation, as an IETF tag: de, zh-Hans"],
			);
			await frame
				.getByLabel(t("Set-up"), { exact: true })
				.selectOption({ label: t("Custom OpenAI-compatible server") });
			await frame
				.getByText(t("{0} is filled in.", t("Custom OpenAI-compatible server")))
				.first()
				.waitFor({ state: "attached" });
			await frame.locator("details summary").click();
			const shown = await frame.locator("#panel").evaluate((panel) => {
				const found: string[] = [];
				for (const element of panel.querySelectorAll("*")) {
					for (const name of ["title", "aria-label", "placeholder"])
						found.push(element.getAttribute(name) ?? "");
					for (const child of element.childNodes)
						if (child.nodeType === 3) found.push(child.textContent ?? "");
				}
				return found.map((text) => text.trim()).filter((text) => text !== "");
			});
			assert.ok(shown.length > 200, String(shown.length));
			assert.deepEqual(english(shown), []);
			await frame.locator("details summary").click();
			await frame.locator("h1").scrollIntoViewIfNeeded();
			await picture("settings");
			await frame.getByRole("button", { name: t("Discard"), exact: true }).click();
			await frame.getByText(t("Everything is saved.")).waitFor();
		});

		it("searches, saves and undoes in its language", async () => {
			await runCommand(page, command("searchMemories"));
			await page
				.locator(".quick-input-title", { hasText: t("Search memories: {0}", t("global and this project")) })
				.waitFor();
			await quickInput(page).fill("how do we deploy?");
			await pickRows(page).filter({ hasText: "make ship" }).first().waitFor();
			await page.locator(".quick-input-list-separator:visible", { hasText: t("Weak matches") }).waitFor();
			await picture("search");
			await quickInput(page).press("Escape");
			await runCommand(page, command("saveMemory"));
			await page.locator(".quick-input-title", { hasText: t("Save memory") }).waitFor();
			const input = quickInput(page);
			await input.fill("Ada reads German and Chinese");
			await input.press("Enter");
			await pickRows(page)
				.filter({ hasText: t("Everywhere") })
				.click();
			const toast = page.locator(".notification-toast", { hasText: "Ada reads German and Chinese" });
			await toast.getByRole("button", { name: t("Undo") }).click();
			await until(
				async () =>
					(await page
						.locator(".statusbar", { hasText: t("Undone: {0} deleted", t("# memory").replace("#", "1")) })
						.count()) > 0 || undefined,
			);
		});
	});
