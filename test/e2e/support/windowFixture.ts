import type { Page } from "playwright-core";
import { OpenAiServer, type OpenAiServerOptions } from "../../support/openaiServer/server.ts";
import { tidyAfterFailure, Vscode } from "./window.ts";

type Servers<Options> = { readonly [Index in keyof Options]: OpenAiServer };

export interface WindowSetup<Options extends readonly OpenAiServerOptions[]> {
	/** The model servers of the suite, which run before VS Code starts. */
	readonly servers?: Options;
	/** What lies in the workspace folder, by name. */
	readonly files?: (servers: Servers<Options>) => Readonly<Record<string, string>>;
	readonly settings?: (servers: Servers<Options>) => Readonly<Record<string, unknown>>;
	readonly workspaceTrust?: boolean;
	/** A `.code-workspace` among the files, which the window opens; default: the folder. */
	readonly opens?: string;
	/** Of the window; default: English. */
	readonly language?: string;
	/** Memories that are there before the window opens. */
	readonly memories?: readonly object[];
	/** Whether VS Code's chat stays open beside the editor. */
	readonly chat?: boolean;
}

/**
 * Registers the hooks of a suite that works in one window of a real VS Code: it starts before the tests and goes, with
 * the suite's servers, after them; a test that failed leaves a picture.
 * @param ready gets what was started, and does what the suite needs further before its tests.
 */
export function windowFixture<const Options extends readonly OpenAiServerOptions[] = readonly []>(
	setup: WindowSetup<Options>,
	ready: (opened: {
		readonly vscode: Vscode;
		readonly page: Page;
		readonly servers: Servers<Options>;
	}) => unknown,
): void {
	const closing: (() => Promise<unknown>)[] = [];
	let page: Page | undefined;
	before(async () => {
		const started: OpenAiServer[] = [];
		for (const options of setup.servers ?? []) {
			const server = await OpenAiServer.start(options);
			started.push(server);
			closing.push(() => server.close());
		}
		const servers = started as unknown as Servers<Options>;
		const vscode = await Vscode.start(setup.files?.(servers) ?? { "notes.md": "# Notes\n" }, {
			settings: setup.settings?.(servers) ?? {},
			workspaceTrust: setup.workspaceTrust ?? false,
			...(setup.opens === undefined ? {} : { opens: setup.opens }),
			language: setup.language,
		});
		closing.push(() => vscode.close());
		if (setup.memories) await vscode.seed(setup.memories);
		page = await vscode.open();
		if (!setup.chat) await vscode.probe("command", { id: "workbench.action.closeAuxiliaryBar" });
		await ready({ vscode, page, servers });
	});
	after(async () => {
		for (const close of closing.splice(0).reverse()) await close();
	});
	afterEach(async function () {
		if (page && this.currentTest?.state === "failed") await tidyAfterFailure(page, this.currentTest);
	});
}
