import { toBlob } from "../../vectors/blob.ts";
import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { Spaces } from "../memoryStore.ts";
import type { Embedding, Filter, QueryVector, SpaceProgress, StoredMemory, Vector } from "../types.ts";
import { currentRevision, type Database, nextRevision } from "./database.ts";
import { type Near, SpaceIndex, sign } from "./index/spaceIndex.ts";
import { type MemoryRow, memoryColumns, toMemory } from "./rows.ts";

const lacksVector =
	"m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.space = :space AND v.seq = m.seq)";
/** The worker that distils a text also embeds it, if it still needs a vector then. */
const isUnclaimed =
	"NOT EXISTS (SELECT 1 FROM journal j WHERE j.id = m.save_id AND j.distil = 'pending' AND j.claimed_by IS NOT NULL)";
/** Of the memories older than the space, only those that no model has embedded. */
const needsVector =
	"(:everything OR m.seq > :since OR NOT EXISTS (SELECT 1 FROM vectors o WHERE o.seq = m.seq))";

/** The vectors on disk and, for spaces that are searched, their indexes in memory. */
export class SqliteSpaces implements Spaces {
	readonly #database: Database;
	readonly #indexes = new Map<number, SpaceIndex>();

	constructor(database: Database) {
		this.#database = database;
	}

	/** The nearest `k` in the query's space, nearest first. A long search takes several turns of the event loop. */
	async nearest(query: QueryVector, filter: Filter, k: number): Promise<readonly Near[]> {
		const index = this.#index(query.space);
		if (!index) return [];
		await index.refresh();
		const revision = currentRevision(this.#database);
		const nearest = await index.nearest(query, filter, k);
		if (currentRevision(this.#database) === revision) return nearest;
		// A text may have changed after its vector was compared.
		await index.refresh();
		return index.nearest(query, filter, k);
	}

	/** Leaves out memories that were deleted meanwhile. */
	withMemories(
		nearest: readonly Near[],
	): readonly { readonly memory: StoredMemory; readonly cosine: number }[] {
		if (nearest.length === 0) return [];
		const rows = this.#database.all<MemoryRow>(
			`SELECT ${memoryColumns} FROM memories m WHERE m.seq IN (SELECT value FROM json_each(:seqs)) AND m.deleted_at IS NULL`,
			{ seqs: JSON.stringify(nearest.map(({ seq }) => seq)) },
		);
		const bySeq = new Map(rows.map((row) => [row.seq, row]));
		return nearest.flatMap(({ seq, cosine }) => {
			const row = bySeq.get(seq);
			return row ? [{ memory: toMemory(row), cosine }] : [];
		});
	}

	/** Leaves out memories without a vector in the query's space. */
	cosines(query: QueryVector, seqs: readonly number[]): ReadonlyMap<number, number> {
		return this.#index(query.space)?.cosines(query, seqs) ?? new Map();
	}

	/** The word signs of the memories whose model provided them. */
	words(space: EmbeddingSpace, seqs: readonly number[]): ReadonlyMap<number, Uint8Array> {
		const rows = this.#database.all<{ seq: number; words: Uint8Array }>(
			"SELECT v.seq, v.words FROM json_each(:seqs) AS wanted CROSS JOIN vectors v ON v.space = :space AND v.seq = wanted.value AND v.words IS NOT NULL",
			{ seqs: JSON.stringify(seqs), space: this.#spaceNumber(space) },
		);
		return new Map(rows.map(({ seq, words }) => [seq, words]));
	}

	indexBytes(space: EmbeddingSpace): number {
		return this.#indexes.get(this.#spaceNumber(space))?.bytes ?? 0;
	}

	async adopt(space: EmbeddingSpace, everything = false): Promise<void> {
		const row = this.#row(space);
		if (row && (row.reembed === 1 || !everything)) return;
		await this.#database.write(() => {
			this.#insert(space);
			if (everything)
				this.#database.run("UPDATE spaces SET reembed = 1 WHERE id = :id", { id: this.#spaceNumber(space) });
		});
	}

	async leaveRest(space: EmbeddingSpace): Promise<void> {
		await this.#database.write(() =>
			this.#database.run(
				"UPDATE spaces SET reembed = 0, since_seq = (SELECT coalesce(max(seq), 0) FROM memories) WHERE id = :id",
				{ id: this.#spaceNumber(space) },
			),
		);
	}

	async missing(
		space: EmbeddingSpace | undefined,
		limit: number,
		below = Number.MAX_SAFE_INTEGER,
	): Promise<readonly StoredMemory[]> {
		if (this.#countOutside(space) === 0) return [];
		return this.#database
			.all<MemoryRow>(
				`SELECT ${memoryColumns} FROM memories m WHERE ${lacksVector} AND ${isUnclaimed} AND ${needsVector} AND m.seq < :below ORDER BY m.seq DESC LIMIT :limit`,
				{ ...this.#spaceParameters(space), limit, below },
			)
			.map(toMemory);
	}

	async progress(space: EmbeddingSpace | undefined): Promise<SpaceProgress> {
		return this.#database.read(() => {
			const inUse = space !== undefined && this.#row(space) !== undefined;
			const outside = this.#countOutside(space);
			const count = (condition: string) =>
				outside === 0
					? 0
					: this.#database.number(
							`SELECT count(*) AS n FROM memories m WHERE ${lacksVector} AND ${condition}`,
							this.#spaceParameters(space),
						);
			return {
				inUse,
				missing: count(`${isUnclaimed} AND ${needsVector}`),
				outside,
				older: count(`NOT ${needsVector}`),
			};
		});
	}

	/** Whether a memory still needs a vector in the space. */
	awaits(space: EmbeddingSpace | undefined, seq: number): boolean {
		return (
			this.#database.get(
				`SELECT 1 FROM memories m WHERE m.seq = :seq AND ${lacksVector} AND ${needsVector}`,
				{
					...this.#spaceParameters(space),
					seq,
				},
			) !== undefined
		);
	}

	#countOutside(space: EmbeddingSpace | undefined): number {
		// A memory's vectors are deleted with it, so two counts, each read from an index, are enough.
		return this.#database.number(
			`SELECT (SELECT count(*) FROM memories WHERE deleted_at IS NULL)
				- (SELECT count(*) FROM vectors WHERE space = :space) AS n`,
			{ space: space ? this.#spaceNumber(space) : 0 },
		);
	}

	/** The parameters of `lacksVector` and `needsVector`. */
	#spaceParameters(space: EmbeddingSpace | undefined) {
		// All memories are older than a space that is not in use yet.
		const { id = 0, since_seq = Number.MAX_SAFE_INTEGER, reembed = 0 } = (space && this.#row(space)) ?? {};
		return { space: id, since: since_seq, everything: reembed };
	}

	async addVectors(
		space: EmbeddingSpace,
		vectors: readonly { readonly memory: StoredMemory; readonly values: Embedding }[],
	): Promise<void> {
		await this.#database.write(() => {
			for (const { memory, values } of vectors) this.addVector(memory, { space, values });
		});
	}

	/** Within a write: adds a vector to a memory unless its text has changed since it was embedded. */
	addVector({ seq, text }: StoredMemory, vector: Vector): void {
		const { changes } = this.#database.run(
			"UPDATE memories SET revision = :revision WHERE seq = :seq AND text = :text AND deleted_at IS NULL",
			{ revision: nextRevision(this.#database), seq, text },
		);
		if (Number(changes) === 1) this.put(seq, vector);
	}

	/** Within a write. The caller gives the memory a new revision. */
	put(seq: number, { space, values }: Vector): void {
		if (values && values.length !== space.dimensions) {
			throw new RangeError(
				`The vector has ${values.length} numbers; its embedding space has ${space.dimensions} dimensions.`,
			);
		}
		let number = this.#spaceNumber(space);
		if (number === 0) {
			this.#insert(space);
			number = this.#spaceNumber(space);
		}
		this.#database.run(
			"INSERT OR REPLACE INTO vectors (space, seq, vector, words) VALUES (:space, :seq, :vector, :words)",
			{
				space: number,
				seq,
				vector: values ? toBlob(values) : null,
				words: values?.words ?? null,
			},
		);
		if (values) sign(this.#database, number, seq, values);
		else this.#unsign(seq, number);
	}

	#unsign(seq: number, space?: number): void {
		this.#database.run(
			"DELETE FROM signatures WHERE seq = :seq AND space IN (SELECT id FROM spaces WHERE id = coalesce(:space, id))",
			{ seq, space: space ?? null },
		);
	}

	/** Within a write: drops the memory's vectors in all spaces. */
	drop(seq: number): void {
		this.#database.run("DELETE FROM vectors WHERE seq = :seq", { seq });
		this.#unsign(seq);
	}

	#index(space: EmbeddingSpace): SpaceIndex | undefined {
		const number = this.#spaceNumber(space);
		if (number === 0) return undefined;
		let index = this.#indexes.get(number);
		if (!index) {
			index = new SpaceIndex(this.#database, number, space.dimensions);
			this.#indexes.set(number, index);
		}
		return index;
	}

	/** Within a write: existing memories count as older than the space. */
	#insert({ provider, origin, model, dimensions }: EmbeddingSpace): void {
		this.#database.run(
			`INSERT INTO spaces (provider, origin, model, dimensions, since_seq)
			SELECT :provider, :origin, :model, :dimensions, coalesce(max(seq), 0) FROM memories WHERE true ON CONFLICT DO NOTHING`,
			{ provider, origin, model, dimensions },
		);
	}

	/** 0 for a space that is not in use yet. */
	#spaceNumber(space: EmbeddingSpace): number {
		return this.#row(space)?.id ?? 0;
	}

	#row({ provider, origin, model, dimensions }: EmbeddingSpace) {
		return this.#database.get<{ id: number; since_seq: number; reembed: number }>(
			`SELECT id, since_seq, reembed FROM spaces
			WHERE provider = :provider AND origin = :origin AND model = :model AND dimensions = :dimensions`,
			{ provider, origin, model, dimensions },
		);
	}
}
