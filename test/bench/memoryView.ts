import { silentLog } from "../../src/config/log.ts";
import { MemoryService } from "../../src/memory/memoryService.ts";
import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import { MemoryTree } from "../../src/vscode/memories/view/memoryTree.ts";
import type { Node } from "../../src/vscode/memories/view/nodes.ts";
import { serviceSource } from "../../src/vscode/memories/view/serviceSource.ts";
import {
	groupings,
	initialState,
	marks,
	orders,
	type ViewState,
} from "../../src/vscode/memories/view/viewState.ts";
import type { Figure } from "./figure.ts";
import { project, userId, withFilledMemory } from "./filledMemory.ts";
import { longestStretch, threadTime } from "./longestStretch.ts";

const memoryCount = 30_000;
const openings = 5;

/** How fast the view of memories opens and expands, and how long it holds up the extension host, which others share. */
export function measureMemoryView(): Promise<readonly Figure[]> {
	return withFilledMemory(memoryCount, 0, async ({ service, folder, embedder }) => {
		const first: number[] = [];
		for (let run = 0; run < openings; run += 1) {
			const { store } = await openStore(folder);
			const opened = new MemoryService({ store, embedder, userId, log: silentLog });
			// The status bar has counted before anybody opens the view.
			await opened.status(project);
			first.push(await timed(async () => void (await open(treeOf(opened), initialState))));
			await opened.dispose();
		}
		const expanding: number[] = [];
		const stretches: number[] = [];
		const worked: number[] = [];
		const measure = async (work: () => Promise<unknown>) => {
			worked.push(await longestStretch(work, threadTime));
			stretches.push(await longestStretch(work));
		};
		const tree = treeOf(service);
		for (const state of states()) {
			let root: readonly Node[] = [];
			await measure(async () => {
				root = await tree.children(state);
			});
			for (const branch of root) {
				const expand = async () => void (await tree.children(state, branch));
				expanding.push(await timed(expand));
				await measure(expand);
			}
		}
		const runs = String(expanding.length);
		return [
			{
				name: "view of 30,000 memories: first opening",
				unit: "ms",
				samples: first,
				runs: String(first.length),
				target: { atMost: 300, of: "p99" },
			},
			{
				name: "a branch of it expands",
				unit: "ms",
				samples: expanding,
				runs,
				target: { atMost: 100, of: "p99" },
			},
			{
				name: "event loop held up by the view",
				unit: "ms",
				samples: stretches,
				runs: String(stretches.length),
				target: { atMost: 16, of: "p99" },
			},
			{
				name: "of it, work of the thread itself",
				unit: "ms",
				samples: worked,
				runs: String(worked.length),
				target: { atMost: 16, of: "p99" },
			},
		];
	});
}

/** Every way to arrange the view, but for its search for duplicates, which compares all texts. */
function states(): readonly ViewState[] {
	const arranged = orders.flatMap((order) => groupings.map((group) => ({ ...initialState, order, group })));
	const filtered = marks
		.filter((mark) => mark !== "duplicates")
		.map((mark) => ({ ...initialState, filter: { marks: [mark] } }));
	return [...arranged, ...filtered];
}

function treeOf(service: MemoryService): MemoryTree {
	return new MemoryTree(
		serviceSource(
			async () => service,
			async () => project,
		),
	);
}

/** The roots, and the rows of those that are expanded at first. */
async function open(tree: MemoryTree, state: ViewState): Promise<void> {
	for (const branch of await tree.children(state)) await tree.children(state, branch);
}

async function timed(work: () => Promise<void>): Promise<number> {
	const begun = performance.now();
	await work();
	return performance.now() - begun;
}
