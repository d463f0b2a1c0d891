import type { FrameLocator, Page } from "playwright-core";
import { runCommand } from "./window.ts";

/** The settings panel in a window: a webview, which is a frame in a frame. */
export async function openPanel(page: Page): Promise<FrameLocator> {
	await runCommand(page, "Mem0: Open Settings");
	return panelOf(page);
}

export async function panelOf(page: Page): Promise<FrameLocator> {
	const panel = page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
	await panel.getByRole("heading", { name: "Mem0 settings" }).waitFor();
	return panel;
}
