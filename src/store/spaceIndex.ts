import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "./database.ts";
import type { Filter, QueryVector } from "./memoryStore.ts";
import { VectorIndex } from "./vectorIndex.ts";

interface FeedRow {
	readonly seq: number;
	readonly revision: number;
	readonly created_at: number;
	readonly deleted_at: number | null;
	readonly user_id: string;
	readonly project_id: string | null;
	readonly vector: Uint8Array | null;
}

interface Partition {
	readonly userId: string;
	/** null: global. */
	readonly projectId: string | null;
}

/** Rows taken over in one go, so that building a large index gives the thread back every few milliseconds. */
const feedSlice = 500;
/** Memories compared exactly for each one asked for, and at least; measured with the built-in model to lose none of the ten nearest of 4,000. */
const rescoredPerResult = 4;
const rescoredAtLeast = 256;
/** Most that `#recent` may take, in bytes. */
const recentBytes = 8 * 1024 * 1024;

/** The vector index of one embedding space, kept current with the database through the revisions of memories. */
export class SpaceIndex {
	readonly #database: Database;
	readonly #space: number;
	readonly #dimensions: number;
	readonly #index: VectorIndex;
	/** Vectors that were compared lately, by `seq`: searches as one types compare the same ones again and again. */
	readonly #recent = new Map<number, Float32Array>();
	readonly #partitions: Partition[] = [];
	readonly #partitionNumbers = new Map<string, number>();
	#revision = 0;
	#refreshing: Promise<void> | undefined;

	constructor(database: Database, space: number, dimensions: number) {
		this.#database = database;
		this.#space = space;
		this.#dimensions = dimensions;
		this.#index = new VectorIndex(dimensions);
	}

	/** Takes over what has been written, here or by another process, since the last call. */
	refresh(): Promise<void> {
		// Callers that come while a refresh is under way may have written since it began: they start another after it.
		const turn = (this.#refreshing ?? Promise.resolve()).then(() => this.#takeOver());
		const settled = turn.finally(() => {
			if (this.#refreshing === settled) this.#refreshing = undefined;
		});
		this.#refreshing = settled;
		return settled;
	}

	/** The nearest `k` by exact cosine, nearest first. */
	nearest(query: QueryVector, filter: Filter, k: number): { seq: number; cosine: number }[] {
		const partitions = this.#partitions.map(
			({ userId, projectId }) =>
				userId === filter.userId &&
				(projectId === null
					? filter.global
					: filter.projects === "all" || filter.projects.includes(projectId)),
		);
		const bounds = { since: filter.since ?? -Infinity, until: filter.until ?? Infinity };
		const worthComparing = Math.max(rescoredAtLeast, k * rescoredPerResult);
		const seqs = this.#index.nearest(query.values, { partitions, ...bounds }, worthComparing);
		return [...this.cosines(query, seqs)]
			.map(([seq, cosine]) => ({ seq, cosine }))
			.sort((a, b) => b.cosine - a.cosine)
			.slice(0, k);
	}

	cosines(query: QueryVector, seqs: readonly number[]): Map<number, number> {
		// Before it is asked which are missing: what this call needs must not be cleared away by its own reading.
		if ((this.#recent.size + seqs.length) * this.#dimensions * 4 > recentBytes) this.#recent.clear();
		this.#read(seqs.filter((seq) => !this.#recent.has(seq)));
		return new Map(
			seqs.flatMap((seq) => {
				const vector = this.#recent.get(seq);
				return vector ? [[seq, dotProduct(query.values, vector)] as const] : [];
			}),
		);
	}

	/** Reads vectors from disk into `#recent`. */
	#read(seqs: readonly number[]): void {
		if (seqs.length === 0) return;
		const rows = this.#database.all<{ seq: number; vector: Uint8Array }>(
			"SELECT v.seq, v.vector FROM json_each(:seqs) AS wanted CROSS JOIN vectors v ON v.space = :space AND v.seq = wanted.value AND v.vector IS NOT NULL",
			{ seqs: JSON.stringify(seqs), space: this.#space },
		);
		for (const { seq, vector } of rows) this.#recent.set(seq, toFloats(vector));
	}

	async #takeOver(): Promise<void> {
		for (;;) {
			const rows = this.#database.all<FeedRow>(
				`SELECT m.seq, m.revision, m.created_at, m.deleted_at, m.user_id, m.project_id, v.vector
				FROM memories m LEFT JOIN vectors v ON v.space = :space AND v.seq = m.seq
				WHERE m.revision > :revision ORDER BY m.revision LIMIT :slice`,
				{ space: this.#space, revision: this.#revision, slice: feedSlice },
			);
			for (const row of rows) this.#apply(row);
			if (rows.length < feedSlice) return;
			await nextTurn();
		}
	}

	#apply(row: FeedRow): void {
		this.#revision = row.revision;
		this.#recent.delete(row.seq);
		if (row.deleted_at !== null || row.vector === null) {
			this.#index.delete(row.seq);
			return;
		}
		const partition = this.#partitionNumber({ userId: row.user_id, projectId: row.project_id });
		this.#index.set({ seq: row.seq, partition, createdAt: row.created_at }, toFloats(row.vector));
	}

	#partitionNumber(partition: Partition): number {
		const key = JSON.stringify([partition.userId, partition.projectId]);
		const known = this.#partitionNumbers.get(key);
		if (known !== undefined) return known;
		const number = this.#partitions.push(partition) - 1;
		this.#partitionNumbers.set(key, number);
		return number;
	}
}

/** A vector as it is stored: float32, in the machine's byte order (little-endian on all that VS Code runs on). */
export function toBlob(values: Float32Array): Uint8Array {
	return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function toFloats(blob: Uint8Array): Float32Array {
	const aligned = blob.byteOffset % 4 === 0 ? blob : blob.slice();
	return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** Vectors are stored with length 1, so this is their cosine. */
function dotProduct(a: Float32Array, b: Float32Array): number {
	// Two sums, so that one addition does not wait for the other.
	let even = 0;
	let odd = 0;
	const pairs = a.length & ~1;
	for (let i = 0; i < pairs; i += 2) {
		even += (a[i] as number) * (b[i] as number);
		odd += (a[i + 1] as number) * (b[i + 1] as number);
	}
	return pairs < a.length ? even + odd + (a[pairs] as number) * (b[pairs] as number) : even + odd;
}
