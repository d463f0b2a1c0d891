import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sourcesHere } from "../../../src/memory/transfer/sourcesHere.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

function machine(files: Readonly<Record<string, string>>) {
	const root = temporaryFolder();
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(root, name)), { recursive: true });
		writeFileSync(join(root, name), text);
	}
	const at = (name: string) => join(root, name);
	return { at, here: { home: at("home"), env: {}, vscodeUser: at("User"), folders: [at("work/app")] } };
}

describe("Memories of other programs on this machine", () => {
	it("are found where those keep them, each once, and only where there are any", async () => {
		const { at, here } = machine({
			"home/.claude/projects/-work-app/memory/MEMORY.md": "- The app deploys on Thursdays\n",
			"home/.claude/projects/-work-app/session.jsonl": "{}\n",
			"home/.claude/agent-memory/reviewer/MEMORY.md": "- Reviews are short\n",
			"home/basic-memory/notes/bees.md": "# Bees\n\n- [fact] Bees live in the oak #garden\n",
			"home/.mem0/history.db": "",
			"User/workspaceStorage/abc/GitHub.copilot-chat/memory-tool/memories/repo/build.md":
				"- Build with make\n",
			"User/globalStorage/other/x.md": "- No memory\n",
			"work/app/AGENTS.md": "- Use tabs\n",
			"work/app/.cursor/rules/style.mdc": "- Use tabs\n",
			"work/app/README.md": "- Not for agents\n",
		});
		assert.deepEqual(await sourcesHere(here), [
			{ name: "Instructions in app", paths: [at("work/app/AGENTS.md"), at("work/app/.cursor/rules")] },
			{
				name: "Claude Code’s memory",
				paths: [at("home/.claude/agent-memory"), at("home/.claude/projects/-work-app/memory")],
			},
			{
				name: "VS Code’s memory tool",
				paths: [at("User/workspaceStorage/abc/GitHub.copilot-chat/memory-tool/memories")],
			},
			{ name: "basic-memory", paths: [at("home/basic-memory")] },
		]);
	});

	it("are none where there are none", async () => {
		assert.deepEqual(await sourcesHere({ ...machine({}).here, folders: [] }), []);
	});
});
