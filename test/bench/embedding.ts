import { monitorEventLoopDelay } from "node:perf_hooks";
import { BuiltinEmbedder } from "../../src/endpoints/builtin/embedder.ts";
import { built } from "./builtFiles.ts";
import { shortFacts } from "./facts.ts";
import type { Figure } from "./figure.ts";
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
		];
	} finally {
		await embedder.dispose();
	}
}
