import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./figure.ts";

const folder = new URL("../../out/bench/parts/", import.meta.url);

/** What a part came to, and when. A part takes up to half an hour, so the report is put together from several runs. */
export interface PartRecord {
	readonly outcome: Outcome;
	/** ISO 8601, day only. */
	readonly date: string;
	/** Processes that were waiting for a core when the part began; 0 on Windows. */
	readonly load: number;
}

/** Replaces the part's earlier record. */
export async function keepRecord(record: PartRecord): Promise<void> {
	await mkdir(folder, { recursive: true });
	await writeFile(new URL(`${record.outcome.part}.json`, folder), `${JSON.stringify(record, null, "\t")}\n`);
}

/** The last record of each part that was ever measured in this checkout, in the order of `parts`. */
export async function keptRecords(parts: readonly string[]): Promise<readonly PartRecord[]> {
	const there = new Set(await readdir(fileURLToPath(folder)));
	return Promise.all(
		parts
			.filter((part) => there.has(`${part}.json`))
			.map(async (part) => JSON.parse(await readFile(new URL(`${part}.json`, folder), "utf8")) as PartRecord),
	);
}
