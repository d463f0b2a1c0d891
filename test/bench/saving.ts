import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeCorpus } from "./corpus.ts";
import type { Figure } from "./figure.ts";
import { project, withFilledMemory } from "./filledMemory.ts";
import { timed } from "./timed.ts";

const memoryCount = 1000;
const saves = 500;
const warmUp = 20;

/** A save through the service, without the text's embedding: two commits, each synced to disk. */
export function measureSaving(): Promise<readonly Figure[]> {
	return withFilledMemory(memoryCount, 0, async ({ service, embedder, folder }) => {
		const { memories } = makeCorpus(warmUp + saves, 0, { seed: 2 });
		embedder.prepare(memories);
		const plain = new DatabaseSync(join(folder, "plain.db"));
		plain.exec(
			"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE memories (id INTEGER PRIMARY KEY, text TEXT, vector BLOB)",
		);
		const insert = plain.prepare("INSERT INTO memories (text, vector) VALUES (?, ?)");
		const ours: number[] = [];
		const peer: number[] = [];
		for (const { text, vector } of memories) {
			ours.push(
				await timed(async () => {
					const { memories: saved, pending } = await service.save({ text, project });
					if (saved[0]?.event !== "ADD" || pending.length > 0) throw new Error(`Not saved: ${text}`);
				}),
			);
			peer.push(await timed(() => insert.run(text, new Uint8Array(vector.buffer))));
		}
		plain.close();
		return [
			{
				name: "verbatim save at 1,000",
				unit: "ms",
				samples: ours.slice(warmUp),
				runs: String(saves),
				target: { atMost: 3, of: "median" },
				peer: { name: "one synced INSERT", samples: peer.slice(warmUp) },
			},
		];
	});
}
