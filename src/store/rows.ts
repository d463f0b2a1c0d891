import { memoize } from "../text/memoize.ts";
import type { Candidate, NewCandidate } from "./candidates.ts";
import type { How, JournalEntry, Origin, Visibility } from "./types.ts";

/*
 * Rows of memories, saves and candidates, which both databases keep alike.
 */

/** What stands in a column each, wherever it is kept. */
export interface PlainRow {
	readonly id: string;
	readonly text: string;
	readonly user_id: string;
	readonly scope: "global" | "project";
	readonly project_id: string | null;
	readonly project_name: string | null;
	readonly conversation_id: string | null;
	readonly metadata: string | null;
	readonly created_at: number;
}

/** A row of the journal, or of candidates. */
export interface OriginRow extends PlainRow {
	readonly client: string | null;
	readonly how: How | null;
	readonly origin: string | null;
	readonly pinned: number;
	readonly expires_at: number | null;
	readonly visibility: Visibility;
}

export interface CandidateRow extends OriginRow {
	readonly seq: number;
	readonly kind: NewCandidate["kind"];
	readonly key: string;
	readonly excerpt: string | null;
	readonly why: string | null;
	readonly action: string | null;
	readonly concerns: string | null;
}

/** A row as an object that lacks the columns that are NULL. */
export function withoutNulls<T>(row: object): T {
	return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T;
}

export function toJournalEntry(row: OriginRow): JournalEntry {
	return { ...toPlain(row), ...toMarks(row) };
}

export function toPlain(row: PlainRow): JournalEntry {
	return {
		id: row.id,
		text: row.text,
		userId: row.user_id,
		scope: row.scope,
		...(row.project_id === null
			? {}
			: { project: { id: row.project_id, name: row.project_name ?? row.project_id } }),
		...(row.conversation_id === null ? {} : { conversationId: row.conversation_id }),
		...(row.metadata === null ? {} : { metadata: JSON.parse(row.metadata) as Record<string, unknown> }),
		createdAt: row.created_at,
	};
}

export function toMarks(
	row: Pick<OriginRow, "how" | "client" | "origin" | "pinned" | "expires_at" | "visibility">,
) {
	return {
		...(row.how === null ? {} : { origin: toOrigin(row.how, row.client, row.origin) }),
		...(row.pinned === 1 ? { pinned: true } : {}),
		...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
		...(row.visibility === "private" ? {} : { visibility: row.visibility }),
	};
}

function toOrigin(how: How, client: string | null, more: string | null): Origin {
	return { how, ...(client === null ? {} : { client }), ...(more === null ? {} : detailsOf(more)) };
}

/** Few are different. */
const detailsOf = memoize((json: string) => JSON.parse(json) as Omit<Origin, "how" | "client">);

/** The columns that journal, memories and candidates share, for `originParameters`. */
export const originColumns =
	"text, user_id, scope, project_id, project_name, conversation_id, metadata, client, how, origin, pinned, expires_at, visibility, created_at";
export const originValues =
	":text, :user, :scope, :project, :projectName, :conversation, :metadata, :client, :how, :origin, :pinned, :expiresAt, :visibility, :createdAt";

/** The values that journal and memory rows share, by SQL parameter name. */
export function originParameters(
	entry: Omit<JournalEntry, "id">,
): Readonly<Record<string, string | number | null>> {
	const { how, client, ...details } = entry.origin ?? {};
	return {
		text: entry.text,
		user: entry.userId,
		scope: entry.scope,
		project: entry.project?.id ?? null,
		projectName: entry.project?.name ?? null,
		conversation: entry.conversationId ?? null,
		metadata: asJson(entry.metadata),
		client: client ?? null,
		how: how ?? null,
		origin: Object.keys(details).length === 0 ? null : JSON.stringify(details),
		pinned: entry.pinned ? 1 : 0,
		expiresAt: entry.expiresAt ?? null,
		visibility: entry.visibility ?? "private",
		createdAt: entry.createdAt,
	};
}

export function asJson(value: object | null | undefined): string | null {
	return value ? JSON.stringify(value) : null;
}

export function toCandidate(row: CandidateRow): Candidate {
	return {
		...toJournalEntry(row),
		seq: row.seq,
		kind: row.kind,
		key: row.key,
		...(row.excerpt === null ? {} : { excerpt: row.excerpt }),
		...(row.why === null ? {} : { why: row.why }),
		...(row.action === null ? {} : { action: row.action }),
		...(row.concerns === null ? {} : { concerns: JSON.parse(row.concerns) as string[] }),
	};
}
