import { BuiltinEmbedder } from "../../src/endpoints/builtinEmbedder.ts";
import { built } from "./builtFiles.ts";
import { shortFacts } from "./facts.ts";
import type { Figure } from "./figure.ts";
import { timed } from "./timed.ts";

const count = 200;
const warmUp = 10;
const batchRuns = 3;

/** The built-in model on short facts, one at a time as they are saved, and all at once as they are imported. */
export async function measureEmbedding(): Promise<readonly Figure[]> {
	const embedder = new BuiltinEmbedder({ workerFile: built("dist/embedder.cjs") });
	try {
		const facts = shortFacts(warmUp + count);
		const measured = facts.slice(warmUp);
		await embedder.embed(facts.slice(0, warmUp));
		const single: number[] = [];
		for (const fact of measured) single.push(await timed(() => embedder.embed([fact])));
		const together: number[] = [];
		for (let run = 0; run < batchRuns; run += 1) together.push(await timed(() => embedder.embed(measured)));
		return [
			{ name: "built-in embedding of a short fact", unit: "ms", samples: single, runs: String(count) },
			{
				name: `the same, ${count} facts at once`,
				unit: "ms",
				samples: together.map((duration) => duration / count),
				runs: String(batchRuns),
			},
		];
	} finally {
		await embedder.dispose();
	}
}
