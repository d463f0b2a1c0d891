import type { Outbox, WaitingChange } from "../away/outbox.ts";
import type { Destinations, StoredMemory } from "../types.ts";
import { applyChange, deleteMemory } from "./changes.ts";
import type { Database } from "./database.ts";
import { eraseDeleted } from "./erasure.ts";
import { closeSave, journalSave } from "./journal.ts";
import {
	duplicateOf,
	findMemory,
	insertMemory,
	memoryOfSave,
	removeMemory,
	restoreMemory,
} from "./memoryTable.ts";
import { addMemory } from "./saves.ts";
import { putVector } from "./vectors.ts";

/** Of `landed`: older ones are forgotten. */
const mostLanded = 10_000;

interface OutboxRow {
	readonly seq: number;
	readonly memory_id: string;
	readonly user_id: string;
	readonly kept: string;
	readonly base: string | null;
	readonly owner: string;
	readonly destinations: string;
	readonly at: number;
}

export function sqliteOutbox(database: Database): Outbox {
	const has = (id: string) =>
		database.get("SELECT 1 FROM outbox WHERE memory_id = :id", { id }) !== undefined;

	const keep = ({
		memoryId,
		userId,
		kept,
		base,
	}: Pick<WaitingChange, "memoryId" | "userId" | "kept" | "base">) =>
		database.run(
			`INSERT INTO outbox (memory_id, user_id, save_id, kept, base, owner, destinations, at)
			VALUES (:memoryId, :userId, :saveId, :kept, :base, :owner, :destinations, :at)`,
			{
				memoryId,
				userId,
				saveId: kept.kind === "save" ? kept.entry.id : null,
				kept: JSON.stringify(kept),
				base: base ? JSON.stringify(base) : null,
				owner: database.owner,
				destinations: JSON.stringify(database.destinations),
				at: Date.now(),
			},
		);

	/** Does a change here to a memory that waits, or to a copy of a known one, and keeps it. Within a write. */
	const apply = <T>(
		id: string,
		userId: string,
		known: ReadonlyMap<string, StoredMemory>,
		kept: WaitingChange["kept"],
		work: () => T,
		isChange: (result: T) => boolean,
	): T => {
		const base = has(id) ? undefined : known.get(id);
		if (base) copyHere(database, base);
		const result = work();
		if (isChange(result)) keep({ memoryId: id, userId, kept, ...(base ? { base } : {}) });
		else if (base) removeCopy(database, id, userId);
		return result;
	};

	return {
		owner: database.owner,

		save: (entry, memoryId, { distil = false, vector }) =>
			database.write(() => {
				const { id: saveId, ...origin } = entry;
				const { userId } = entry;
				if (database.get("SELECT 1 FROM outbox WHERE save_id = :saveId", { saveId })) {
					const own = memoryOfSave(database, saveId);
					if (own && vector) putVector(database, own, vector);
					const memory = own ?? duplicateOf(database, origin);
					if (memory) return { event: own ? "ADD" : "DUPLICATE", memory };
				} else keep({ memoryId, userId, kept: { kind: "save", entry, distil } });
				journalSave(database, entry, false);
				closeSave(database, saveId, false);
				const memory = { ...origin, saveId, ...(vector ? { vector } : {}) };
				const known = duplicateOf(database, origin);
				if (known) return addMemory(database, memory, known, distil);
				forget(database, memoryId);
				return { event: "ADD", memory: insertMemory(database, memory, memoryId) };
			}),

		change: (userId, changes, known) =>
			database.write(() =>
				changes.map((change) => {
					const { vector: _, expected: __, ...rest } = change;
					return apply(
						change.id,
						userId,
						known,
						{ kind: "change", change: rest },
						() => applyChange(database, userId, change),
						(changed) => changed !== undefined && changed.after.updatedAt !== changed.before.updatedAt,
					);
				}),
			),

		delete: (userId, ids, known) =>
			database.write(() =>
				ids.map((id) =>
					apply(
						id,
						userId,
						known,
						{ kind: "delete" },
						() => deleteMemory(database, id, userId),
						(memory) => memory !== undefined,
					),
				),
			),

		restore: (userId, ids) =>
			database.write(() =>
				ids.map((id) => {
					const memory = has(id) ? restoreMemory(database, id, userId) : undefined;
					if (memory) keep({ memoryId: id, userId, kept: { kind: "restore" } });
					return memory;
				}),
			),

		count: () => database.number("SELECT count(*) AS n FROM outbox"),
		ids: () =>
			new Set(
				database.all<{ id: string }>("SELECT DISTINCT memory_id AS id FROM outbox").map(({ id }) => id),
			),
		has,
		isNew: (id) =>
			database.get("SELECT 1 FROM outbox WHERE memory_id = :id AND save_id IS NOT NULL", { id }) !==
			undefined,
		added(userId, projectId) {
			const rows = database.all<{ project: string | null; n: number }>(
				`SELECT m.project_id AS project, count(*) AS n FROM memories m WHERE m.user_id = :userId AND m.deleted_at IS NULL
				AND EXISTS (SELECT 1 FROM outbox o WHERE o.memory_id = m.id AND o.save_id IS NOT NULL) GROUP BY 1`,
				{ userId },
			);
			const of = (id: string | null | undefined) => rows.find(({ project }) => project === id)?.n ?? 0;
			return { all: rows.reduce((sum, { n }) => sum + n, 0), global: of(null), project: of(projectId) };
		},
		copies: (userId) =>
			database.number(
				`SELECT count(*) AS n FROM memories m WHERE m.user_id = :userId AND m.deleted_at IS NULL
				AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.memory_id = m.id AND o.save_id IS NOT NULL)`,
				{ userId },
			),
		isToDistil: (saveId) =>
			database.number("SELECT kept ->> '$.distil' AS n FROM outbox WHERE save_id = :saveId", { saveId }) > 0,

		next(after) {
			const sql = "SELECT * FROM outbox WHERE seq > :after ORDER BY seq LIMIT 1";
			const row = database.get<OutboxRow>(sql, { after });
			return row && toChange(row);
		},

		delivered: ({ seq, memoryId, userId }, landed) =>
			database.write(() => {
				database.run("DELETE FROM outbox WHERE seq = :seq", { seq });
				const base = landed ? JSON.stringify(landed) : null;
				const { changes } = database.run(
					"UPDATE outbox SET base = :base WHERE seq = (SELECT min(seq) FROM outbox WHERE memory_id = :memoryId)",
					{ base, memoryId },
				);
				const here = findMemory(database, memoryId, userId);
				if (landed) noteLanded(database, memoryId, landed, here);
				if (Number(changes) === 0) removeCopy(database, memoryId, userId);
			}),

		dropAll: (memoryId) =>
			database.write(() => {
				const sql = "DELETE FROM outbox WHERE memory_id = :memoryId RETURNING user_id AS userId";
				const [first] = database.all<{ userId: string }>(sql, { memoryId });
				if (first) removeCopy(database, memoryId, first.userId);
			}),

		landedAs: (id) =>
			database.get<{ landed: string }>("SELECT landed_id AS landed FROM landed WHERE id = :id", { id })
				?.landed ?? id,

		asLanded(change) {
			const { id, expected } = change;
			if (!expected) return change;
			const there = database.get<{ at: number }>(
				"SELECT there_at AS at FROM landed WHERE (id = :id OR landed_id = :id) AND here_at = :updatedAt",
				{ id, updatedAt: expected.updatedAt },
			);
			return there ? { ...change, expected: { text: expected.text, updatedAt: there.at } } : change;
		},

		async erase() {
			if (database.number("SELECT count(*) AS n FROM outbox") > 0) return;
			const users = database.all<{ user: string }>(
				"SELECT DISTINCT user_id AS user FROM memories WHERE deleted_at IS NOT NULL",
			);
			for (const { user } of users) await eraseDeleted(database, user, Date.now() + 1);
		},
	};
}

function toChange({ memory_id, user_id, kept, base, destinations, ...row }: OutboxRow): WaitingChange {
	const { chat, embedding } = JSON.parse(destinations) as Partial<Destinations>;
	return {
		...row,
		memoryId: memory_id,
		userId: user_id,
		kept: JSON.parse(kept) as WaitingChange["kept"],
		...(base === null ? {} : { base: JSON.parse(base) as StoredMemory }),
		destinations: { chat, embedding },
	};
}

/** Within a write: the memory as the database has it. */
function copyHere(database: Database, memory: StoredMemory): void {
	forget(database, memory.id);
	const { seq } = insertMemory(database, memory, memory.id);
	const { updatedAt, supersededBy = null } = memory;
	database.run(
		"UPDATE memories SET updated_at = :updatedAt, superseded_by = :supersededBy WHERE seq = :seq",
		{
			updatedAt,
			supersededBy,
			seq,
		},
	);
}

/** Within a write: of what was delivered nothing is to be found here. `erase` removes what is left. */
function removeCopy(database: Database, id: string, userId: string): void {
	const memory = findMemory(database, id, userId);
	if (memory) removeMemory(database, memory, id);
	database.run("DELETE FROM history WHERE memory_id = :id", { id });
}

/** Within a write: what is left of an earlier copy. */
function forget(database: Database, id: string): void {
	database.run("DELETE FROM history WHERE memory_id = :id", { id });
	database.run("DELETE FROM memories WHERE id = :id AND deleted_at IS NOT NULL", { id });
}

/** Within a write. */
function noteLanded(
	database: Database,
	id: string,
	landed: StoredMemory,
	here: StoredMemory | undefined,
): void {
	database.run("INSERT OR REPLACE INTO landed VALUES (:id, :landedId, :hereAt, :thereAt)", {
		id,
		landedId: landed.id,
		hereAt: here?.updatedAt ?? null,
		thereAt: landed.updatedAt,
	});
	database.run(
		"DELETE FROM landed WHERE rowid <= (SELECT rowid FROM landed ORDER BY rowid DESC LIMIT 1 OFFSET :most)",
		{ most: mostLanded },
	);
}
