import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import * as vscode from "vscode";
import { invoke } from "./mcp.test.ts";

const settings = [
	"http.proxy",
	"http.noProxy",
	"mcpMem0.llm.provider",
	"mcpMem0.llm.baseUrl",
	"mcpMem0.llm.model",
];

function set(name: string, value: unknown): Thenable<void> {
	return vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);
}

/** Waits for a server that VS Code has started with the settings as they are. */
async function statusWith(way: RegExp | undefined): Promise<void> {
	let seen: string | undefined;
	for (let i = 0; i < 100; i += 1) {
		const { llm } = await invoke<{ llm?: { way?: string } }>("memory_status", {}).catch(() => ({
			llm: undefined,
		}));
		seen = llm?.way;
		if (llm && (way ? way.test(seen ?? "") : seen === undefined)) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	assert.fail(`It is reached ${seen}, not ${way}.`);
}

export function define(): void {
	describe("The network's settings in VS Code", () => {
		const asked: string[] = [];
		let proxy: Server;

		/** A proxy that is the language model at every host. */
		before(async () => {
			proxy = createServer(async (request, response) => {
				asked.push(`${request.method} ${request.url}`);
				await readText(request);
				const content = JSON.stringify({
					memory: [{ id: "0", text: "Ada lives in Lisbon.", attributed_to: "user" }],
				});
				const message = { role: "assistant", content };
				response.setHeader("content-type", "application/json");
				response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }] }));
			});
			await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
			await set("mcpMem0.llm.provider", "openai");
			await set("mcpMem0.llm.baseUrl", "http://llm.corp.test/v1");
			await set("mcpMem0.llm.model", "test-chat");
			await set("mcpMem0.embedding.provider", "builtin");
		});
		after(async () => {
			for (const name of [...settings, "mcpMem0.embedding.provider"]) await set(name, undefined);
			await new Promise((done) => proxy.close(done));
		});

		it("count soon, without a reload: http.proxy, and http.noProxy", async () => {
			// VS Code is asked about the operating system's settings, which name no proxy here.
			await statusWith(undefined);
			await set("http.proxy", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
			await statusWith(/^by the proxy 127\.0\.0\.1:\d+ \(http\.proxy\)$/);
			const saved = await invoke<{ mode: string }>("save_memory", { text: "Ada lives in Lisbon." });
			assert.equal(saved.mode, "distilled");
			assert.ok(asked.includes("POST http://llm.corp.test/v1/chat/completions"), asked.join());

			await set("http.noProxy", ["corp.test"]);
			await statusWith(undefined);
			const before = asked.length;
			await invoke("save_memory", { text: "Ada moved to Porto." });
			assert.equal(asked.length, before);
		});
	});
}
