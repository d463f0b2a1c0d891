import assert from "node:assert/strict";
import { join } from "node:path";
import {
	type AgentHome,
	agentHome,
	installedExtension,
	updateExtension,
} from "../support/copilotRuntime/agentHome.ts";
import type { CopilotSession } from "../support/copilotRuntime/runtime.ts";
import { calls, toolAnswer } from "../support/copilotRuntime/scriptedModel.ts";
import { temporaryFolder } from "../support/fixtures/temporaryFolder.ts";

const fact = "The staging server of alpha is called Kestrel.";

/** Copilot saves a fact in one session. */
async function saves({ session }: AgentHome, text = fact): Promise<string> {
	const reply = calls("save_memory", { text });
	return toolAnswer(await session(reply, ({ ask }) => ask(`Remember this: ${text}`)));
}

/** Copilot searches in another session. */
async function finds({ session }: AgentHome, query: string): Promise<string> {
	const reply = calls("search_memories", { query });
	const work = async ({ ask }: CopilotSession) => {
		await ask("Which server do I test on?");
		await ask("Thank you.");
	};
	return toolAnswer(await session(reply, work));
}

describe("Copilot's own runtime, connected with mcp-mem0 connect, and no window open", function () {
	this.timeout(120_000);

	it("is offered our tools, saves with one, and finds it in its next session", async () => {
		const agent = agentHome();
		await agent.run("connect", "copilot", "--yes");
		const requests = await agent.session(calls("save_memory", { text: fact }), ({ ask }) =>
			ask(`Remember this: ${fact}`),
		);
		assert.deepEqual(
			requests[0]?.tools.filter((name) => name.startsWith("Mem0-")).sort(),
			[
				"delete_memory",
				"get_all_memories",
				"memory_status",
				"save_memory",
				"search_memories",
				"update_memory",
			].map((name) => `Mem0-${name}`),
		);
		assert.match(toolAnswer(requests), /Saved|"ADD"/);
		assert.match(await finds(agent, "which server is for staging"), /Kestrel/);
		// The runtime kills its servers when a session ends; they write down what used them a moment after they have answered.
		await agent.session(calls("search_memories", { query: "staging" }), async ({ ask }) => {
			await ask("Where is staging?");
			assert.match(await agent.run("agents"), /^copilot +connected.*; last read just now/m);
			assert.match(await agent.run("doctor"), /Copilot.*: use: .* last read just now/);
		});
	});

	it("is offered none of them when it was disconnected", async () => {
		const agent = agentHome();
		await agent.run("connect", "copilot", "--yes");
		await agent.run("disconnect", "copilot", "--yes");
		const requests = await agent.session(
			() => "Hello.",
			({ ask }) => ask("Hello"),
		);
		assert.ok((requests[0]?.tools.length ?? 0) > 0, "Copilot has tools of its own");
		assert.deepEqual(
			requests[0]?.tools.filter((name) => /mem0/i.test(name)),
			[],
		);
	});

	it("goes on with the same memory after an update of the extension has moved the server", async () => {
		const extensions = temporaryFolder();
		const agent = agentHome({}, await installedExtension(extensions, "0.1.0"));
		await agent.run("connect", "copilot", "--yes");
		await saves(agent);
		await updateExtension(extensions, "0.1.0", "0.2.0");
		assert.match(await finds(agent, "which server is for staging"), /Kestrel/);
		const status = toolAnswer(
			await agent.session(calls("memory_status", {}), ({ ask }) => ask("How is the memory?")),
		);
		assert.match(status, /0\.2\.0/);
	});

	it("uses the memory that the person who connected it uses", async () => {
		const folder = join(temporaryFolder(), "elsewhere");
		const agent = agentHome({ MEMORY_DIR: folder, DEFAULT_USER_ID: "ada" });
		await agent.run("connect", "copilot", "--yes");
		await saves(agent);
		assert.match(await agent.run("search", "staging server"), /Kestrel/);
	});
});
