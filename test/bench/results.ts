import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./figure.ts";
import { summaryOf } from "./statistics.ts";
import { misses, ratioToPeer } from "./table.ts";

/**
 * Writes the table's content, and what it was measured on, as JSON. Answers the file's path in the repository.
 * @param load processes that were waiting for a core when the bench began (0 on Windows).
 */
export async function writeResults(outcomes: readonly Outcome[], load: number): Promise<string> {
	const file = "out/bench/results.json";
	const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
	const results = {
		date: new Date().toISOString(),
		node: process.versions.node,
		sqlite: process.versions.sqlite,
		cpu: cpus()[0]?.model ?? "unknown",
		cores: cpus().length,
		load,
		figures: outcomes.flatMap((outcome) => ("figures" in outcome ? outcome.figures.map(toJson) : [])),
		notRun: outcomes.filter((outcome) => !("figures" in outcome)),
	};
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, `${JSON.stringify(results, null, "\t")}\n`);
	return file;

	function toJson(figure: Extract<Outcome, { figures: unknown }>["figures"][number]) {
		const { name, unit, runs, samples, target, peer } = figure;
		const over = misses(figure);
		return {
			name,
			unit,
			runs,
			...summaryOf(samples),
			...(target ? { target, over } : {}),
			...(peer ? { peer: { name: peer.name, ...summaryOf(peer.samples) }, ratio: ratioToPeer(figure) } : {}),
		};
	}
}
