import assert from "node:assert/strict";
import { refusedText, unavailableText } from "../../../src/doctor/health/statusBarText.ts";
import type { MemoryStatus } from "../../../src/memory/requests.ts";
import { menuOf } from "../../../src/vscode/memories/menu.ts";

const status = (more: Partial<MemoryStatus> = {}): MemoryStatus => ({
	database: "/memory.db",
	userId: "ada",
	llm: undefined,
	embedding: { description: "the built-in model", origin: "", state: "unused", space: undefined },
	counts: { all: 8, global: 5, project: 1 },
	pending: { embedding: 0, distillation: 0 },
	keptAsText: 0,
	outsideSpace: 0,
	heldBack: { saves: 0, origins: [] },
	distils: false,
	notices: [],
	remarks: [],
	...more,
});
const healthy = { state: "local", problem: undefined } as const;
const offered = (...situation: Parameters<typeof menuOf>) =>
	Object.fromEntries(
		menuOf(...situation).map(({ title, entries }) => [title, entries.map(({ label }) => label)]),
	);

describe("The menu of the status bar", () => {
	it("offers what a person does every day, in groups, and nothing about endpoints that there are not", () => {
		assert.deepEqual(offered({ status: status(), shown: healthy, waiting: 0 }), {
			Memories: ["Search Memories…", "Save Memory…", "Show Memories", "Tidy Up Memories…"],
			Agents: ["Connect Agents…"],
			Endpoints: ["Open Settings", "Run All Diagnostics", "Show Log"],
		});
	});

	it("puts first what needs a person, and says why", () => {
		const needy = status({ outsideSpace: 1, heldBack: { saves: 2, origins: ["http://a:1"] } });
		const [first] = menuOf({ status: needy, shown: healthy, waiting: 3 });
		assert.deepEqual(
			first?.entries.map(({ command, description }) => [command, description]),
			[
				["mcpMem0.reembed", "1 memory of an earlier embedding model"],
				["mcpMem0.distill", "2 saves wait for an earlier endpoint"],
				["mcpMem0.showMemories", "3 wait for review"],
			],
		);
	});

	it("offers the diagnostics once, before all else, when an endpoint fails", () => {
		const llm = { description: "qwen3", origin: "http://a:1", state: "failing" } as const;
		const shown = { state: "failing", problem: "It refused the key." } as const;
		const groups = offered({ status: status({ llm }), shown, waiting: 0 });
		assert.deepEqual(groups["Needs you"], ["Run All Diagnostics"]);
		assert.deepEqual(groups.Endpoints, ["Open Settings", "Test Connection", "Set API Key…", "Show Log"]);
	});

	it("offers nothing that is done at a team's server, and asks for a token that it refuses", () => {
		const onServer = status({
			teamServer: "https://memory.example.com/mcp",
			outsideSpace: 1,
			heldBack: { saves: 2, origins: ["http://a:1"] },
		});
		const groups = offered({ status: onServer, shown: healthy, waiting: 0 });
		assert.equal(groups["Needs you"], undefined);
		assert.ok(groups.Endpoints?.includes("Test Connection"));
		const refused = offered({ status: undefined, shown: refusedText("It refuses the token."), waiting: 0 });
		assert.deepEqual(refused["Needs you"], ["Enter Token…", "Run All Diagnostics"]);
	});

	it("offers no search of a memory that cannot be opened", () => {
		const groups = offered({ status: undefined, shown: unavailableText("No such folder."), waiting: 0 });
		assert.deepEqual(groups.Memories, ["Save Memory…"]);
		assert.deepEqual(groups["Needs you"], ["Run All Diagnostics"]);
	});
});
