import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { silentLog } from "../../src/config/log.ts";
import { MemoryService } from "../../src/memory/memoryService.ts";
import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import { serviceSource } from "../../src/vscode/memories/view/serviceSource.ts";
import { MemoryTree } from "../../src/vscode/memories/view/memoryTree.ts";
import { initialState } from "../../src/vscode/memories/view/viewState.ts";

const count = 30_000;
const folder = await mkdtemp(join(tmpdir(), "view-"));
const { store } = await openStore(folder);
const project = (n: number) => ({ id: `example.com/p${n % 40}`, name: `p${n % 40}` });
for (let start = 0; start < count; start += 1000)
	await store.saves.addAll(
		Array.from({ length: 1000 }, (_, i) => {
			const n = start + i;
			const here = n % 3 === 0 ? {} : { scope: "project" as const, project: project(n) };
			return {
				text: `Decision ${n}: the cache keeps ${n * 7} entries of team ${n % 977}`,
				userId: "ada",
				scope: "global" as const,
				createdAt: Date.now() - n * 60_000,
				conversationId: `c${n % 900}`,
				origin: { how: "tool" as const, client: `client-${n % 6}` },
				...here,
			};
		}),
	);
const embedder = { space: undefined, description: "", origin: "", calibration: undefined, embed: async () => [], dispose: async () => undefined };
const service = new MemoryService({ store, embedder: embedder as never, userId: "ada", log: silentLog });
const tree = new MemoryTree(serviceSource(async () => service, async () => project(1)));
const delay = monitorEventLoopDelay({ resolution: 1 });
const timed = async (name: string, work: () => Promise<unknown>) => {
	delay.reset();
	delay.enable();
	const begun = performance.now();
	await work();
	const took = performance.now() - begun;
	await new Promise((done) => setTimeout(done, 5));
	delay.disable();
	console.log(`${name.padEnd(40)} ${took.toFixed(1).padStart(8)} ms, longest stall ${(delay.max / 1e6).toFixed(1)} ms`);
};
for (let times = 0; times < 3; times += 1) {
	for (const order of ["newest", "oldest", "mostUsed", "unused"] as const)
		for (const group of ["project", "time", "client", "conversation"] as const) {
			const state = { ...initialState, order, group };
			let root: Awaited<ReturnType<typeof tree.children>> = [];
			await timed(`open ${order} by ${group}`, async () => {
				root = await tree.children(state);
			});
			const largest = root.toSorted((a, b) => ("count" in b ? b.count : 0) - ("count" in a ? a.count : 0))[0];
			await timed(`expand ${largest?.id}`, () => tree.children(state, largest));
		}
	for (const mark of ["pinned", "withHistory", "notEmbedded", "expired", "superseded"] as const)
		await timed(`open filtered ${mark}`, () => tree.children({ ...initialState, filter: { marks: [mark] } }));
	await timed("open filtered client", () => tree.children({ ...initialState, filter: { client: "client-2", how: "tool", marks: [] } }));
}
await timed("open duplicates", () => tree.children({ ...initialState, filter: { marks: ["duplicates"] } }));
await service.dispose();
await rm(folder, { recursive: true });
