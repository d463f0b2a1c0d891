import type { Memories } from "../memoryStore.ts";
import type { Entity, Filter, HistoryEntry, Position, StoredMemory } from "../types.ts";
import type { Database, Parameters } from "./database.ts";
import { eraseDeleted } from "./erasure.ts";
import { settleSave } from "./journal.ts";
import { readKeptTexts, replaceKeptTexts } from "./keptTexts.ts";
import { findMemory, removeMemory, replaceText, restoreMemory } from "./memoryTable.ts";
import { selectMemories, withoutNulls } from "./rows.ts";
import { countsByProject } from "./tallies.ts";

/** Bounds of all times, in ms since 1970, and of all `seq`s. */
const earliest = Number.MIN_SAFE_INTEGER;
const latest = Number.MAX_SAFE_INTEGER;

export function sqliteMemories(database: Database): Memories {
	/** Within a write. What a person or agent writes as the memory, or deletes, must not be distilled. */
	const findToChange = (id: string, userId: string) => {
		const memory = findMemory(database, id, userId);
		if (memory?.saveId) settleSave(database, memory.saveId, "cancelled");
		return memory;
	};
	return {
		get: async (id, userId) => findMemory(database, id, userId),

		list: async (filter, limit, after) =>
			database.read(() => {
				const found = placesOf(filter)
					.flatMap((place) => newest(database, place, filter, limit + 1, after))
					.sort((one, other) => other.createdAt - one.createdAt || other.seq - one.seq);
				const memories = found.slice(0, limit);
				const last = found.length > limit ? memories.at(-1) : undefined;
				const next = last ? { next: { createdAt: last.createdAt, seq: last.seq } } : {};
				return { memories, total: count(database, filter), ...next };
			}),

		async counts(userId, project) {
			const rows = countsByProject(database, userId);
			const of = (id: string | null | undefined) => rows.find((row) => row.project === id)?.n ?? 0;
			return { all: rows.reduce((sum, { n }) => sum + n, 0), global: of(null), project: of(project?.id) };
		},

		history: async (id, userId) =>
			database
				.all<object>(
					`SELECT h.event, h.old_text AS oldText, h.new_text AS newText, h.at
					FROM history h JOIN memories m ON m.id = h.memory_id
					WHERE m.id = :id AND m.user_id = :user ORDER BY h.id`,
					{ id, user: userId },
				)
				.map((row) => withoutNulls<HistoryEntry>(row)),

		entities: async ({ seq }) =>
			database.all<Entity>(
				"SELECT e.text, e.type FROM entity_links l JOIN entities e ON e.id = l.entity WHERE l.seq = :seq ORDER BY e.id",
				{ seq },
			),

		update: (id, userId, text, vector) =>
			database.write(() => {
				const old = findToChange(id, userId);
				if (!old) return undefined;
				const updated = replaceText(database, old, text, vector);
				database.run("UPDATE memories SET unlinked = 1 WHERE seq = :seq", { seq: old.seq });
				return updated;
			}),

		delete: (id, userId) =>
			database.write(() => {
				const old = findToChange(id, userId);
				if (old) removeMemory(database, old);
				return old;
			}),

		restore: (id, userId) => database.write(() => restoreMemory(database, id, userId)),

		purgeDeleted: (userId, before) => eraseDeleted(database, userId, before),

		keptTexts: async (userId, limit, after) =>
			database.read(() => readKeptTexts(database, userId, limit, after)),

		replaceKeptTexts: (userId, replacements) => replaceKeptTexts(database, userId, replacements),
	};
}

/** Some of the user's memories, which an index has newest first. */
interface Place {
	/** What follows `FROM`, for `parameters`. */
	readonly from: string;
	readonly parameters: Parameters;
}

/** The places that a filter lets through, but for its bounds in time. */
function placesOf({ userId, global, projects }: Filter): readonly Place[] {
	const alive = "m.user_id = :user AND m.deleted_at IS NULL";
	if (projects === "all") {
		const anyProject = global ? "" : " AND m.project_id IS NOT NULL";
		const from = `memories m INDEXED BY memories_created WHERE ${alive}${anyProject}`;
		return [{ from, parameters: { user: userId } }];
	}
	const from = `memories m INDEXED BY memories_place WHERE ${alive} AND m.project_id IS :project`;
	const ids = [...(global ? [null] : []), ...new Set(projects)];
	return ids.map((project) => ({ from, parameters: { user: userId, project } }));
}

/** The newest memories of a place that come after a position, newest first. Reads no others. */
function newest(
	database: Database,
	{ from, parameters }: Place,
	{ since = earliest, until = latest }: Filter,
	limit: number,
	after: Position | undefined,
): readonly StoredMemory[] {
	const read = (condition: string, more: Parameters) =>
		selectMemories(
			database,
			`FROM ${from} AND ${condition} ORDER BY m.created_at DESC, m.seq DESC LIMIT :limit`,
			{ ...parameters, ...more },
		);
	const isInside = after && after.createdAt >= since && after.createdAt <= until;
	// SQLite finds its place in the index by the time alone, and an import may give very many memories the same time.
	const sameTime = isInside ? read("m.created_at = :createdAt AND m.seq < :seq", { ...after, limit }) : [];
	if (sameTime.length === limit) return sameTime;
	const below = Math.min(until, (after?.createdAt ?? latest) - 1);
	const earlier = read(inTime, { since, until: below, limit: limit - sameTime.length });
	return [...sameTime, ...earlier];
}

const inTime = "m.created_at BETWEEN :since AND :until";

function count(database: Database, filter: Filter): number {
	const { since, until, userId, global, projects } = filter;
	if (since === undefined && until === undefined)
		return countsByProject(database, userId)
			.filter(({ project }) => (project === null ? global : projects === "all" || projects.includes(project)))
			.reduce((sum, { n }) => sum + n, 0);
	return placesOf(filter).reduce((sum, { from, parameters }) => {
		const sql = `SELECT count(*) AS n FROM ${from} AND ${inTime}`;
		return sum + database.number(sql, { ...parameters, since: since ?? earliest, until: until ?? latest });
	}, 0);
}
