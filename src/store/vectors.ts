import type { EmbeddingSpace } from "../config/embeddingSpace.ts";
import type { Database } from "./database.ts";
import type {
	Embedding,
	Filter,
	NearMemory,
	QueryVector,
	StoredMemory,
	Vector,
	Vectors,
} from "./memoryStore.ts";
import { type MemoryRow, memoryColumns, toMemory } from "./rows.ts";
import { SpaceIndex, toBlob } from "./spaceIndex.ts";

const lacksVector =
	"m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.space = :space AND v.seq = m.seq)";

/** The vectors on disk and, for the spaces that are searched, their indexes in memory. */
export class SqliteVectors implements Vectors {
	readonly #database: Database;
	readonly #indexes = new Map<number, SpaceIndex>();

	constructor(database: Database) {
		this.#database = database;
	}

	async candidates(query: QueryVector, filter: Filter, k: number): Promise<readonly NearMemory[]> {
		const index = this.#index(query.space);
		if (!index) return [];
		await index.refresh();
		const nearest = index.nearest(query, filter, k);
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

	missing(space: EmbeddingSpace, limit: number): readonly StoredMemory[] {
		if (this.countMissing(space) === 0) return [];
		return this.#database
			.all<MemoryRow>(
				`SELECT ${memoryColumns} FROM memories m WHERE ${lacksVector} ORDER BY m.seq DESC LIMIT :limit`,
				{
					space: this.#spaceNumber(space),
					limit,
				},
			)
			.map(toMemory);
	}

	countMissing(space: EmbeddingSpace): number {
		// Vectors go with their memories, so that both can be counted in an index.
		return this.#database.number(
			`SELECT (SELECT count(*) FROM memories WHERE deleted_at IS NULL)
				- (SELECT count(*) FROM vectors WHERE space = :space) AS n`,
			{ space: this.#spaceNumber(space) },
		);
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
		const { provider, origin, model, dimensions } = space;
		this.#database.run(
			"INSERT INTO spaces (provider, origin, model, dimensions) VALUES (:provider, :origin, :model, :dimensions) ON CONFLICT DO NOTHING",
			{ provider, origin, model, dimensions },
		);
		this.#database.run("INSERT OR REPLACE INTO vectors (space, seq, vector) VALUES (:space, :seq, :vector)", {
			space: this.#spaceNumber(space),
			seq,
			vector: values ? toBlob(values) : null,
		});
	}

	/** Within a write: drops the memory's vectors of every space. */
	drop(seq: number): void {
		this.#database.run("DELETE FROM vectors WHERE seq = :seq", { seq });
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

	/** 0 for a space that holds nothing yet. */
	#spaceNumber({ provider, origin, model, dimensions }: EmbeddingSpace): number {
		return this.#database.number(
			"SELECT id AS n FROM spaces WHERE provider = :provider AND origin = :origin AND model = :model AND dimensions = :dimensions",
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
