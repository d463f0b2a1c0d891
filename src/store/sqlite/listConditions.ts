import type { ListFilter } from "../lists.ts";
import type { Database, Parameters } from "./database.ts";
import { groupsOutside } from "./tallies.ts";
import { spaceId } from "./vectors.ts";

/** SQL conditions on `memories m`, all of which must hold, and their parameters. */
export interface Conditions {
	readonly conditions: readonly string[];
	readonly parameters: Parameters;
}

/** An index of memories that a filter lets through, and others. */
export interface NarrowIndex extends Conditions {
	readonly index: string;
}

export function joinConditions(...parts: readonly Conditions[]): Conditions {
	return {
		conditions: parts.flatMap(({ conditions }) => conditions),
		parameters: Object.assign({}, ...parts.map(({ parameters }) => parameters)) as Parameters,
	};
}

/** The bounds in time. @param column with a `+`, SQLite does not seek by it, but by the position in the list. */
export function timeConditions(
	{ since, until }: ListFilter,
	column: "m.created_at" | "+m.created_at",
): Conditions {
	return {
		conditions: [
			...(since === undefined ? [] : [`${column} >= :since`]),
			...(until === undefined ? [] : [`${column} <= :until`]),
		],
		parameters: { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) },
	};
}

/** All conditions of a filter but those on user, place and time. */
export function listConditions(database: Database, filter: ListFilter): Conditions {
	const { expired, superseded } = filter;
	const all: readonly (Conditions | undefined)[] = [
		...Object.values(partsOf(database, filter)),
		expired === "include"
			? undefined
			: {
					conditions: [
						expired === "only" ? "m.expires_at <= :now" : "(m.expires_at IS NULL OR m.expires_at > :now)",
					],
					parameters: { now: Date.now() },
				},
		superseded === "include"
			? undefined
			: { conditions: [`m.superseded_by IS ${superseded === "only" ? "NOT NULL" : "NULL"}`], parameters: {} },
	];
	return joinConditions(...all.filter((part) => part !== undefined));
}

/** What has an index of its own. */
function partsOf(database: Database, filter: ListFilter) {
	const { conversationId, saveId, pinned, client, how, hasHistory, notEmbeddedIn, userId } = filter;
	const part = (condition: string, parameters: Parameters = {}) => ({ conditions: [condition], parameters });
	const outside =
		notEmbeddedIn === null
			? [""]
			: notEmbeddedIn &&
				groupsOutside(database, userId, spaceId(database, notEmbeddedIn) ?? 0).map(({ spaces }) => spaces);
	return {
		conversation:
			conversationId === undefined
				? undefined
				: conversationId === null
					? part("m.conversation_id IS NULL")
					: part("m.conversation_id = :conversation", { conversation: conversationId }),
		save: saveId === undefined ? undefined : part("m.save_id = :saveId", { saveId }),
		pinned: pinned && part("m.pinned = 1"),
		client: client === undefined ? undefined : part("m.client IS :client", { client }),
		how: how && part("m.how = :how", { how }),
		hasHistory: hasHistory && part("m.has_history = 1"),
		outside:
			outside &&
			part("m.spaces IN (SELECT value FROM json_each(:outside))", {
				outside: JSON.stringify([...new Set(outside)]),
			}),
	};
}

/** Those whose memories may be few, the likely narrowest first. */
export function narrowIndexes(database: Database, filter: ListFilter): readonly NarrowIndex[] {
	const { conversation, save, pinned, client, how, hasHistory, outside } = partsOf(database, filter);
	const alive = {
		conditions: ["m.user_id = :user", "m.deleted_at IS NULL"],
		parameters: { user: filter.userId },
	};
	const hidden = filter.expired === "only" || filter.superseded === "only";
	const indexed = (index: string, part: Conditions | undefined) =>
		part ? [{ index, ...joinConditions(alive, part) }] : [];
	return [
		...indexed("memories_save", save),
		// Most memories may be of no conversation.
		...indexed("memories_conversation", filter.conversationId === null ? undefined : conversation),
		...indexed("memories_pinned", pinned),
		...indexed("memories_hidden", hidden ? { conditions: [isMarked], parameters: {} } : undefined),
		...indexed("memories_with_history", hasHistory),
		...indexed("memories_how", how),
		...indexed("memories_client", client),
		...indexed("memories_spaces", outside),
	];
}

/** The condition of the index `memories_hidden`. */
export const isMarked = "(m.expires_at IS NOT NULL OR m.superseded_by IS NOT NULL)";
