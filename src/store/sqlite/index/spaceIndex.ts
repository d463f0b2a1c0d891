import { setImmediate as nextTurn } from "node:timers/promises";
import { dotProduct, toFloats } from "../../../vectors/blob.ts";
import { signatureOf } from "../../../vectors/signature.ts";
import type { Filter, QueryVector, Visibility } from "../../types.ts";
import { currentRevision, type Database } from "../database.ts";
import { membersOf } from "../tallies.ts";
import { Partitions } from "./partitions.ts";
import { RecentVectors } from "./recentVectors.ts";
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
	readonly client: string | null;
	readonly how: string | null;
	readonly pinned: number;
	readonly expires_at: number | null;
	readonly superseded: number;
	readonly visibility: Visibility;
	readonly bits: Uint8Array | null;
}

/** The columns of a SignatureRow. */
const signatureColumns =
	"m.seq, m.created_at, m.user_id, m.project_id, m.client, m.how, m.pinned, m.expires_at, m.superseded_by IS NOT NULL AS superseded, m.visibility, s.bits";

interface ChangedRow extends SignatureRow {
	readonly revision: number;
	readonly deleted_at: number | null;
}

/** Rows read at a time, so that building a large index yields the thread every few milliseconds. */
const rowBatch = 500;
/** How long, in ms, to search before yielding the thread: memories may be many, and reading vectors from disk for the first time is slow. */
const maxTurn = 3;
/** Vectors signed in one transaction. */
const signBatch = 200;
/**
 * The number of memories whose cosine is estimated from their signature: per requested result, the minimum, and the share
 * of all, since among more memories more differ from the query in as few signs as the nearest.
 */
const estimatesPerResult = 8;
const minEstimates = 1024;
const estimatedShare = 1 / 64;
/** The most memories compared exactly, beyond the first `k`, and how many at a time. */
const maxCompared = 512;
const compareBatch = 24;
/** Comparing goes on until this many results at the top are, very likely, the true nearest. */
const exactTop = 10;
/** Comparing stops once an estimate would have to err by more than this many standard deviations to matter. */
const maxDeviations = 2;
/**
 * The vector index of one embedding space. The first search builds it from the signatures on disk; the revisions of
 * memories keep it current, also with the writes of other processes.
 */
export class SpaceIndex {
	readonly #database: Database;
	readonly #space: number;
	readonly #dimensions: number;
	readonly #index: VectorIndex;
	/** Recently compared vectors: search-as-you-type compares the same ones again and again. */
	readonly #recent: RecentVectors;
	readonly #partitions = new Partitions();
	/** Of the last memory that was read. Undefined until the index is built. */
	#revision: number | undefined;
	/** The database's, when the changes up to it were applied. */
	#refreshed: number | undefined;
	/** Ends when nobody reads or changes the index in memory any more. */
	#lastTurn: Promise<unknown> = Promise.resolve();

	constructor(database: Database, space: number, dimensions: number) {
		this.#database = database;
		this.#space = space;
		this.#dimensions = dimensions;
		this.#index = new VectorIndex(dimensions);
		this.#recent = new RecentVectors(dimensions);
	}

	/** Bytes of RAM it takes, without a constant part. */
	get bytes(): number {
		return this.#index.bytes;
	}

	/** Applies what this or another process has written since the last call. @returns the revision that it has. */
	refresh(): Promise<number> {
		return this.#inTurn(async () => {
			const revision = currentRevision(this.#database);
			if (revision !== this.#refreshed) await this.#applyChanges();
			this.#refreshed = revision;
			return revision;
		});
	}

	/** The nearest `k` by exact cosine, nearest first. */
	async nearest(query: QueryVector, filter: Filter, k: number): Promise<Near[]> {
		return this.#compareExactly(query, await this.#inTurn(() => this.#candidates(query, filter, k)), k);
	}

	/** One after the other: a long one lets others have the thread, but not the index. */
	#inTurn<T>(work: () => Promise<T>): Promise<T> {
		const turn = this.#lastTurn.then(work);
		this.#lastTurn = turn.catch(() => undefined);
		return turn;
	}

	/** Best estimates first. */
	async #candidates(query: QueryVector, filter: Filter, k: number): Promise<readonly Candidate[]> {
		for (const { seq, partition } of this.#partitions.expire(Date.now())) this.#index.move(seq, partition);
		const partitions = this.#partitions.matching(filter);
		const within = { partitions, since: filter.since ?? -Infinity, until: filter.until ?? Infinity };
		const estimates = Math.max(minEstimates, estimatesPerResult * k, estimatedShare * this.#index.size);
		const steps = this.#index.nearest(query.values, within, estimates, maxCompared + compareBatch);
		for (let started = performance.now(); ; ) {
			const step = steps.next();
			if (step.done) return step.value;
			if (performance.now() - started <= maxTurn) continue;
			await nextTurn();
			started = performance.now();
		}
	}

	/** Compares the best estimates first, until the rest is unlikely to be among the nearest. */
	async #compareExactly(query: QueryVector, candidates: readonly Candidate[], k: number): Promise<Near[]> {
		const margin = maxDeviations * estimateError(this.#dimensions);
		const nearest: Near[] = [];
		let started = performance.now();
		for (let from = 0; from < candidates.length; from += compareBatch) {
			if (from >= k) {
				const next = candidates[from] as Candidate;
				const last = nearest[Math.min(k, exactTop) - 1];
				if (from >= k + maxCompared || (last && next.estimate + margin < last.cosine)) break;
			}
			if (performance.now() - started > maxTurn) {
				await nextTurn();
				started = performance.now();
			}
			const seqs = candidates.slice(from, from + compareBatch).map(({ seq }) => seq);
			for (const [seq, cosine] of this.cosines(query, seqs)) nearest.push({ seq, cosine });
			nearest.sort((a, b) => b.cosine - a.cosine);
		}
		return nearest.slice(0, k);
	}

	cosines(query: QueryVector, seqs: readonly number[]): Map<number, number> {
		const cosines = new Map<number, number>();
		const missing: number[] = [];
		for (const seq of seqs) {
			const vector = this.#recent.get(seq);
			if (vector) cosines.set(seq, dotProduct(query.values, vector));
			else missing.push(seq);
		}
		for (const { seq, vector } of this.#read(missing)) {
			const values = toFloats(vector);
			cosines.set(seq, dotProduct(query.values, values));
			this.#recent.set(seq, values);
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

	async #applyChanges(): Promise<void> {
		let revision = this.#revision ?? (await this.#build());
		for (;;) {
			const rows: readonly ChangedRow[] = this.#database.all<ChangedRow>(
				`SELECT ${signatureColumns}, m.revision, m.deleted_at
				FROM memories m LEFT JOIN signatures s ON s.space = :space AND s.seq = m.seq
				WHERE m.revision > :revision ORDER BY m.revision LIMIT :count`,
				{ space: this.#space, revision, count: rowBatch },
			);
			for (const row of rows) {
				revision = row.revision;
				this.#recent.delete(row.seq);
				if (row.deleted_at === null) this.#apply(row);
				else this.#drop(row.seq);
			}
			this.#revision = revision;
			if (rows.length < rowBatch) return;
			await nextTurn();
		}
	}

	/** Reads all signatures. @returns the revision after which to apply changes; some may already be in the index. */
	async #build(): Promise<number> {
		await this.#signOldVectors();
		const revision = currentRevision(this.#database);
		const space = this.#space;
		this.#index.reserve(membersOf(this.#database, space));
		await nextTurn();
		let after = 0;
		for (;;) {
			const rows: readonly SignatureRow[] = this.#database.all<SignatureRow>(
				`SELECT ${signatureColumns}
				FROM signatures s CROSS JOIN memories m ON m.seq = s.seq
				WHERE s.space = :space AND s.seq > :after ORDER BY s.seq LIMIT :count`,
				{ space, after, count: rowBatch },
			);
			for (const row of rows) this.#apply(row);
			const last = rows.at(-1);
			if (!last || rows.length < rowBatch) return revision;
			after = last.seq;
			await nextTurn();
		}
	}

	/** Signs, once, the vectors that an earlier version wrote. If interrupted, it resumes where it stopped. */
	async #signOldVectors(): Promise<void> {
		const space = { space: this.#space };
		const unsigned = "SELECT count(*) AS n FROM spaces WHERE id = :space AND signed_to IS NOT NULL";
		while (this.#database.number(unsigned, space) > 0) {
			await this.#database.write(() => {
				const rows = this.#database.all<{ seq: number; vector: Uint8Array | null }>(
					`SELECT seq, vector FROM vectors WHERE space = :space
					AND seq > (SELECT signed_to FROM spaces WHERE id = :space) ORDER BY seq LIMIT :count`,
					{ ...space, count: signBatch },
				);
				for (const { seq, vector } of rows)
					if (vector) sign(this.#database, this.#space, seq, toFloats(vector));
				const to = rows.at(-1)?.seq ?? null;
				this.#database.run("UPDATE spaces SET signed_to = :to WHERE id = :space", { ...space, to });
			});
			await nextTurn();
		}
	}

	#apply(row: SignatureRow): void {
		const { seq, created_at: createdAt, bits } = row;
		if (bits === null) this.#drop(seq);
		else this.#index.set({ seq, partition: this.#partitions.of(row), createdAt }, bits);
	}

	#drop(seq: number): void {
		this.#partitions.forget(seq);
		this.#index.delete(seq);
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
