import { toBlob } from "../../vectors/blob.ts";
import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type {
	Embedding,
	Filter,
	Near,
	NearMemory,
	QueryVector,
	StoredMemory,
	Vector,
	Vectors,
} from "../memoryStore.ts";
import { currentRevision, type Database } from "./database.ts";
import { SpaceIndex, sign } from "./index/spaceIndex.ts";
import { type MemoryRow, memoryColumns, toMemory } from "./rows.ts";

const lacksVector =
	"m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.space = :space AND v.seq = m.seq)";
/** A text that is being distilled gets its vector, if it is still needed then, from whoever is at it. */
const isSettled =
	"NOT EXISTS (SELECT 1 FROM journal j WHERE j.id = m.save_id AND j.distil = 'pending' AND j.claimed_by IS NOT NULL)";
/** Of the older memories only those that no model has embedded yet: they were to be embedded anyway. */
const isWanted =
	"(:everything OR m.seq > :since OR NOT EXISTS (SELECT 1 FROM vectors o WHERE o.seq = m.seq))";

/** The vectors on disk and, for the spaces that are searched, their indexes in memory. */
export class SqliteVectors implements Vectors {
	readonly #database: Database;
	readonly #indexes = new Map<number, SpaceIndex>();

	constructor(database: Database) {
		this.#database = database;
	}

	async refresh(space: EmbeddingSpace): Promise<void> {
		await this.#index(space)?.refresh();
	}

	async nearest(query: QueryVector, filter: Filter, k: number): Promise<readonly Near[]> {
		const index = this.#index(query.space);
		if (!index) return [];
		const revision = currentRevision(this.#database);
		const nearest = await index.nearest(query, filter, k);
		if (currentRevision(this.#database) === revision) return nearest;
		// A text may have changed after it was compared.
		await index.refresh();
		return index.nearest(query, filter, k);
	}

	known(nearest: readonly Near[]): readonly NearMemory[] {
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

	cosines(query: QueryVector, seqs: readonly number[]): ReadonlyMap<number, number> {
		return this.#index(query.space)?.cosines(query, seqs) ?? new Map();
	}

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
		const known = this.#row(space);
		if (known && (known.reembed === 1 || !everything)) return;
		await this.#database.write(() => {
			this.#insert(space);
			if (everything)
				this.#database.run("UPDATE spaces SET reembed = 1 WHERE id = :id", { id: this.#spaceNumber(space) });
		});
	}

	isInUse(space: EmbeddingSpace): boolean {
		return this.#row(space) !== undefined;
	}

	wantsEverything(space: EmbeddingSpace): boolean {
		return this.#row(space)?.reembed === 1;
	}

	async leaveRest(space: EmbeddingSpace): Promise<void> {
		await this.#database.write(() =>
			this.#database.run(
				"UPDATE spaces SET reembed = 0, since_seq = (SELECT coalesce(max(seq), 0) FROM memories) WHERE id = :id",
				{ id: this.#spaceNumber(space) },
			),
		);
	}

	missing(space: EmbeddingSpace, limit: number, below = Number.MAX_SAFE_INTEGER): readonly StoredMemory[] {
		if (this.countOutside(space) === 0) return [];
		return this.#database
			.all<MemoryRow>(
				`SELECT ${memoryColumns} FROM memories m WHERE ${lacksVector} AND ${isSettled} AND ${isWanted} AND m.seq < :below ORDER BY m.seq DESC LIMIT :limit`,
				{ ...this.#wanted(space), limit, below },
			)
			.map(toMemory);
	}

	countMissing(space: EmbeddingSpace): number {
		if (this.countOutside(space) === 0) return 0;
		return this.#database.number(
			`SELECT count(*) AS n FROM memories m WHERE ${lacksVector} AND ${isSettled} AND ${isWanted}`,
			this.#wanted(space),
		);
	}

	unembedded(limit: number, below = Number.MAX_SAFE_INTEGER): readonly StoredMemory[] {
		return this.#database
			.all<MemoryRow>(
				`SELECT ${memoryColumns} FROM memories m WHERE m.deleted_at IS NULL AND m.seq < :below AND ${isSettled}
				AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.seq = m.seq) ORDER BY m.seq DESC LIMIT :limit`,
				{ limit, below },
			)
			.map(toMemory);
	}

	countOlder(space: EmbeddingSpace | undefined): number {
		if (this.countOutside(space) === 0) return 0;
		return this.#database.number(
			`SELECT count(*) AS n FROM memories m WHERE ${lacksVector} AND NOT ${isWanted}`,
			this.#wanted(space),
		);
	}

	countUnembedded(): number {
		return this.#database.number(
			"SELECT count(*) AS n FROM memories m WHERE m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.seq = m.seq)",
		);
	}

	awaits(space: EmbeddingSpace | undefined, seq: number): boolean {
		return (
			this.#database.get(`SELECT 1 FROM memories m WHERE m.seq = :seq AND ${lacksVector} AND ${isWanted}`, {
				...this.#wanted(space),
				seq,
			}) !== undefined
		);
	}

	countOutside(space: EmbeddingSpace | undefined): number {
		// Vectors go with their memories, so that both can be counted in an index.
		return this.#database.number(
			`SELECT (SELECT count(*) FROM memories WHERE deleted_at IS NULL)
				- (SELECT count(*) FROM vectors WHERE space = :space) AS n`,
			{ space: space ? this.#spaceNumber(space) : 0 },
		);
	}

	#wanted(space: EmbeddingSpace | undefined) {
		// Of a space that is not in use yet, all memories are older.
		const { id = 0, since_seq = Number.MAX_SAFE_INTEGER, reembed = 0 } = (space && this.#row(space)) ?? {};
		return { space: id, since: since_seq, everything: reembed };
	}

	async addAll(
		space: EmbeddingSpace,
		vectors: readonly { memory: StoredMemory; values: Embedding }[],
	): Promise<void> {
		await this.#database.write(() => {
			for (const { memory, values } of vectors) {
				const { changes } = this.#database.run(
					"UPDATE memories SET revision = :revision WHERE seq = :seq AND text = :text AND deleted_at IS NULL",
					{ revision: nextRevision(this.#database), seq: memory.seq, text: memory.text },
				);
				if (Number(changes) === 1) this.put(memory.seq, { space, values });
			}
		});
	}

	/** Within a write. The caller gives the memory a new revision. */
	put(seq: number, { space, values }: Vector): void {
		if (values && values.length !== space.dimensions) {
			throw new RangeError(
				`A vector of ${values.length} numbers was given for a space of ${space.dimensions}.`,
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

	/** Within a write: drops the memory's vectors of every space. */
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

	/** Within a write: memories that are there already count as older than the space. */
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

/** Within a write: the number that marks a memory as changed for every process. */
export function nextRevision(database: Database): number {
	return database.number(
		"UPDATE counters SET value = value + 1 WHERE name = 'revision' RETURNING value AS n",
	);
}
