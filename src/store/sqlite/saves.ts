import { fingerprint } from "../../text/fingerprint.ts";
import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { Saves } from "../memoryStore.ts";
import type {
	AddResult,
	JournalEntry,
	MemoryRef,
	NewMemory,
	ReadBack,
	Stored,
	StoredMemory,
	Vector,
} from "../types.ts";
import type { Database } from "./database.ts";
import type { SqliteJournal } from "./journal.ts";
import type { SqliteMemories } from "./memories.ts";
import { type MemoryRow, memoryColumns, toMemory } from "./rows.ts";
import type { SqliteSpaces } from "./spaces.ts";

export class SqliteSaves implements Saves {
	readonly #database: Database;
	readonly #journal: SqliteJournal;
	readonly #memories: SqliteMemories;
	readonly #spaces: SqliteSpaces;

	constructor(database: Database, journal: SqliteJournal, memories: SqliteMemories, spaces: SqliteSpaces) {
		this.#database = database;
		this.#journal = journal;
		this.#memories = memories;
		this.#spaces = spaces;
	}

	record(entry: JournalEntry): Promise<StoredMemory | undefined> {
		return this.#database.write(() => {
			this.#journal.put(entry, false);
			return this.#memories.duplicateOf(entry);
		});
	}

	async store(
		{ id: saveId, ...entry }: JournalEntry,
		{ distil = false, vector }: { readonly distil?: boolean; readonly vector?: Vector } = {},
	): Promise<Stored> {
		const facts = distil ? this.#knownFacts(entry) : [];
		if (facts.length > 0)
			return { results: facts.map((memory) => ({ event: "DUPLICATE", memory })), knownFacts: true };
		const result = await this.#database.write((): AddResult => {
			this.#journal.put({ ...entry, id: saveId }, distil);
			const existing = this.#memories.duplicateOf(entry) ?? this.#memories.ofSave(saveId);
			this.#journal.close(saveId, existing !== undefined && existing.saveId !== saveId);
			if (existing) return { event: "DUPLICATE", memory: existing };
			const memory = { ...entry, saveId, ...(vector ? { vector } : {}) };
			return { event: "ADD", memory: this.#memories.insert(memory) };
		});
		return { results: [result], knownFacts: false };
	}

	addAll(memories: readonly NewMemory[]): Promise<readonly AddResult[]> {
		return this.#database.write(() =>
			memories.map((memory) => {
				const duplicate = this.#memories.duplicateOf(memory);
				return duplicate
					? { event: "DUPLICATE", memory: duplicate }
					: { event: "ADD", memory: this.#memories.insert(memory) };
			}),
		);
	}

	async savedText(saveId: string): Promise<string | undefined> {
		return this.#database.get<{ text: string }>("SELECT text FROM journal WHERE id = :id", { id: saveId })
			?.text;
	}

	async readBack(
		refs: readonly MemoryRef[],
		space: EmbeddingSpace | undefined,
	): Promise<readonly ReadBack[]> {
		return this.#database.read(() =>
			refs.map(({ id, userId }) => {
				const memory = this.#memories.find(id, userId);
				return {
					memory,
					distilling: memory?.saveId !== undefined && this.#journal.isPending(memory.saveId),
					awaitsVector: memory !== undefined && this.#spaces.awaits(space, memory.seq),
				};
			}),
		);
	}

	/** The facts distilled from an earlier save of the same words, if none of them has changed since. */
	#knownFacts(entry: Omit<JournalEntry, "id">): readonly StoredMemory[] {
		const outcomes = this.#database.all<{ outcome: string }>(
			`SELECT outcome FROM journal WHERE fingerprint = :fingerprint AND distil = 'done' AND user_id = :user
			AND outcome IS NOT NULL ORDER BY received_at DESC`,
			{ fingerprint: fingerprint(entry.text), user: entry.userId },
		);
		for (const { outcome } of outcomes) {
			const facts = this.#database.all<MemoryRow>(
				`SELECT ${memoryColumns} FROM json_each(:outcome) o
				JOIN memories m ON m.seq = o.value ->> 0 AND m.fingerprint = o.value ->> 1
				WHERE m.deleted_at IS NULL AND m.user_id = :user AND (m.scope = 'global' OR m.project_id = :project)
				ORDER BY o.key`,
				{ outcome, user: entry.userId, project: entry.project?.id ?? null },
			);
			if (facts.length > 0 && facts.length === (JSON.parse(outcome) as unknown[]).length)
				return facts.map(toMemory);
		}
		return [];
	}
}
