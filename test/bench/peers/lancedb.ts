import { benchPackage } from "./package.ts";
import type { OpenPeer } from "./peer.ts";

interface Lance {
	connect(folder: string): Promise<{
		createTable(name: string, rows: readonly object[]): Promise<Table>;
	}>;
}

interface Table {
	add(rows: readonly object[]): Promise<unknown>;
	search(vector: readonly number[]): Query;
	close(): void;
}

interface Query {
	distanceType(type: "cosine"): Query;
	select(columns: readonly string[]): Query;
	limit(count: number): Query;
	toArray(): Promise<readonly { readonly number: number }[]>;
}

const rowsAtOnce = 5000;

export const openLanceDb: OpenPeer = async (folder, memories) => {
	const lance = (await benchPackage("@lancedb/lancedb", "0.37.1")) as Lance;
	const database = await lance.connect(folder);
	let table: Table | undefined;
	for (let start = 0; start < memories.length; start += rowsAtOnce) {
		const rows = memories
			.slice(start, start + rowsAtOnce)
			.map(({ vector }, index) => ({ number: start + index, vector: Array.from(vector) }));
		if (table) await table.add(rows);
		else table = await database.createTable("memories", rows);
	}
	if (!table) throw new Error("LanceDB was given no memories.");
	const open = table;
	return {
		name: "LanceDB flat",
		remark: "vectors only, no filter",
		search: async ({ vector }, k) => {
			const query = open.search(Array.from(vector)).distanceType("cosine").select(["number", "_distance"]);
			return (await query.limit(k).toArray()).map(({ number }) => number);
		},
		close: () => open.close(),
	};
};
