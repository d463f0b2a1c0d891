import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { benchPackage } from "./package.ts";
import type { OpenPeer } from "./peer.ts";

export const openSqliteVec: OpenPeer = async (folder, memories) => {
	const { getLoadablePath } = (await benchPackage("sqlite-vec", "0.1.9")) as { getLoadablePath(): string };
	const sqlite = new DatabaseSync(join(folder, "vec.db"), { allowExtension: true });
	sqlite.loadExtension(getLoadablePath());
	const dimensions = memories[0]?.vector.length ?? 0;
	sqlite.exec(
		`PRAGMA journal_mode = WAL; CREATE VIRTUAL TABLE memories USING vec0 (vector float[${dimensions}] distance_metric=cosine); BEGIN`,
	);
	const insert = sqlite.prepare("INSERT INTO memories (rowid, vector) VALUES (?, ?)");
	memories.forEach(({ vector }, index) => {
		insert.run(BigInt(index), new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
	});
	sqlite.exec("COMMIT");
	const select = sqlite.prepare(
		"SELECT rowid FROM memories WHERE vector MATCH ? AND k = ? ORDER BY distance",
	);
	return {
		name: "sqlite-vec",
		remark: "vectors only, float32, no filter",
		search: async ({ vector }, k) =>
			select
				.all(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), k)
				.map(({ rowid }) => Number(rowid)),
		close: () => sqlite.close(),
	};
};
