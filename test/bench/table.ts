import type { Figure, Outcome, Target } from "./figure.ts";
import { median, type Summary, summaryOf } from "./statistics.ts";

const head = ["figure", "median", "min..max", "p99", "target", "", "ratio to peer", "runs"];

/** The outcomes as aligned plain text. */
export function toTable(outcomes: readonly Outcome[]): string {
	const rows = outcomes.flatMap((outcome) => {
		if ("figures" in outcome) return outcome.figures.map(toCells);
		const [state, why] =
			"cannotRun" in outcome ? ["not run", outcome.cannotRun] : ["crashed", outcome.crashed];
		// Why comes last, where it makes no column wider.
		return [[outcome.part, state, "", "", "", "", "", firstLine(why)]];
	});
	const widths = head.map((title, column) =>
		column === head.length - 1
			? title.length
			: Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
	);
	const line = (cells: readonly string[]) =>
		cells
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join("  ")
			.trimEnd();
	return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** Undefined where there is no target. */
export function misses({ target, samples }: Figure): boolean | undefined {
	if (!target) return undefined;
	const summary = summaryOf(samples);
	const value = target.of === "p99" ? (summary.p99 ?? summary.max) : summary.median;
	// Not a number misses it, too.
	return "atMost" in target ? !(value <= target.atMost) : !(value >= target.atLeast);
}

/** How many times what the peer takes, of the medians; below 1 is better than the peer. */
export function ratioToPeer({ samples, peer }: Figure): number | undefined {
	return peer && median(samples) / median(peer.samples);
}

function toCells(figure: Figure): string[] {
	const { name, unit, samples, runs, target, peer } = figure;
	const summary: Summary = summaryOf(samples);
	const over = misses(figure);
	const ratio = ratioToPeer(figure);
	return [
		name,
		withUnit(summary.median, unit),
		samples.length > 1 ? `${shown(summary.min)}..${shown(summary.max)}` : "",
		summary.p99 === undefined ? "" : shown(summary.p99),
		target ? targetText(target, unit) : "",
		over === undefined ? "" : over ? "missed" : "ok",
		ratio === undefined || !peer
			? ""
			: `${shown(ratio)} of ${peer.name} (${withUnit(median(peer.samples), unit)})`,
		runs,
	];
}

export function targetText(target: Target, unit: string): string {
	if ("atLeast" in target) return `>= ${target.atLeast} ${unit}`.trim();
	return `${target.of === "p99" ? "p99 " : ""}<= ${target.atMost} ${unit}`;
}

export function withUnit(value: number, unit: string): string {
	return `${shown(value)} ${unit}`.trim();
}

function firstLine(text: string): string {
	return text.split("\n")[0] ?? "";
}

/** Three digits or so. */
function shown(value: number): string {
	if (!Number.isFinite(value)) return "-";
	return value.toFixed(Math.abs(value) < 1 ? 3 : Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
}
