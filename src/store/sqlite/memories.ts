import { randomUUID } from "node:crypto";
import { fingerprint } from "../../text/fingerprint.ts";
import type { Memories } from "../memoryStore.ts";
import type {
	Counts,
	Entity,
	Filter,
	HistoryEntry,
	NewMemory,
	Page,
	Position,
	Project,
	StoredMemory,
	Vector,
} from "../types.ts";
import { type Database, nextRevision } from "./database.ts";
import { eraseDeleted } from "./erasure.ts";
import type { SqliteJournal } from "./journal.ts";
import type { SqliteKeywords } from "./keywords.ts";
import {
	filterCondition,
	filterParameters,
	type MemoryRow,
	memoryColumns,
	originParameters,
	toMemory,
} from "./rows.ts";
import type { SqliteSpaces } from "./spaces.ts";

/** Every change to a memory updates history, keywords and vectors in the same transaction. */
export class SqliteMemories implements Memories {
	readonly #database: Database;
	readonly #journal: SqliteJournal;
	readonly #keywords: SqliteKeywords;
	readonly #spaces: SqliteSpaces;

	constructor(database: Database, journal: SqliteJournal, keywords: SqliteKeywords, spaces: SqliteSpaces) {
		this.#database = database;
		this.#journal = journal;
		this.#keywords = keywords;
		this.#spaces = spaces;
	}

	/** Within a write. */
	insert(added: NewMemory): StoredMemory {
		const id = randomUUID();
		const row = this.#database.get<MemoryRow>(
			`INSERT INTO memories (id, revision, text, fingerprint, user_id, scope, project_id, project_name, conversation_id, save_id, metadata, created_at, updated_at)
			VALUES (:id, :revision, :text, :fingerprint, :user, :scope, :project, :projectName, :conversation, :save, :metadata, :createdAt, :createdAt)
			RETURNING *`,
			{
				...originParameters(added),
				id,
				revision: nextRevision(this.#database),
				fingerprint: fingerprint(added.text),
				save: added.saveId ?? null,
			},
		);
		const memory = toMemory(row as MemoryRow);
		this.#keywords.put(memory.seq, added);
		if (added.vector) this.#spaces.put(memory.seq, added.vector);
		this.#addHistory(id, "ADD", undefined, added.text);
		return memory;
	}

	/** The memory of a save. Two processes may have stored it: one that died late and one that took over. */
	ofSave(saveId: string): StoredMemory | undefined {
		const row = this.#database.get<MemoryRow>(
			`SELECT ${memoryColumns} FROM memories m WHERE m.save_id = :saveId AND m.deleted_at IS NULL ORDER BY m.seq`,
			{ saveId },
		);
		return row && toMemory(row);
	}

	/** A memory other than `except` that says the same and is visible in the same scope. */
	duplicateOf(memory: NewMemory, except?: StoredMemory): StoredMemory | undefined {
		const row = this.#database.get<MemoryRow>(
			`SELECT ${memoryColumns} FROM memories m
			WHERE m.deleted_at IS NULL AND m.fingerprint = :fingerprint AND m.user_id = :user AND m.seq <> :except
			AND (m.scope = 'global' OR m.project_id = :project) ORDER BY m.seq LIMIT 1`,
			{
				fingerprint: fingerprint(memory.text),
				user: memory.userId,
				project: memory.project?.id ?? null,
				except: except?.seq ?? 0,
			},
		);
		return row && toMemory(row);
	}

	update(id: string, userId: string, text: string, vector?: Vector): Promise<StoredMemory | undefined> {
		return this.#database.write(() => {
			const old = this.find(id, userId);
			if (!old) return undefined;
			// A text that a person or agent wrote as the memory must not be distilled.
			if (old.saveId) this.#journal.settle(old.saveId, "cancelled");
			const updated = this.replace(old, text, vector);
			this.#database.run("UPDATE memories SET unlinked = 1 WHERE seq = :seq", { seq: old.seq });
			return updated;
		});
	}

	/** Within a write: replaces the text and drops the vectors and entities of the old one. */
	replace(old: StoredMemory, text: string, vector?: Vector, at: number = Date.now()): StoredMemory {
		this.#database.run(
			"UPDATE memories SET text = :text, fingerprint = :fingerprint, updated_at = :now, revision = :revision, unlinked = 0 WHERE seq = :seq",
			{
				text,
				fingerprint: fingerprint(text),
				now: at,
				revision: nextRevision(this.#database),
				seq: old.seq,
			},
		);
		this.#dropFromIndexes(old.seq);
		this.#keywords.put(old.seq, { ...old, text });
		if (vector) this.#spaces.put(old.seq, vector);
		if (text !== old.text) this.#addHistory(old.id, "UPDATE", old.text, text);
		return this.#bySeq(old.seq);
	}

	delete(id: string, userId: string): Promise<StoredMemory | undefined> {
		return this.#database.write(() => {
			const old = this.find(id, userId);
			if (!old) return undefined;
			if (old.saveId) this.#journal.settle(old.saveId, "cancelled");
			this.remove(old);
			return old;
		});
	}

	/** Within a write. */
	remove(old: StoredMemory): void {
		this.#database.run(
			"UPDATE memories SET text = '', fingerprint = '', deleted_at = :now, revision = :revision, unlinked = 0 WHERE seq = :seq",
			{ now: Date.now(), revision: nextRevision(this.#database), seq: old.seq },
		);
		this.#dropFromIndexes(old.seq);
		this.#addHistory(old.id, "DELETE", old.text, undefined);
	}

	restore(id: string, userId: string): Promise<StoredMemory | undefined> {
		return this.#database.write(() => {
			const deleted = this.#database.get<{ seq: number; text: string }>(
				`SELECT m.seq, h.old_text AS text FROM memories m JOIN history h ON h.memory_id = m.id
				WHERE m.id = :id AND m.user_id = :user AND m.deleted_at IS NOT NULL AND h.event = 'DELETE' ORDER BY h.id DESC LIMIT 1`,
				{ id, user: userId },
			);
			if (!deleted) return undefined;
			const { seq, text } = deleted;
			this.#database.run(
				"UPDATE memories SET text = :text, fingerprint = :fingerprint, deleted_at = NULL, unlinked = 1, revision = :revision WHERE seq = :seq",
				{ text, fingerprint: fingerprint(text), revision: nextRevision(this.#database), seq },
			);
			const restored = this.#bySeq(seq);
			this.#keywords.put(seq, restored);
			this.#addHistory(id, "RESTORE", undefined, text);
			return restored;
		});
	}

	purgeDeleted(before: number): Promise<number> {
		return eraseDeleted(this.#database, this.#keywords, before);
	}

	async get(id: string, userId: string): Promise<StoredMemory | undefined> {
		return this.find(id, userId);
	}

	find(id: string, userId: string): StoredMemory | undefined {
		const row = this.#database.get<MemoryRow>(
			`SELECT ${memoryColumns} FROM memories m WHERE m.id = :id AND m.user_id = :user AND m.deleted_at IS NULL`,
			{ id, user: userId },
		);
		return row && toMemory(row);
	}

	async list(filter: Filter, limit: number, after?: Position): Promise<Page> {
		return this.#database.read(() => this.#page(filter, limit, after));
	}

	#page(filter: Filter, limit: number, after: Position | undefined): Page {
		const rows = this.#database.all<MemoryRow>(
			`SELECT ${memoryColumns} FROM memories m WHERE ${filterCondition}
			AND (m.created_at, m.seq) < (:createdAt, :seq) ORDER BY m.created_at DESC, m.seq DESC LIMIT :limit`,
			{
				...filterParameters(filter),
				createdAt: after?.createdAt ?? Number.MAX_SAFE_INTEGER,
				seq: after?.seq ?? Number.MAX_SAFE_INTEGER,
				limit: limit + 1,
			},
		);
		const memories = rows.slice(0, limit).map(toMemory);
		const last = memories.at(-1);
		const next = rows.length > limit && last ? { next: { createdAt: last.createdAt, seq: last.seq } } : {};
		return { memories, total: this.#count(filter), ...next };
	}

	#count(filter: Filter): number {
		const { since, until, userId, global, projects } = filter;
		if (since !== undefined || until !== undefined) {
			return this.#database.number(
				`SELECT count(*) AS n FROM memories m WHERE ${filterCondition}`,
				filterParameters(filter),
			);
		}
		return this.#perProject(userId)
			.filter(({ project }) => (project === null ? global : projects === "all" || projects.includes(project)))
			.reduce((sum, { n }) => sum + n, 0);
	}

	async counts(userId: string, project?: Project): Promise<Counts> {
		const rows = this.#perProject(userId);
		const of = (id: string | null | undefined) => rows.find((row) => row.project === id)?.n ?? 0;
		return { all: rows.reduce((sum, { n }) => sum + n, 0), global: of(null), project: of(project?.id) };
	}

	/** Reads an index only, but cannot filter by date. `null`: global. */
	#perProject(userId: string) {
		return this.#database.all<{ project: string | null; n: number }>(
			"SELECT project_id AS project, count(*) AS n FROM memories WHERE user_id = :user AND deleted_at IS NULL GROUP BY scope, project_id",
			{ user: userId },
		);
	}

	async entities({ seq }: StoredMemory): Promise<readonly Entity[]> {
		return this.#database.all<{ text: string; type: string }>(
			"SELECT e.text, e.type FROM entity_links l JOIN entities e ON e.id = l.entity WHERE l.seq = :seq ORDER BY e.id",
			{ seq },
		);
	}

	async history(id: string, userId: string): Promise<readonly HistoryEntry[]> {
		interface Row {
			readonly event: HistoryEntry["event"];
			readonly old_text: string | null;
			readonly new_text: string | null;
			readonly at: number;
		}
		return this.#database
			.all<Row>(
				`SELECT h.event, h.old_text, h.new_text, h.at FROM history h JOIN memories m ON m.id = h.memory_id
				WHERE m.id = :id AND m.user_id = :user ORDER BY h.id`,
				{ id, user: userId },
			)
			.map(({ event, old_text, new_text, at }) => ({
				event,
				...(old_text === null ? {} : { oldText: old_text }),
				...(new_text === null ? {} : { newText: new_text }),
				at,
			}));
	}

	/** Also drops its links to entities, and entities that no memory mentions any more. */
	#dropFromIndexes(seq: number): void {
		this.#keywords.drop(seq);
		this.#spaces.drop(seq);
		const mentioned = this.#database.all<{ entity: number }>(
			"SELECT entity FROM entity_links WHERE seq = :seq",
			{ seq },
		);
		if (mentioned.length === 0) return;
		this.#database.run("DELETE FROM entity_links WHERE seq = :seq", { seq });
		for (const { entity } of mentioned)
			this.#database.run(
				"DELETE FROM entities WHERE id = :entity AND NOT EXISTS (SELECT 1 FROM entity_links WHERE entity = :entity)",
				{ entity },
			);
	}

	#addHistory(
		id: string,
		event: HistoryEntry["event"],
		oldText: string | undefined,
		newText: string | undefined,
	): void {
		this.#database.run(
			"INSERT INTO history (memory_id, event, old_text, new_text, at) VALUES (:id, :event, :old, :new, :now)",
			{ id, event, old: oldText ?? null, new: newText ?? null, now: Date.now() },
		);
	}

	#bySeq(seq: number): StoredMemory {
		return toMemory(
			this.#database.get<MemoryRow>(`SELECT ${memoryColumns} FROM memories m WHERE m.seq = :seq`, {
				seq,
			}) as MemoryRow,
		);
	}
}
