import * as l10n from "@vscode/l10n";
import type { ListOrder, Position } from "../store/lists.ts";
import type { Filter, How, Origin, Project, Scope } from "../store/types.ts";
import { oneLine } from "../text/inert.ts";
import { InputError, InvalidValueError } from "./errors.ts";

/** The longest text of a memory or a query, in UTF-16 units (JavaScript's `length`). */
export const maxTextLength = 32_000;
/** The longest metadata, in characters of JSON. */
const maxMetadataLength = 16_000;
/** Levels of objects and lists in metadata. */
const maxMetadataDepth = 20;
export const maxSearchLimit = 50;
export const maxListLimit = 200;

/** Scopes for a search or list. Unset: global and the current project. */
type ScopeFilter = Scope | "all";
export const scopes: readonly Scope[] = ["global", "project"];
export const scopeFilters: readonly ScopeFilter[] = ["global", "project", "all"];

/**
 * The text of a memory, trimmed.
 * @throws InputError for a text that is empty, too long, or cannot be stored unchanged.
 */
export function checkedText(text: unknown): string {
	if (typeof text !== "string")
		throw new InputError("text", "The text is missing. Give the fact to remember as a string.");
	const trimmed = text.trim();
	const problem = problemOf(trimmed);
	if (problem) throw new InputError("text", problem);
	return trimmed;
}

function problemOf(text: string): string | undefined {
	if (text === "") return l10n.t("The text is empty. Give the fact to remember, in a sentence or two.");
	if (text.length > maxTextLength)
		return l10n.t`The text has ${text.length} characters; the maximum is ${maxTextLength}. Split it into several facts. Nothing was saved.`;
	const nul = text.indexOf("\0");
	if (nul >= 0)
		return l10n.t`The text contains a NUL character at position ${nul}. Remove it and save again. Nothing was saved.`;
	if (!text.isWellFormed())
		return l10n.t`The text contains half of a surrogate pair at position ${loneSurrogate(text)}: a character was cut in two. Send the whole character and save again. Nothing was saved.`;
	return undefined;
}

/** A query is never stored, so characters that cannot be stored are replaced instead of refused. */
export function checkedQuery(query: unknown): string {
	if (typeof query !== "string")
		throw new InputError("query", "The query is missing. Give a question or some words as a string.");
	const plain = query.replaceAll("\0", " ").toWellFormed().trim();
	if (plain === "")
		throw new InputError("query", "The query is empty. Give a question or some words to search for.");
	const tooLong = `The query has ${plain.length} characters; the maximum is ${maxTextLength}. Use fewer words.`;
	if (plain.length > maxTextLength) throw new InputError("query", tooLong);
	return plain;
}

export function checkedLimit(limit: unknown, maximum: number): number {
	if (typeof limit === "number" && Number.isInteger(limit) && limit >= 1 && limit <= maximum) return limit;
	throw invalid("limit", limit, `a whole number from 1 to ${maximum}`);
}

/** The scope of a save: `global` by default, so that no fact is accidentally invisible. */
export function checkedScope(scope: unknown = "global", project?: Project): Scope {
	if (!scopes.includes(scope as Scope)) throw invalid("scope", scope, `one of ${scopes.join(", ")}`);
	const noProject =
		'No project is open, so scope "project" is not available. Use scope "global". Nothing was saved.';
	if (scope === "project" && !project) throw new InputError("scope", noProject);
	return scope as Scope;
}

export interface FilterRequest {
	/** In a team: only what this user has written. */
	readonly author?: unknown;
	readonly scope?: unknown;
	readonly since?: unknown;
	readonly until?: unknown;
	/** The project the caller is in. */
	readonly project?: Project | undefined;
	/** The name of the program that saved it. */
	readonly client?: unknown;
	readonly how?: How | undefined;
	readonly pinned?: true | undefined;
	/** Absent: expired and superseded memories are left out. */
	readonly expired?: "include" | "only" | undefined;
	readonly superseded?: "include" | "only" | undefined;
}

/** @param team whether others share memories with the user. */
export function checkedFilter(userId: string, request: FilterRequest, team = false): Filter {
	const { author, scope, since, until, project, client, how, pinned, expired, superseded } = request;
	if (scope !== undefined && !scopeFilters.includes(scope as ScopeFilter))
		throw invalid("scope", scope, `one of ${scopeFilters.join(", ")}`);
	if (scope === "project" && !project) {
		throw new InputError("scope", 'No project is open. Use scope "global", or "all" for every project.');
	}
	const from = checkedTime("since", since, false);
	const to = checkedTime("until", until, true);
	if (from !== undefined && to !== undefined && from > to) {
		throw new InputError("since", "since is later than until, so no memory can match. Swap the two.");
	}
	return {
		userId,
		global: scope !== "project",
		projects: scope === "all" ? "all" : scope === "global" || !project ? [] : [project.id],
		...(from === undefined ? {} : { since: from }),
		...(to === undefined ? {} : { until: to }),
		...(client === undefined ? {} : { client: checkedClient(client) }),
		...(how ? { how } : {}),
		...(pinned ? { pinned } : {}),
		...(expired ? { expired } : {}),
		...(superseded ? { superseded } : {}),
		...(team ? { named: project ? [project.id] : [] } : {}),
		...(author === undefined ? {} : { author: checkedAuthor(author) }),
	};
}

/** No name has a NUL or half a character in it, which databases refuse to look for. */
function toLookFor(name: string): string {
	return name.replaceAll("\0", "\ufffd").toWellFormed().trim();
}

function checkedAuthor(author: unknown): string {
	if (typeof author === "string" && author.trim() !== "") return toLookFor(author);
	throw invalid("author", author, "the name of a user");
}

function checkedClient(client: unknown): string | null {
	if (client === null) return null;
	if (typeof client === "string" && client.trim() !== "") return toLookFor(client);
	throw invalid("client", client, "the name of a program that has saved memories, such as claude-code");
}

/** Longest names, in characters. */
const longestOf = { client: 100, clientVersion: 50, folder: 200, file: 1000 } as const;

/** Where a memory comes from, as programs say it: what they call themselves may be anything. */
export function checkedOrigin({ how, lines, ...names }: Origin): Origin {
	const entries = (Object.keys(longestOf) as (keyof typeof longestOf)[]).flatMap((key) => {
		const name = cleanName(names[key], longestOf[key]);
		return name ? [[key, name] as const] : [];
	});
	return { how, ...Object.fromEntries(entries), ...(lines ? { lines } : {}) };
}

/** One line without control characters; empty for what is no name. */
export function cleanName(name: unknown, longest: number = longestOf.client): string {
	if (typeof name !== "string") return "";
	return oneLine(name, longest);
}

/** Whether and from when on a memory is hidden; `null`: never. */
export function checkedExpiry(expiresAt: unknown): number | null | undefined {
	return expiresAt === null ? null : checkedTime("expiresAt", expiresAt, true);
}

const dayInMs = 86_400_000;

/**
 * An ISO 8601 date or time, or ms since 1970. A day or month without a time means its first ms (UTC), or its last with
 * `endOfDay`.
 */
export function checkedTime(field: string, value: unknown, endOfDay: boolean): number | undefined {
	if (value === undefined || value === null) return undefined;
	if (typeof value === "number" && Number.isSafeInteger(value) && Math.abs(value) <= 8.64e15) return value;
	if (typeof value === "string" && /^[+-]?\d{4,6}-\d{2}(-\d{2})?/.test(value.trim())) {
		const time = Date.parse(value.trim());
		if (!Number.isNaN(time) && isOnCalendar(value.trim())) return endOfDay ? endOf(value.trim(), time) : time;
	}
	throw invalid(field, value, "an ISO 8601 date or time, such as 2026-05-31 or 2026-05-31T18:00:00Z");
}

/** The last ms of a day or month without a time. */
function endOf(text: string, time: number): number {
	if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return time + dayInMs - 1;
	if (/^\d{4}-\d{2}$/.test(text)) return new Date(time).setUTCMonth(new Date(time).getUTCMonth() + 1) - 1;
	return time;
}

/** `Date` reads the 30th of February as the 2nd of March. */
function isOnCalendar(text: string): boolean {
	const day = /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0];
	return day === undefined || new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

export function checkedMetadata(metadata: unknown): Readonly<Record<string, unknown>> | undefined {
	if (metadata === undefined || metadata === null) return undefined;
	if (typeof metadata !== "object" || Array.isArray(metadata))
		throw invalid("metadata", metadata, "a JSON object");
	checkSize(metadata);
	const json = JSON.stringify(metadata);
	const tooLong = `The metadata has ${json.length} characters of JSON; the maximum is ${maxMetadataLength}. Nothing was saved.`;
	if (json.length > maxMetadataLength) throw new InputError("metadata", tooLong);
	return Object.keys(metadata).length === 0 ? undefined : (JSON.parse(json) as Record<string, unknown>);
}

/**
 * Looks at no more than what may be stored, level by level: whatever recurses through deep metadata, as `JSON.stringify`
 * does, would fail with a RangeError.
 * @throws InputError
 */
function checkSize(metadata: object): void {
	let level = [metadata];
	let length = 0;
	for (let depth = 1; level.length > 0; depth += 1) {
		if (depth > maxMetadataDepth) {
			const tooDeep = `The metadata has more than ${maxMetadataDepth} levels. Make it flatter. Nothing was saved.`;
			throw new InputError("metadata", tooDeep);
		}
		const inner: object[] = [];
		for (const [name, value] of level.flatMap((each) => Object.entries(each) as [string, unknown][])) {
			length += name.length + (typeof value === "string" ? value.length : 1);
			// JSON would make null of it.
			if (typeof value === "number" && !Number.isFinite(value)) throw tooLarge(name);
			if (typeof value === "object" && value !== null) inner.push(value);
		}
		// Four times as much as there may be. What is less is counted exactly, and named.
		if (length > 4 * maxMetadataLength) {
			const tooLong = `The metadata has far more than ${maxMetadataLength} characters of JSON, the maximum. Nothing was saved.`;
			throw new InputError("metadata", tooLong);
		}
		level = inner;
	}
}

function tooLarge(name: string): InputError {
	const which = JSON.stringify(name.slice(0, 100));
	return new InputError(
		"metadata",
		`The metadata has a number in ${which} that is too large to keep. Give it as a string. Nothing was saved.`,
	);
}

/** @param order other than the newest first: a cursor is good for the order it was made in. */
export function encodeCursor({ key, seq }: Position, order: ListOrder = "newest"): string {
	return Buffer.from(`${order === "newest" ? "" : `${order}:`}${key}:${seq}`).toString("base64url");
}

export function decodeCursor(cursor: unknown, order: ListOrder = "newest"): Position | undefined {
	if (cursor === undefined) return undefined;
	const parts =
		typeof cursor === "string"
			? /^(?:([a-zA-Z]+):)?(-?\d{1,16}):(-?\d{1,16})$/.exec(Buffer.from(cursor, "base64url").toString())
			: null;
	if (!parts || (parts[1] ?? "newest") !== order)
		throw new InputError(
			"cursor",
			"The cursor is not valid. Use nextCursor of the previous page, or leave it out for the first page.",
		);
	return { key: Number(parts[2]), seq: Number(parts[3]) };
}

function loneSurrogate(text: string): number {
	return text.search(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/);
}

function invalid(field: string, value: unknown, accepted: string): InputError {
	return new InvalidValueError(field, shown(value), accepted);
}

/** Objects and lists may be of any size and depth. */
function shown(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
	if (typeof value !== "object" || value === null) return String(value);
	const content = Object.keys(value).length > 0 ? "…" : "";
	return Array.isArray(value) ? `[${content}]` : `{${content}}`;
}

export const listOrders: readonly ListOrder[] = ["newest", "oldest", "mostUsed", "unused"];

export function checkedOrder(order: unknown = "newest"): ListOrder {
	if (listOrders.includes(order as ListOrder)) return order as ListOrder;
	throw invalid("order", order, `one of ${listOrders.join(", ")}`);
}

export function checkedPin(pinned: unknown): boolean | undefined {
	if (pinned === undefined || typeof pinned === "boolean") return pinned;
	throw invalid("pinned", pinned, "true or false");
}

export function checkedId(id: unknown): string {
	const known = typeof id === "string" ? toLookFor(id) : "";
	if (known !== "") return known;
	throw new InputError("id", "The id is missing. Searches and lists give the ids that there are.");
}
