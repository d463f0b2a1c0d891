import { setImmediate as nextTurn } from "node:timers/promises";
import { dotProduct, toFloats } from "../../../vectors/blob.ts";
import { signatureOf } from "../../../vectors/signature.ts";
import type { Filter, QueryVector } from "../../types.ts";
import { currentRevision, type Database } from "../database.ts";
import { type Candidate, estimateError, VectorIndex } from "./vectorIndex.ts";

export interface Near {
	readonly seq: number;
	/** In [-1, 1]. */
	readonly cosine: number;
}

interface SignatureRow {
	readonly seq: number;
	readonly created_at: number;
	readonly user_id: string;
	readonly project_id: string | null;
	readonly bits: Uint8Array | null;
}

interface FeedRow extends SignatureRow {
	readonly revision: number;
	readonly deleted_at: number | null;
}

interface Partition {
	readonly userId: string;
	/** null: global. */
	readonly projectId: string | null;
}

/** Rows taken over in one go, so that building a large index gives the thread back every few milliseconds. */
const feedSlice = 500;
/** ms of comparing after which the thread is given back: vectors that are read from disk for the first time take long. */
const longTurn = 3;
/** Vectors signed in one transaction. */
const signedAtOnce = 200;
/** Memories whose signatures are compared with the query itself, for each one asked for, and at least. */
const estimatedPerResult = 8;
const estimatedAtLeast = 1024;
/** Memories compared exactly, at least and at most; a batch at a time. */
const comparedAtLeast = 40;
const comparedAtMost = 512;
const batch = 20;
/** So many of the nearest are the true ones. */
const certain = 10;
/** How wrong, in deviations, the estimate of a memory may be that is not compared exactly any more. */
const trust = 2;
/** Most that `#recent` may take, in bytes. */
const recentBytes = 16 * 1024 * 1024;

/**
 * The vector index of one embedding space. It is built from the signatures on disk when it is first needed, and kept
 * current with the database, also with what other processes write, through the revisions of memories.
 */
export class SpaceIndex {
	readonly #database: Database;
	readonly #space: number;
	readonly #dimensions: number;
	readonly #index: VectorIndex;
	/** Vectors that were compared lately, by `seq`: searches as one types compare the same ones again and again. */
	readonly #recent = new Map<number, Float32Array>();
	readonly #partitions: Partition[] = [];
	readonly #partitionNumbers = new Map<string, number>();
	/** Undefined until the index is built. */
	#revision: number | undefined;
	#refreshing: Promise<void> | undefined;

	constructor(database: Database, space: number, dimensions: number) {
		this.#database = database;
		this.#space = space;
		this.#dimensions = dimensions;
		this.#index = new VectorIndex(dimensions);
	}

	/** Bytes of RAM that it holds, but for a constant. */
	get bytes(): number {
		return this.#index.bytes;
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
	async nearest(query: QueryVector, filter: Filter, k: number): Promise<Near[]> {
		const partitions = this.#partitions.map(
			({ userId, projectId }) =>
				userId === filter.userId &&
				(projectId === null
					? filter.global
					: filter.projects === "all" || filter.projects.includes(projectId)),
		);
		const bounds = { since: filter.since ?? -Infinity, until: filter.until ?? Infinity };
		const estimated = Math.max(estimatedAtLeast, estimatedPerResult * k);
		const turn = performance.now();
		const candidates = this.#index.nearest(query.values, { partitions, ...bounds }, estimated);
		return this.#compared(query, candidates, k, turn);
	}

	/** Compares exactly, best estimates first, until what is left can hardly be among the nearest. */
	async #compared(
		query: QueryVector,
		candidates: readonly Candidate[],
		k: number,
		/** When this turn of the event loop began. */
		turn: number,
	): Promise<Near[]> {
		const margin = trust * estimateError(this.#dimensions);
		const atLeast = Math.max(comparedAtLeast, k);
		const nearest: Near[] = [];
		let began = turn;
		for (let from = 0; from < candidates.length; from += batch) {
			if (from >= atLeast && nearest.length >= k) {
				const next = candidates[from] as Candidate;
				const last = nearest[Math.min(k, certain) - 1];
				if (from >= comparedAtMost || (last && next.estimate + margin < last.cosine)) break;
			}
			if (performance.now() - began > longTurn) {
				await nextTurn();
				began = performance.now();
			}
			const some = candidates.slice(from, from + batch).map(({ seq }) => seq);
			for (const [seq, cosine] of this.cosines(query, some)) nearest.push({ seq, cosine });
			nearest.sort((a, b) => b.cosine - a.cosine);
		}
		return nearest.slice(0, k);
	}

	cosines(query: QueryVector, seqs: readonly number[]): Map<number, number> {
		const cosines = new Map<number, number>();
		const compare = (seq: number, vector: Float32Array) => {
			cosines.set(seq, dotProduct(query.values, vector));
			// At the end, where what has been used lately is.
			this.#recent.delete(seq);
			this.#recent.set(seq, vector);
		};
		const missing: number[] = [];
		for (const seq of seqs) {
			const vector = this.#recent.get(seq);
			if (vector) compare(seq, vector);
			else missing.push(seq);
		}
		for (const { seq, vector } of this.#read(missing)) compare(seq, toFloats(vector));
		const most = recentBytes / (this.#dimensions * 4);
		for (const seq of this.#recent.keys()) {
			if (this.#recent.size <= most) break;
			this.#recent.delete(seq);
		}
		return cosines;
	}

	#read(seqs: readonly number[]): readonly { seq: number; vector: Uint8Array }[] {
		if (seqs.length === 0) return [];
		return this.#database.all<{ seq: number; vector: Uint8Array }>(
			"SELECT v.seq, v.vector FROM json_each(:seqs) AS wanted CROSS JOIN vectors v ON v.space = :space AND v.seq = wanted.value AND v.vector IS NOT NULL",
			{ seqs: JSON.stringify(seqs), space: this.#space },
		);
	}

	async #takeOver(): Promise<void> {
		let revision = this.#revision ?? (await this.#build());
		for (;;) {
			const rows: readonly FeedRow[] = this.#database.all<FeedRow>(
				`SELECT m.seq, m.revision, m.created_at, m.deleted_at, m.user_id, m.project_id, s.bits
				FROM memories m LEFT JOIN signatures s ON s.space = :space AND s.seq = m.seq
				WHERE m.revision > :revision ORDER BY m.revision LIMIT :slice`,
				{ space: this.#space, revision, slice: feedSlice },
			);
			for (const row of rows) {
				revision = row.revision;
				this.#recent.delete(row.seq);
				if (row.deleted_at === null) this.#apply(row);
				else this.#index.delete(row.seq);
			}
			this.#revision = revision;
			if (rows.length < feedSlice) return;
			await nextTurn();
		}
	}

	/** Reads all signatures. Answers the revision from which on changes are to be taken over: some may be in already. */
	async #build(): Promise<number> {
		await this.#signOldVectors();
		const revision = currentRevision(this.#database);
		const space = this.#space;
		// Of the vectors, since their index holds no signatures, which would all be read.
		const count = "SELECT count(*) AS n FROM vectors WHERE space = :space";
		this.#index.reserve(this.#database.number(count, { space }));
		await nextTurn();
		let after = 0;
		for (;;) {
			const rows: readonly SignatureRow[] = this.#database.all<SignatureRow>(
				`SELECT s.seq, m.created_at, m.user_id, m.project_id, s.bits
				FROM signatures s CROSS JOIN memories m ON m.seq = s.seq
				WHERE s.space = :space AND s.seq > :after ORDER BY s.seq LIMIT :slice`,
				{ space, after, slice: feedSlice },
			);
			for (const row of rows) this.#apply(row);
			const last = rows.at(-1);
			if (!last || rows.length < feedSlice) return revision;
			after = last.seq;
			await nextTurn();
		}
	}

	/** Once, for vectors that an earlier version has written. Cut off, it goes on where it was. */
	async #signOldVectors(): Promise<void> {
		const space = { space: this.#space };
		const unsigned = "SELECT count(*) AS n FROM spaces WHERE id = :space AND signed_to IS NOT NULL";
		while (this.#database.number(unsigned, space) > 0) {
			await this.#database.write(() => {
				const rows = this.#database.all<{ seq: number; vector: Uint8Array | null }>(
					`SELECT seq, vector FROM vectors WHERE space = :space
					AND seq > (SELECT signed_to FROM spaces WHERE id = :space) ORDER BY seq LIMIT :count`,
					{ ...space, count: signedAtOnce },
				);
				for (const { seq, vector } of rows)
					if (vector) sign(this.#database, this.#space, seq, toFloats(vector));
				const to = rows.at(-1)?.seq ?? null;
				this.#database.run("UPDATE spaces SET signed_to = :to WHERE id = :space", { ...space, to });
			});
			await nextTurn();
		}
	}

	#apply({ seq, created_at, user_id, project_id, bits }: SignatureRow): void {
		if (bits === null) {
			this.#index.delete(seq);
			return;
		}
		const partition = this.#partitionNumber(user_id, project_id);
		this.#index.set({ seq, partition, createdAt: created_at }, bits);
	}

	#partitionNumber(userId: string, projectId: string | null): number {
		const key = `${userId.length} ${userId}${projectId === null ? "" : ` ${projectId}`}`;
		const known = this.#partitionNumbers.get(key);
		if (known !== undefined) return known;
		const number = this.#partitions.push({ userId, projectId }) - 1;
		this.#partitionNumbers.set(key, number);
		return number;
	}
}

/** Within a write. */
export function sign(database: Database, space: number, seq: number, values: Float32Array): void {
	database.run("INSERT OR REPLACE INTO signatures (space, seq, bits) VALUES (:space, :seq, :bits)", {
		space,
		seq,
		bits: signatureOf(values),
	});
}
