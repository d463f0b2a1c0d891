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

/** All conditions of a filter but those on user and place. */
export function listConditions(database: Database, filter: ListFilter): Conditions {
	const { since, until, expired, superseded } = filter;
	const all: readonly (Conditions | undefined)[] = [
		// The + keeps SQLite from seeking by the time instead of by the position in the list.
		since === undefined ? undefined : { conditions: ["+m.created_at >= :since"], parameters: { since } },
		until === undefined ? undefined : { conditions: ["+m.created_at <= :until"], parameters: { until } },
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
	const { conversationId, pinned, client, how, hasHistory, notEmbeddedIn, userId } = filter;
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
				: part("m.conversation_id = :conversation", { conversation: conversationId }),
		pinned: pinned && part("m.pinned = 1"),
		client: client === undefined ? undefined : part("m.client = :client", { client }),
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
	const { conversation, pinned, client, how, hasHistory, outside } = partsOf(database, filter);
	const alive = {
		conditions: ["m.user_id = :user", "m.deleted_at IS NULL"],
		parameters: { user: filter.userId },
	};
	const hidden = filter.expired === "only" || filter.superseded === "only";
	const indexed = (index: string, part: Conditions | undefined) =>
		part ? [{ index, ...joinConditions(alive, part) }] : [];
	return [
		...indexed("memories_conversation", conversation),
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
