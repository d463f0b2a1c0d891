import { monitorEventLoopDelay } from "node:perf_hooks";
import { BuiltinEmbedder, builtinSpace } from "../../src/endpoints/builtin/embedder.ts";
import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import { built } from "./builtFiles.ts";
import { bytesIn, diskFigure } from "./disk.ts";
import { shortFacts } from "./facts.ts";
import type { Figure } from "./figure.ts";
import { timeOf, userId } from "./filledMemory.ts";
import { withScratch } from "./scratch.ts";
import { timed } from "./timed.ts";

const count = 200;
const together = 1000;
const warmUp = 64;
const runs = 3;

/** The built-in model on short facts, one at a time as they are saved, and all at once as they are imported. */
export async function measureEmbedding(): Promise<readonly Figure[]> {
	const embedder = new BuiltinEmbedder({ workerFile: built("dist/embedder.cjs") });
	try {
		const facts = shortFacts(warmUp + together);
		const measured = facts.slice(warmUp);
		await embedder.embed(facts.slice(0, warmUp));
		const single: number[] = [];
		for (const fact of measured.slice(0, count)) single.push(await timed(() => embedder.embed([fact])));
		const all: number[] = [];
		const delays: number[] = [];
		for (let run = 0; run < runs; run += 1) all.push(await timed(() => embedder.embed(measured)));
		for (let run = 0; run < runs; run += 1) {
			const delay = monitorEventLoopDelay({ resolution: 1 });
			delay.enable();
			await embedder.embed(measured);
			delay.disable();
			delays.push(delay.percentile(99) / 1e6);
		}
		const stored = await bytesStored(embedder, measured);
		return [
			{ name: "built-in embedding of a short fact", unit: "ms", samples: single, runs: String(count) },
			{
				name: `built-in embedding of ${together.toLocaleString("en")} short facts`,
				unit: "ms",
				samples: all,
				runs: String(runs),
				target: { atMost: 6000, of: "median" },
			},
			{
				name: "event loop delay meanwhile, 99th percentile",
				unit: "ms",
				samples: delays,
				runs: String(runs),
				target: { atMost: 16, of: "median" },
			},
			diskFigure(
				"on disk, a short fact of the built-in model beyond its vector",
				stored / together - 4 * builtinSpace.dimensions,
				`${together} facts`,
			),
		];
	} finally {
		await embedder.dispose();
	}
}

/** Bytes on disk of a memory that holds the facts. */
function bytesStored(embedder: BuiltinEmbedder, facts: readonly string[]): Promise<number> {
	return withScratch(async (folder) => {
		const { store } = await openStore(folder);
		const vectors = await embedder.embed(facts);
		const drafts = facts.map((text, index) => {
			const values = vectors[index];
			return {
				text,
				userId,
				scope: "global" as const,
				createdAt: timeOf(index),
				...(values ? { vector: { space: embedder.space, values } } : {}),
			};
		});
		await store.saves.addAll(drafts);
		await store.close();
		return bytesIn(folder);
	});
}
