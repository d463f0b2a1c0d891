import type { Figure } from "../figure.ts";
import { misses } from "../table.ts";

/** The figures of the part `quality`, a row for each search of each set; what misses its target is bold. */
export function qualityTable(figures: readonly Figure[]): string {
	const rows = new Map<string, Map<string, string>>();
	const columns = new Set<string>();
	for (const figure of figures) {
		const [, set, column, search] = /^(.+?): (.+), (.+)$/.exec(figure.name) ?? [];
		if (set === undefined || column === undefined || search === undefined) continue;
		columns.add(column);
		const row = rows.get(`${set} | ${search}`) ?? new Map<string, string>();
		const value = (figure.samples[0] ?? Number.NaN).toFixed(3).replace(/^0/, "");
		row.set(column, misses(figure) ? `**${value}**` : value);
		rows.set(`${set} | ${search}`, row);
	}
	const head = ["set", "search", ...columns];
	return [
		`| ${head.join(" | ")} |`,
		`|${head.map(() => "---").join("|")}|`,
		...[...rows].map(
			([name, row]) => `| ${name} | ${[...columns].map((column) => row.get(column) ?? "").join(" | ")} |`,
		),
	].join("\n");
}
