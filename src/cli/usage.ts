import { InputError } from "../memory/errors.ts";
import type { HostTraffic } from "../memory/traffic.ts";
import { byHost } from "../memory/traffic.ts";
import type { DayTraffic } from "../store/usage.ts";
import type { Command } from "./command.ts";
import { configured, withMemory } from "./context.ts";
import { print, printJson } from "./terminal.ts";

/** Days; no more are kept. */
const mostDays = 30;

export const usage: Command = {
	name: "usage",
	summary: "show how many requests went to which model, with tokens, errors and latency, by day and host",
	flags: [
		{ name: "days", value: "DAYS", summary: `of so many days, today included, 1 to ${mostDays} (7)` },
		{ name: "json", summary: "as JSON" },
	],
	run: (launch, _, { days = "7", json }) => {
		const count = Number(days);
		if (!Number.isInteger(count) || count < 1 || count > mostDays)
			throw new InputError("days", `--days takes a whole number from 1 to ${mostDays}.`);
		return withMemory(configured(launch), async (memory) => {
			const rows = await memory.usage(count);
			if (json) printJson({ days: rows.map(asRecord), total: byHost(rows) });
			else if (rows.length === 0)
				print(`No requests to a model ${count === 1 ? "today" : `in ${count} days`}.`);
			else print(table(rows));
			return 0;
		});
	},
};

function asRecord(row: DayTraffic) {
	return { day: row.day, ...(byHost([row])[0] as HostTraffic) };
}

const titles = ["Day", "Role", "Host", "Requests", "Errors", "Tokens in", "Tokens out", "Latency"];
/** The columns before it are texts, the others numbers. */
const firstNumber = 3;

/** A line for each day, role and host, and the sums over the days. */
function table(rows: readonly DayTraffic[]): string {
	const lineOf = (day: string, row: HostTraffic) => [
		day,
		row.role,
		row.host,
		...[row.requests, row.errors, row.inputTokens, row.outputTokens].map((each) => each.toLocaleString("en")),
		row.latency === undefined ? "" : `${row.latency.toLocaleString("en")} ms`,
	];
	const lines = [
		titles,
		...rows.map((row) => lineOf(row.day, asRecord(row))),
		...byHost(rows).map((row) => lineOf("Total", row)),
	];
	const widths = titles.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
	return lines
		.map((line) =>
			line
				.map((cell, column) =>
					column < firstNumber ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
				)
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}
