import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { standardDimensions as dimensions, type SyntheticMemory, type SyntheticQuery } from "./corpus.ts";

const candidatesEach = 50;

/**
 * The peer: what one writes first. All vectors in RAM, every one compared in float32; FTS5 over the text with its
 * own English stemmer, BM25; the two fused by reciprocal ranks. Memories are known by their number, from 1 on.
 */
export class NaiveSearch {
	readonly #sqlite: DatabaseSync;
	readonly #match: StatementSync;
	readonly #vectors: Float32Array;
	readonly #count: number;

	constructor(folder: string, memories: readonly SyntheticMemory[]) {
		this.#sqlite = new DatabaseSync(join(folder, "naive.db"));
		this.#sqlite.exec(
			"PRAGMA journal_mode = WAL; CREATE VIRTUAL TABLE memories USING fts5 (text, tokenize = 'porter unicode61'); BEGIN",
		);
		const insert = this.#sqlite.prepare("INSERT INTO memories (rowid, text) VALUES (?, ?)");
		this.#count = memories.length;
		this.#vectors = new Float32Array(memories.length * dimensions);
		memories.forEach(({ text, vector }, index) => {
			insert.run(index + 1, text);
			this.#vectors.set(vector, index * dimensions);
		});
		this.#sqlite.exec("COMMIT");
		this.#match = this.#sqlite.prepare(
			"SELECT rowid, text FROM memories WHERE memories MATCH ? ORDER BY bm25(memories) LIMIT ?",
		);
	}

	/** The best `limit`. It is given the query without filler, which would make it much slower. */
	search({ words, vector }: SyntheticQuery, limit: number): readonly number[] {
		const scores = new Map<number, number>();
		const add = (number: number, rank: number) =>
			scores.set(number, (scores.get(number) ?? 0) + 1 / (60 + rank));
		this.nearest(vector, candidatesEach).forEach(add);
		const match = words.map((word) => `"${word}"`).join(" OR ");
		this.#match.all(match, candidatesEach).forEach(({ rowid }, rank) => {
			add(Number(rowid), rank);
		});
		return [...scores]
			.sort((a, b) => b[1] - a[1])
			.slice(0, limit)
			.map(([number]) => number);
	}

	/** The `k` with the greatest exact cosines, nearest first. */
	nearest(query: Float32Array, k: number): readonly number[] {
		// The best so far, best first.
		const numbers: number[] = [];
		const cosines: number[] = [];
		for (let memory = 0, at = 0; memory < this.#count; memory += 1) {
			let cosine = 0;
			for (let i = 0; i < dimensions; i += 1, at += 1) {
				cosine += (query[i] as number) * (this.#vectors[at] as number);
			}
			if (numbers.length === k && cosine <= (cosines[k - 1] as number)) continue;
			let place = Math.min(numbers.length, k - 1);
			for (; place > 0 && cosine > (cosines[place - 1] as number); place -= 1) {
				numbers[place] = numbers[place - 1] as number;
				cosines[place] = cosines[place - 1] as number;
			}
			numbers[place] = memory + 1;
			cosines[place] = cosine;
		}
		return numbers;
	}

	close(): void {
		this.#sqlite.close();
	}
}
