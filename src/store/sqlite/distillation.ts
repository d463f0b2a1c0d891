import { fingerprint } from "../../text/fingerprint.ts";
import type { Distillation } from "../memoryStore.ts";
import type {
	AddResult,
	DistillationState,
	Entity,
	Fact,
	JournalEntry,
	NewMemory,
	PendingSave,
	Setback,
	StoredMemory,
	Vector,
} from "../types.ts";
import type { Database } from "./database.ts";
import type { SqliteJournal } from "./journal.ts";
import type { SqliteMemories } from "./memories.ts";
import { isRunning, type ProcessOwner } from "./processOwner.ts";
import { type MemoryRow, memoryColumns, type OriginRow, toJournalEntry, toMemory } from "./rows.ts";
import type { SqliteSpaces } from "./spaces.ts";

/** A save counts as abandoned when its process is gone or, if that is unknown, after this long, in ms. */
const abandonedAfter = 120_000;

interface PendingRow extends OriginRow {
	readonly attempts: number;
	readonly claimed_by: string | null;
	readonly claimed_until: number | null;
}

export class SqliteDistillation implements Distillation {
	readonly #database: Database;
	readonly #journal: SqliteJournal;
	readonly #memories: SqliteMemories;
	readonly #spaces: SqliteSpaces;
	readonly #owner: ProcessOwner;

	constructor(
		database: Database,
		journal: SqliteJournal,
		memories: SqliteMemories,
		spaces: SqliteSpaces,
		owner: ProcessOwner,
	) {
		this.#database = database;
		this.#journal = journal;
		this.#memories = memories;
		this.#spaces = spaces;
		this.#owner = owner;
	}

	claim(limit: number): Promise<readonly PendingSave[]> {
		return this.#database.write(() => {
			const now = Date.now();
			const due = this.#database
				.all<PendingRow>(
					`SELECT id, text, user_id, scope, project_id, project_name, conversation_id, metadata, created_at, attempts, claimed_by, claimed_until
					FROM journal WHERE distil = 'pending' AND done_at IS NOT NULL AND next_at <= :now ORDER BY next_at, received_at`,
					{ now },
				)
				.filter(
					({ claimed_by, claimed_until }) =>
						claimed_by === null || !isRunning(claimed_by) || (claimed_until ?? 0) < now,
				)
				.slice(0, limit);
			for (const { id } of due)
				this.#database.run("UPDATE journal SET claimed_by = :owner, claimed_until = :until WHERE id = :id", {
					owner: this.#owner.id,
					until: now + this.#owner.claimTime,
					id,
				});
			return due.map((row) => ({ ...toJournalEntry(row), attempts: row.attempts }));
		});
	}

	commit(
		saveId: string,
		facts: readonly Fact[],
		keepText?: { readonly vector?: Vector | undefined },
	): Promise<readonly AddResult[] | undefined> {
		return this.#database.write(() => {
			const save = this.#claimed(saveId);
			if (!save) return undefined;
			const memory = this.#textOf(saveId);
			if (!memory) {
				this.#journal.settle(saveId, "cancelled");
				return undefined;
			}
			const { id: _, ...origin } = save;
			let replaceable: StoredMemory | undefined = keepText ? undefined : memory;
			const results = facts.map(({ entities, ...fact }) => {
				const added: NewMemory = { ...origin, ...fact, saveId };
				const duplicate = this.#memories.duplicateOf(added, replaceable);
				if (duplicate) return { event: "DUPLICATE" as const, memory: duplicate };
				const stored = replaceable
					? this.#memories.replace(replaceable, fact.text, fact.vector, save.createdAt)
					: this.#memories.insert(added);
				replaceable = undefined;
				this.#link(stored, entities);
				return { event: "ADD" as const, memory: stored };
			});
			// All facts were duplicates: the text adds nothing to them.
			if (replaceable && results.length > 0) this.#memories.remove(replaceable);
			this.#addVectorToText(saveId, keepText?.vector);
			this.#journal.settle(saveId, "done");
			this.#database.run("UPDATE journal SET outcome = :outcome WHERE id = :id", {
				id: saveId,
				outcome: JSON.stringify(results.map(({ memory: { seq, text } }) => [seq, fingerprint(text)])),
			});
			return results;
		});
	}

	async keepText(saveId: string, vector?: Vector): Promise<void> {
		await this.#database.write(() => {
			if (this.#claimed(saveId)) this.#journal.settle(saveId, "done");
			this.#addVectorToText(saveId, vector);
		});
	}

	async postpone(
		saveId: string,
		{ giveUp, problem, model, counts, delay }: Setback,
		vector?: Vector,
	): Promise<void> {
		await this.#database.write(() => {
			this.#database.run(
				`UPDATE journal SET distil = :distil, problem = :problem,
				tried_with = CASE WHEN EXISTS (SELECT 1 FROM json_each(tried_with) WHERE value = :model) THEN tried_with
					ELSE json_insert(coalesce(tried_with, '[]'), '$[#]', :model) END, attempts = attempts + :counts,
				next_at = :next, claimed_by = NULL WHERE id = :id AND distil = 'pending' AND claimed_by = :owner`,
				{
					id: saveId,
					owner: this.#owner.id,
					distil: giveUp ? "given-up" : "pending",
					problem,
					model,
					counts: counts ? 1 : 0,
					next: Date.now() + delay,
				},
			);
			this.#addVectorToText(saveId, vector);
		});
	}

	async release(saveIds: readonly string[]): Promise<void> {
		if (saveIds.length === 0) return;
		await this.#database.write(() =>
			this.#database.run(
				`UPDATE journal SET claimed_by = NULL WHERE id IN (SELECT value FROM json_each(:ids)) AND claimed_by = :owner`,
				{ ids: JSON.stringify(saveIds), owner: this.#owner.id },
			),
		);
	}

	async wake(model: string): Promise<void> {
		const untried = `distil IN ('pending', 'given-up') AND tried_with IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM json_each(tried_with) WHERE value = :model)`;
		if (this.#database.number(`SELECT count(*) AS n FROM journal WHERE ${untried}`, { model }) === 0) return;
		await this.#database.write(() =>
			this.#database.run(
				// From now on the model counts as tried, or two processes with different models would wake a save in turn.
				`UPDATE journal SET distil = 'pending', attempts = 0, next_at = 0, problem = NULL,
				tried_with = json_insert(tried_with, '$[#]', :model) WHERE ${untried}`,
				{ model },
			),
		);
	}

	async releaseDead(): Promise<void> {
		const orphaned = () =>
			this.#database
				.all<{ id: string; claimed_by: string; claimed_until: number | null }>(
					"SELECT id, claimed_by, claimed_until FROM journal WHERE distil = 'pending' AND claimed_by IS NOT NULL",
				)
				.filter((row) => !isRunning(row.claimed_by) || (row.claimed_until ?? 0) < Date.now());
		if (orphaned().length === 0) return;
		await this.#database.write(() => {
			for (const { id } of orphaned())
				this.#database.run("UPDATE journal SET claimed_by = NULL WHERE id = :id", { id });
		});
	}

	async state(): Promise<DistillationState> {
		return this.#database.read(() => {
			const rows = this.#database.all<{
				distil: string;
				n: number;
				problem: string | null;
				due: number | null;
			}>(
				`SELECT distil, count(*) AS n, max(problem) AS problem,
				min(next_at) FILTER (WHERE claimed_by IS NULL AND done_at IS NOT NULL) AS due
				FROM journal WHERE distil IN ('pending', 'given-up') GROUP BY distil`,
			);
			const [pending, givenUp] = ["pending", "given-up"].map((state) =>
				rows.find(({ distil }) => distil === state),
			);
			const problem = pending?.problem ?? givenUp?.problem;
			const nextDue = pending?.due;
			return {
				pending: pending?.n ?? 0,
				givenUp: givenUp?.n ?? 0,
				...(problem ? { problem } : {}),
				...(nextDue == null ? {} : { nextDue }),
			};
		});
	}

	async abandoned(): Promise<readonly JournalEntry[]> {
		return this.#database
			.all<OriginRow & { owner: string; received_at: number }>(
				"SELECT * FROM journal WHERE done_at IS NULL ORDER BY received_at",
			)
			.filter((row) => !isRunning(row.owner) || row.received_at < Date.now() - abandonedAfter)
			.map(toJournalEntry);
	}

	async before(
		{ id, userId, conversationId, createdAt }: JournalEntry,
		limit: number,
	): Promise<readonly string[]> {
		if (conversationId === undefined) return [];
		return this.#database
			.all<{ text: string }>(
				`SELECT text FROM journal WHERE conversation_id = :conversation AND user_id = :user AND created_at <= :createdAt AND id <> :id
				AND distil IS NOT NULL AND EXISTS (SELECT 1 FROM memories m WHERE m.save_id = journal.id AND m.deleted_at IS NULL)
				ORDER BY created_at DESC LIMIT :limit`,
				{ conversation: conversationId, user: userId, createdAt, id, limit },
			)
			.map(({ text }) => text)
			.reverse();
	}

	async unlinked(limit: number): Promise<readonly StoredMemory[]> {
		return this.#database
			.all<MemoryRow>(
				`SELECT ${memoryColumns} FROM memories m WHERE m.unlinked = 1 AND m.deleted_at IS NULL LIMIT :limit`,
				{ limit },
			)
			.map(toMemory);
	}

	async link(memory: StoredMemory, entities: readonly Entity[]): Promise<void> {
		await this.#database.write(() => {
			const { changes } = this.#database.run(
				"UPDATE memories SET unlinked = 0 WHERE seq = :seq AND text = :text AND deleted_at IS NULL",
				{ seq: memory.seq, text: memory.text },
			);
			if (Number(changes) === 1) this.#link(memory, entities);
		});
	}

	#link({ seq, userId }: StoredMemory, entities: readonly Entity[]): void {
		for (const { text, type } of entities) {
			const name = text.trim().toLowerCase().replace(/\s+/g, " ");
			if (name === "") continue;
			this.#database.run(
				"INSERT INTO entities (user_id, name, text, type) VALUES (:user, :name, :text, :type) ON CONFLICT DO NOTHING",
				{ user: userId, name, text: text.trim(), type },
			);
			this.#database.run(
				"INSERT OR IGNORE INTO entity_links (entity, seq) SELECT id, :seq FROM entities WHERE user_id = :user AND name = :name",
				{ seq, user: userId, name },
			);
		}
	}

	#claimed(saveId: string): JournalEntry | undefined {
		const row = this.#database.get<OriginRow>(
			"SELECT * FROM journal WHERE id = :id AND distil = 'pending' AND claimed_by = :owner",
			{ id: saveId, owner: this.#owner.id },
		);
		return row && toJournalEntry(row);
	}

	/** The memory with the text of a save, unless somebody has changed or deleted it. */
	#textOf(saveId: string): StoredMemory | undefined {
		const row = this.#database.get<MemoryRow>(
			`SELECT ${memoryColumns} FROM journal j JOIN memories m ON m.save_id = j.id AND m.text = j.text
			WHERE j.id = :saveId AND m.deleted_at IS NULL`,
			{ saveId },
		);
		return row && toMemory(row);
	}

	/** Stores the vector of the text itself. */
	#addVectorToText(saveId: string, vector: Vector | undefined): void {
		const memory = vector && this.#textOf(saveId);
		if (memory) this.#spaces.addVector(memory, vector);
	}
}
