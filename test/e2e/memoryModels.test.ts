import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { OpenAiServer } from "../support/openaiServer/server.ts";
import type { ChatRequest } from "../support/openaiServer/types.ts";
import { addMemories } from "./support/seedStore.ts";
import { pickRows, quickInput, runCommand, until, type Vscode } from "./support/window.ts";
import { windowFixture } from "./support/windowFixture.ts";

const day = 86_400_000;
const older = "The build server of alpha runs in Oslo";
const newer = "Since the move, alpha's builds are made in Bergen";

/** Finds that everything contradicts everything. */
function judge({ messages }: ChatRequest): string {
	const { pairs = [] } = JSON.parse(messages.at(-1)?.content ?? "{}") as {
		readonly pairs?: readonly { readonly pair: number }[];
	};
	return JSON.stringify({ pairs: pairs.map(({ pair }) => ({ pair, relation: "contradiction" })) });
}

describe("Memories and models, in a real VS Code window", function () {
	this.timeout(120_000);
	let server: OpenAiServer;
	let vscode: Vscode;
	let page: Page;

	windowFixture(
		{
			servers: [{ chat: (request: ChatRequest) => ({ content: judge(request) }) }],
			settings: ([{ baseUrl }]) => ({
				"mcpMem0.llm.provider": "openai",
				"mcpMem0.llm.baseUrl": baseUrl,
				"mcpMem0.llm.model": "test-chat",
				"mcpMem0.embedding.provider": "builtin",
			}),
		},
		async ({ servers, ...window }) => {
			[server] = servers;
			({ vscode, page } = window);
			page.setDefaultTimeout(15_000);
			await addMemories(vscode.memoryFolder, [
				{ text: older, createdAt: Date.now() - 90 * day },
				{ text: newer, createdAt: Date.now() - day },
				{ text: "Ada prefers tea in the afternoon" },
			]);
		},
	);

	const row = (text: string | RegExp) => page.locator(".sidebar .monaco-list-row", { hasText: text }).first();
	const toast = (text: string | RegExp) => page.locator(".notification-toast", { hasText: text }).first();
	const dialog = () =>
		page.locator(".monaco-dialog-box", { hasText: `Send 2 memories to ${server.origin}?` });
	const asked = () => server.requests.filter(({ body }) => JSON.stringify(body ?? "").includes("Oslo"));

	it("asks before the language model judges memories, and sends nothing after Cancel", async () => {
		await runCommand(page, "Mem0: Tidy Up Memories…");
		await dialog().waitFor();
		await page.screenshot({ animations: "disabled", path: "out/tidyUp-question.png" });
		await dialog()
			.getByText(/split: 1 request, 1 KB together/)
			.waitFor();
		await dialog().getByRole("button", { name: "Cancel" }).click();
		await dialog().waitFor({ state: "detached" });
		await page.locator(".notification-toast", { hasText: "Looking for" }).waitFor({ state: "detached" });
		assert.equal(asked().length, 0);
	});

	it("proposes what the language model finds, both texts side by side", async () => {
		await runCommand(page, "Mem0: Tidy Up Memories…");
		await dialog().getByRole("button", { name: "Send" }).click();
		await toast(/Examined 3 memories\. Proposals that wait for your review: 1/).waitFor();
		assert.equal(asked().length, 1);
		await toast(/Examined 3/)
			.getByRole("button", { name: "Review" })
			.click();
		await row("contradicts an older one").click();
		await page.locator(".monaco-diff-editor .original .view-line", { hasText: "Oslo" }).waitFor();
		await page.locator(".monaco-diff-editor .modified .view-line", { hasText: "Bergen" }).waitFor();
		await page.locator(".tab", { hasText: "The language model finds" }).waitFor();
	});

	it("says first, in the search, that it went by words only, and Enter opens the best memory all the same", async () => {
		await vscode.probe("setSettings", {
			settings: {
				"mcpMem0.embedding.provider": "openai",
				"mcpMem0.embedding.baseUrl": "http://127.0.0.1:9/v1",
				"mcpMem0.embedding.model": "test-embed",
			},
		});
		await runCommand(page, "Mem0: Search Memories");
		await page.locator(".quick-input-title", { hasText: "Search memories" }).waitFor();
		await quickInput(page).fill("tea in the afternoon");
		await pickRows(page).first().filter({ hasText: "Searched by words only" }).waitFor();
		await pickRows(page).nth(1).filter({ hasText: "Ada prefers tea" }).waitFor();
		await page
			.locator(".quick-input-list .monaco-list-row.focused", { hasText: "Ada prefers tea" })
			.waitFor();
		await page.screenshot({ animations: "disabled", path: "out/byWordsOnly.png" });
		await quickInput(page).press("Enter");
		await until(
			async () => /tea in the afternoon/.test((await vscode.probe<string>("activeText")) ?? "") || undefined,
		);
	});
});
