/**
 * `npm run bench`: measures all parts, or those named (`npm run bench -- search saving`), prints a table and writes
 * `out/bench/results.json`; with `--report` also docs/benchmarks.md and its plot, from the last run of each part. Exit code 1 when a part crashed; a figure over its target is only reported.
 */
import { cpus, loadavg } from "node:os";
import type { Outcome } from "./figure.ts";
import { keepRecord, keptRecords } from "./partRecords.ts";
import { parts } from "./parts.ts";
import { writeReport } from "./report.ts";
import { writeResults } from "./results.ts";
import { runPart } from "./runPart.ts";
import { misses, toTable } from "./table.ts";

const known = Object.keys(parts);
const report = process.argv.includes("--report");
const asked = process.argv.slice(2).filter((argument) => argument !== "--report");
const unknown = asked.filter((part) => !known.includes(part));
if (unknown.length > 0) {
	console.error(`There is no part ${unknown.join(", ")}. The parts are: ${known.join(", ")}.`);
	process.exitCode = 1;
} else {
	process.exitCode = await bench(asked.length > 0 ? asked : known);
}

async function bench(wanted: readonly string[]): Promise<number> {
	const [load = 0] = loadavg();
	const outcomes: Outcome[] = [];
	for (const part of wanted) {
		console.error(`Measuring ${part} …`);
		const [partLoad = 0] = loadavg();
		const outcome = await runPart(part);
		if ("crashed" in outcome) console.error(outcome.crashed);
		else await keepRecord({ outcome, date: new Date().toISOString().slice(0, 10), load: partLoad });
		outcomes.push(outcome);
	}
	console.log(
		`\nNode ${process.versions.node}, ${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores\n`,
	);
	console.log(toTable(outcomes));
	if (load > cpus().length / 2) {
		console.log(
			`\nThe machine was busy with other work (load ${load.toFixed(1)} at the start): the figures are worse than need be.`,
		);
	}
	const figures = outcomes.flatMap((outcome) => ("figures" in outcome ? outcome.figures : []));
	const over = figures.filter(misses).length;
	const crashed = outcomes.some((outcome) => "crashed" in outcome);
	console.log(
		`\n${over === 0 ? "No figure misses its" : `${over} of ${figures.length} figures miss their`} target.`,
	);
	const written = [await writeResults(outcomes, load)];
	if (report) written.push(...(await writeReport(await keptRecords(known))));
	console.log(`Written to ${written.join(", ")}.`);
	return crashed ? 1 : 0;
}
