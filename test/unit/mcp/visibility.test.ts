import assert from "node:assert/strict";
import { silentLog } from "../../../src/config/log.ts";
import { saveMemory } from "../../../src/mcp/tools/saveMemory.ts";
import { searchMemories } from "../../../src/mcp/tools/searchMemories.ts";
import type { Tool, ToolContext } from "../../../src/mcp/tools/tool.ts";
import { updateMemory } from "../../../src/mcp/tools/updateMemory.ts";
import { MemoryService } from "../../../src/memory/memoryService.ts";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import { projectA } from "../../support/fixtures/projects.ts";
import { sharedEmbedder } from "../../support/fixtures/sharedEmbedder.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { openTestStore } from "../../support/postgres/testStore.ts";

describe("Who finds what an agent saves", () => {
	let store: MemoryStore;
	beforeEach(async () => {
		({ store } = await openTestStore(temporaryFolder()));
	});
	afterEach(() => store.close());

	/** Calls a tool as an agent of this user does. */
	const call = async (userId: string, { run }: Tool, args: object, team = true) => {
		const embedder = sharedEmbedder();
		const memory = new MemoryService({ store, embedder, userId, team, log: silentLog });
		const context: ToolContext = {
			memory,
			project: projectA,
			conversationId: undefined,
			origin: { how: "tool", client: "agent" },
			signal: new AbortController().signal,
			version: "1",
		};
		return run(args as never, context);
	};
	const found = async (userId: string) => {
		const { memories } = await call(userId, searchMemories, { query: "deploy", limit: 5 });
		return memories as readonly { readonly id: string; readonly text: string; readonly from: string }[];
	};

	it("is the project's by default, names its author, and is proposed to others by their agents", async () => {
		await call("ada", saveMemory, { text: "We deploy with make ship.", scope: "project" });
		await call("ada", saveMemory, {
			text: "Ada dislikes the deploy script.",
			scope: "project",
			visibility: "private",
		});
		const [shared, ...others] = await found("bob");
		assert.deepEqual(
			[shared?.text, shared?.from.split(",")[0], others],
			["We deploy with make ship.", "ada", []],
		);
		const id = shared?.id;
		const answer = await call("bob", updateMemory, { id, text: "We deploy with make release." });
		assert.equal(answer.text, "We deploy with make ship.");
		assert.match(String(answer.note), /waits for review by ada/);
		await call("ada", updateMemory, { id, visibility: "private" });
		assert.deepEqual(await found("bob"), []);
		await assert.rejects(call("ada", updateMemory, { id }), /text is missing/);
	});

	it("is private outside a team, whatever the agent says, and nothing is lost", async () => {
		await call("ada", saveMemory, { text: "We deploy on Fridays.", visibility: "team" }, false);
		assert.deepEqual(await found("bob"), []);
		assert.equal((await found("ada")).length, 1);
	});
});
