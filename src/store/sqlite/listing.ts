import type { ListFilter, ListOptions, ListOrder, Page, Position } from "../lists.ts";
import type { Filter, StoredMemory } from "../types.ts";
import type { Database, Parameters } from "./database.ts";
import {
	type Conditions,
	joinConditions,
	listConditions,
	type NarrowIndex,
	narrowIndexes,
	timeConditions,
} from "./listConditions.ts";
import { type MemoryRow, memoryColumns, toMemory } from "./rows.ts";
import { countTallied } from "./tallies.ts";

/*
 * Lists read an index in the order of the list, up to the end of the page. Where a filter lets few memories through, they
 * read those and sort them.
 */

/** What fewer memories than this have in common is read as a whole and sorted; that takes some milliseconds. */
const fewMemories = 2000;

interface Order {
	/** Whole numbers. */
	readonly key: string;
	readonly direction: "ASC" | "DESC";
	/** Of all memories of a user, and of those of one project. */
	readonly indexes: readonly [all: string, place: string];
}

const created = ["memories_created", "memories_place"] as const;
const orders: Readonly<Record<ListOrder, Order>> = {
	newest: { key: "m.created_at", direction: "DESC", indexes: created },
	oldest: { key: "m.created_at", direction: "ASC", indexes: created },
	mostUsed: { key: "m.uses", direction: "DESC", indexes: ["memories_uses", "memories_uses_place"] },
	unused: {
		key: "coalesce(m.used_at, m.created_at)",
		direction: "ASC",
		indexes: ["memories_unused", "memories_unused_place"],
	},
};

export function listMemories(
	database: Database,
	filter: ListFilter,
	limit: number,
	{ order: name = "newest", after, total }: ListOptions,
): Page {
	const order = orders[name];
	const narrow = narrowest(database, filter);
	const places = [...(narrow ? [] : placesOf(filter, order)), ...sharedPlaces(filter)];
	const found = [
		...(narrow ? readNarrow(database, narrow, filter, order, limit + 1, after) : []),
		...places.flatMap((place) => walk(database, place, filter, order, limit + 1, after)),
	]
		.sort(byKey(order))
		.slice(0, limit + 1);
	const memories = found.slice(0, limit);
	const last = found.length > limit ? memories.at(-1) : undefined;
	return {
		memories: memories.map(({ memory }) => memory),
		total: total === false ? 0 : countMemories(database, filter, narrow),
		...(last ? { next: { key: last.key, seq: last.memory.seq } } : {}),
	};
}

/** A memory, and what the list is ordered by. */
interface Listed {
	readonly memory: StoredMemory;
	readonly key: number;
}

function byKey({ direction }: Order) {
	const sign = direction === "ASC" ? 1 : -1;
	return (one: Listed, other: Listed) => sign * (one.key - other.key || one.memory.seq - other.memory.seq);
}

function select(database: Database, { key }: Order, from: string, parameters: Parameters): readonly Listed[] {
	return database
		.all<MemoryRow & { readonly key: number }>(`SELECT ${memoryColumns}, ${key} AS key ${from}`, parameters)
		.map((row) => ({ memory: toMemory(row), key: row.key }));
}

/** Some of the user's memories, which an index has in the order of the list. */
interface Place extends Conditions {
	readonly index: string;
}

/** The places that a filter lets through, but for its other conditions. */
function placesOf(
	{ userId, author = userId, global, projects }: Filter,
	{ indexes: [all, place] }: Order,
): readonly Place[] {
	if (author !== userId) return [];
	const alive = ["m.user_id = :user", "m.deleted_at IS NULL"];
	if (projects === "all") {
		const conditions = global ? alive : [...alive, "m.project_id IS NOT NULL"];
		return [{ index: all, conditions, parameters: { user: userId } }];
	}
	const ids = [...(global ? [null] : []), ...new Set(projects)];
	return ids.map((project) => ({
		index: place,
		conditions: [...alive, "m.project_id IS :project"],
		parameters: { user: userId, project },
	}));
}

/** What others share with the team, and with each of the projects that the request names. */
function sharedPlaces(filter: Filter): readonly Place[] {
	const { userId, named, author, projects } = filter;
	if (!named || author === userId) return [];
	const whose = author === undefined ? "m.user_id <> :user" : "m.user_id = :user";
	const alive = [whose, "m.deleted_at IS NULL"];
	const user = author ?? userId;
	const within = inPlaces(filter);
	const ids = [...new Set(named)].filter((id) => projects === "all" || projects.includes(id));
	return [
		{
			index: "memories_of_team",
			conditions: [...alive, "m.visibility = 'team'", ...within.conditions],
			parameters: { user, ...within.parameters },
		},
		...ids.map((project) => ({
			index: "memories_of_project",
			conditions: [...alive, "m.visibility = 'project'", "m.project_id = :project"],
			parameters: { user, project },
		})),
	];
}

/** The first memories of a place that come after a position, in the order of the list. Reads no others but filtered ones. */
function walk(
	database: Database,
	place: Place,
	filter: ListFilter,
	order: Order,
	limit: number,
	after: Position | undefined,
): readonly Listed[] {
	const { key, direction } = order;
	const { conditions, parameters } = joinConditions(
		place,
		listConditions(database, filter),
		timeConditions(filter, "+m.created_at"),
	);
	const read = (condition: string, more: Parameters) =>
		select(
			database,
			order,
			`FROM memories m INDEXED BY ${place.index} WHERE ${[...conditions, condition].join(" AND ")}
			ORDER BY ${key} ${direction}, m.seq ${direction} LIMIT :limit`,
			{ ...parameters, ...more },
		);
	const ahead = direction === "ASC" ? ">" : "<";
	// SQLite finds its place in the index by the key alone, and very many memories may have the same.
	const same = after ? read(`${key} = :key AND m.seq ${ahead} :seq`, { ...after, limit }) : [];
	if (same.length === limit) return same;
	const [low, high] = keyBounds(filter, order, after);
	return [...same, ...read(`${key} BETWEEN :low AND :high`, { low, high, limit: limit - same.length })];
}

/** Of the keys that come after a position. */
function keyBounds(
	{ since, until }: Filter,
	{ key, direction }: Order,
	after: Position | undefined,
): [number, number] {
	const isTime = key === "m.created_at";
	const low = (isTime ? since : undefined) ?? Number.MIN_SAFE_INTEGER;
	const high = (isTime ? until : undefined) ?? Number.MAX_SAFE_INTEGER;
	if (!after) return [low, high];
	return direction === "ASC" ? [Math.max(low, after.key + 1), high] : [low, Math.min(high, after.key - 1)];
}

function readNarrow(
	database: Database,
	{ index, ...narrow }: NarrowIndex,
	filter: ListFilter,
	order: Order,
	limit: number,
	after: Position | undefined,
): readonly Listed[] {
	const { key, direction } = order;
	const { conditions, parameters } = joinConditions(
		narrow,
		inPlaces(filter),
		listConditions(database, filter),
		timeConditions(filter, "m.created_at"),
	);
	const ahead = direction === "ASC" ? ">" : "<";
	const beyond = after ? ` AND (${key}, m.seq) ${ahead} (:key, :seq)` : "";
	return select(
		database,
		order,
		`FROM memories m INDEXED BY ${index} WHERE ${conditions.join(" AND ")}${beyond}
		ORDER BY ${key} ${direction}, m.seq ${direction} LIMIT :limit`,
		{ ...parameters, ...after, limit },
	);
}

/** The index of what is narrowest in the filter, if few memories are in it. */
function narrowest(database: Database, filter: ListFilter): NarrowIndex | undefined {
	if (filter.author !== undefined && filter.author !== filter.userId) return undefined;
	return narrowIndexes(database, filter).find(({ index, conditions, parameters }) => {
		const some = `SELECT 1 FROM memories m INDEXED BY ${index} WHERE ${conditions.join(" AND ")} LIMIT :few`;
		return (
			database.number(`SELECT count(*) AS n FROM (${some})`, { ...parameters, few: fewMemories }) <
			fewMemories
		);
	});
}

function inPlaces({ global, projects }: Filter): Conditions {
	if (projects === "all") return { conditions: global ? [] : ["m.project_id IS NOT NULL"], parameters: {} };
	const inProjects = "m.project_id IN (SELECT value FROM json_each(:projects))";
	return {
		conditions: [global ? `(m.project_id IS NULL OR ${inProjects})` : inProjects],
		parameters: { projects: JSON.stringify(projects) },
	};
}

function countMemories(database: Database, filter: ListFilter, narrow: NarrowIndex | undefined): number {
	const places = inPlaces(filter);
	const others = joinConditions(listConditions(database, filter), timeConditions(filter, "m.created_at"));
	const count = (index: string, ...parts: readonly Conditions[]) => {
		const { conditions, parameters } = joinConditions(...parts);
		const sql = `SELECT count(*) AS n FROM memories m INDEXED BY ${index} WHERE ${conditions.join(" AND ")}`;
		return database.number(sql, parameters);
	};
	const counts = (all: readonly Place[]) =>
		all.reduce((sum, place) => sum + count(place.index, place, others), 0);
	if (narrow) return count(narrow.index, narrow, places, others) + counts(sharedPlaces(filter));
	return (
		countTallied(database, filter) ?? counts([...placesOf(filter, orders.newest), ...sharedPlaces(filter)])
	);
}
