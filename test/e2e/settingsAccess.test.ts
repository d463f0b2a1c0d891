import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Frame, Page } from "playwright-core";
import type { OpenAiServer } from "../support/openaiServer/server.ts";
import { Panel, settled } from "./support/panel.ts";
import { themes } from "./support/pictures.ts";
import { runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

interface Focused {
	readonly id: string;
	readonly tag: string;
	readonly name: string;
	/** Whether one sees it. */
	readonly outlined: boolean;
}

/** In the browser. */
const whatHasFocus = `(() => {
	const element = document.activeElement;
	const label = element.id ? document.querySelector('label[for="' + element.id + '"]') : null;
	const { outlineStyle, outlineWidth } = getComputedStyle(element);
	return {
		id: element.id,
		tag: element.tagName,
		name: element.getAttribute("aria-label") ?? label?.textContent ?? element.textContent ?? "",
		outlined: outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0,
	};
})()`;

/** In the browser: what would need a horizontal scroll bar. */
const whatSticksOut = `[...document.querySelectorAll("main *")]
	.filter((element) => {
		const { right, width } = element.getBoundingClientRect();
		return width > 1 && right > window.innerWidth + 0.5;
	})
	.map((element) => element.outerHTML.slice(0, 120))`;

describe("The settings panel for everybody", function () {
	this.timeout(180_000);
	let server: OpenAiServer;
	let vscode: Vscode;
	let page: Page;
	let panel: Panel;

	windowFixture({ servers: [{ apiKey: "sk-right" }] }, ({ servers, ...window }) => {
		[server] = servers;
		({ vscode, page } = window);
	});

	/** The document of the panel itself, for what concerns all of it. */
	const frameOf = async (): Promise<Frame> => {
		const frame = await (await panel.frame.locator("html").elementHandle())?.ownerFrame();
		assert.ok(frame);
		return frame;
	};

	it("can be used with the keyboard alone", async () => {
		panel = await Panel.open(page);
		const frame = await frameOf();
		const focused = () => frame.evaluate<Focused>(whatHasFocus);
		const tabTo = async (wanted: string) => {
			for (let times = 0; times < 60; times += 1) {
				await page.keyboard.press("Tab");
				const { id, tag, name, outlined } = await focused();
				if (tag === "BODY") continue;
				assert.notEqual(name.trim(), "", `#${id} has no name`);
				assert.ok(outlined, `one does not see that ${name} has the focus`);
				if (id === wanted || name === wanted) return;
			}
			assert.fail(`${wanted} cannot be reached`);
		};
		await panel.frame.locator("body").focus();
		await tabTo("preset");
		await page.keyboard.type("Custom");
		await panel.frame.getByText("3 fields are left for you.").waitFor({ state: "attached" });
		assert.equal((await focused()).id, "preset");
		await tabTo("field-LLM_BASE_URL");
		await page.keyboard.type(server.baseUrl);
		// Typed faster than anybody could: the panel has to catch up.
		await panel
			.around("LLM_API_KEY")
			.getByText(`for ${new URL(server.baseUrl).origin}.`)
			.waitFor();
		await tabTo("Enter key…");
		await page.keyboard.press("Enter");
		await page.locator(".quick-input-title", { hasText: "API key for" }).waitFor();
		await page.locator(".quick-input-widget input:focus").waitFor();
		await page.keyboard.type("sk-wrong");
		await page.keyboard.press("Enter");
		await panel.around("LLM_API_KEY").getByText("will be stored when you save").waitFor();
		await until(async () => ((await focused()).id === "key-LLM_API_KEY" ? true : undefined));
		await tabTo("field-LLM_CHOICE");
		await page.keyboard.type("test-chat");
		await tabTo("Test language model");
		await panel.frame.locator("button[aria-disabled=false]", { hasText: "Test language model" }).waitFor();
		await page.keyboard.press("Enter");
		await panel.frame.locator("[data-finding]").first().waitFor();
		assert.equal((await focused()).name, "Test language model");
		await tabTo("field-EMBEDDING_MODEL_CHOICE");
		await page.keyboard.type("test-embed");
		await page.keyboard.press("Shift+Tab");
		await tabTo("Save");
		await panel.frame.locator("button.primary[aria-disabled=false]").waitFor();
		await page.keyboard.press("Enter");
		await settled(vscode, "mcpMem0.embedding.model", "test-embed");
	});

	it("leads to the base URL who wants to enter a key before there is a host", async () => {
		await panel.field("LLM_BASE_URL").fill("http://");
		const frame = await frameOf();
		await frame.locator("#key-LLM_API_KEY").press("Enter");
		await until(async () =>
			(await frame.evaluate<Focused>(whatHasFocus)).id === "field-LLM_BASE_URL" ? true : undefined,
		);
		await panel.field("LLM_BASE_URL").fill(server.baseUrl);
	});

	it("keeps the buttons of a key when a state comes that does not know yet what was typed", async () => {
		const frame = await frameOf();
		await frame.evaluate(
			`window.addEventListener("message", ({ data }) => { if (data.kind === "state") window.newest = data; })`,
		);
		await panel.field("LLM_BASE_URL").fill(`${server.baseUrl}/`);
		await until(async () => ((await frame.evaluate("window.newest")) ? true : undefined));
		await frame.locator("#preset").focus();
		await frame.evaluate(`{
			const state = { ...window.newest.state, keys: [], sequence: window.newest.state.sequence - 1 };
			window.dispatchEvent(new MessageEvent("message", { data: { kind: "state", state } }));
		}`);
		assert.ok(await frame.locator("#key-LLM_API_KEY").isVisible());
		await panel.field("LLM_BASE_URL").fill(server.baseUrl);
	});

	it("has everything in view that is asked for: problems, findings, conflicts", async () => {
		assert.match(await panel.test("language model"), /found something/);
		await panel.field("LLM_CHOICE").fill("mine");
		await vscode.probe("setSettings", { settings: { "mcpMem0.llm.model": "theirs" } });
		await panel.frame.getByText("Changed elsewhere, to theirs.").waitFor();
		await panel.frame.getByText("Advanced").click();
		await panel.field("LLM_MAX_TOKENS").fill("many");
		await panel.around("LLM_MAX_TOKENS").getByText("Takes a whole number").waitFor();
		await panel.around("LLM_HEADERS").getByRole("button", { name: "Add header" }).click();
	});

	for (const [name, [theme, mark]] of Object.entries(themes))
		it(`has no fault that axe finds in the ${name} theme`, async () => {
			await vscode.probe("setTheme", { theme });
			await page.locator(`.monaco-workbench.${mark}`).waitFor();
			const frame = await frameOf();
			const wanted = name === "contrast" ? "high-contrast" : name;
			await until(async () =>
				(await frame.evaluate<string>("document.body.className")).includes(wanted) ? true : undefined,
			);
			await frame.evaluate(
				await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"),
			);
			const violations = await frame.evaluate(`axe.run(document).then(({ violations }) =>
				violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 160)).join(" | ")))`);
			assert.deepEqual(violations, []);
			await page.screenshot({ animations: "disabled", path: `out/failures/axe-${name}.png` });
		});

	for (const [what, width] of [
		["320 px wide", 320],
		["at a zoom of 200 %", 550],
	] as const)
		it(`fits ${what}`, async () => {
			await vscode.probe("command", { id: "workbench.action.closeSidebar" });
			const frame = await frameOf();
			const inner = () => frame.evaluate<number>("window.innerWidth");
			await page.setViewportSize({ width: 700, height: 700 });
			await until(async () => ((await inner()) < 700 ? true : undefined));
			const around = 700 - (await inner());
			await page.setViewportSize({
				width: width + (width === 320 ? around : 0),
				height: width === 320 ? 700 : 350,
			});
			const seen = width === 320 ? 320 : width - around;
			await until(async () => ((await inner()) === seen ? true : undefined));
			assert.deepEqual(await frame.evaluate(whatSticksOut), []);
			assert.equal(await frame.evaluate("document.documentElement.scrollWidth"), seen);
			await page.screenshot({ animations: "disabled", path: `out/failures/width-${width}.png` });
		});

	it("can be opened from where something is missing, on its field", async () => {
		await page.setViewportSize({ width: 1100, height: 700 });
		await runCommand(page, "View: Close All Editors");
		await page
			.locator(".notification-toast", { hasText: "unsaved changes" })
			.getByRole("button", { name: "Discard" })
			.click();
		await vscode.probe("command", { id: "mcpMem0.openSettings", args: ["MEMORY_DIR"] });
		panel = await Panel.of(page);
		await until(async () =>
			(await (await frameOf()).evaluate("document.activeElement?.id")) === "field-MEMORY_DIR"
				? true
				: undefined,
		);
	});
});
