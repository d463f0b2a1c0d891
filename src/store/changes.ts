import { audienceOf } from "./access.ts";
import type { Memory, Project, StoredMemory, Vector, Visibility } from "./types.ts";

/** What a change changes; `null` removes what there is. */
export interface MemoryChange {
	readonly id: string;
	/** What the change is based on; see ConflictError. Absent: whatever there is. */
	readonly expected?: Pick<Memory, "text" | "updatedAt">;
	readonly text?: string;
	/** Of the new text. */
	readonly vector?: Vector | undefined;
	/** The project it moves to; `null`: it becomes global. */
	readonly project?: Project | null;
	readonly pinned?: boolean;
	readonly expiresAt?: number | null;
	readonly metadata?: Readonly<Record<string, unknown>> | null;
	readonly supersededBy?: string | null;
	/** Where it has no project, `project` becomes `private`. */
	readonly visibility?: Visibility;
}

export interface Changed {
	readonly before: StoredMemory;
	readonly after: StoredMemory;
}

export interface HistoryEntry {
	readonly event: "ADD" | "UPDATE" | "DELETE" | "RESTORE";
	readonly oldText?: string;
	readonly newText?: string;
	/** The other fields that changed, as they were and as they became. */
	readonly oldFields?: ChangedFields;
	readonly newFields?: ChangedFields;
	/** Who did it, if not the author. */
	readonly by?: string;
	/** Milliseconds since 1970. */
	readonly at: number;
}

/** `null`: there was none; a project of `null` is global. */
export type ChangedFields = Pick<
	MemoryChange,
	"project" | "pinned" | "expiresAt" | "metadata" | "supersededBy" | "visibility"
>;

/** Whether nobody has changed a memory since it was read. */
export function isAsExpected(
	memory: StoredMemory,
	{ text, updatedAt }: Pick<Memory, "text" | "updatedAt">,
): boolean {
	return memory.updatedAt === updatedAt && memory.text === text;
}

export function fieldsOf(memory: StoredMemory): Required<ChangedFields> {
	return {
		project: memory.project ?? null,
		pinned: memory.pinned ?? false,
		expiresAt: memory.expiresAt ?? null,
		metadata: memory.metadata ?? null,
		supersededBy: memory.supersededBy ?? null,
		visibility: memory.visibility ?? "private",
	};
}

/** Whoever works on a project finds nothing that is of none: its visibility goes with the project. */
export function withoutStrayVisibility<C extends ChangedFields>(before: Memory, change: C): C {
	const { project = before.project, visibility = before.visibility } = change;
	return audienceOf({ visibility }) === "project" && !project ? { ...change, visibility: "private" } : change;
}

/**
 * The history of a memory for others than its author: since it was last shared, so that nobody reads what it said or was
 * before.
 */
export function sinceShared(history: readonly HistoryEntry[]): readonly HistoryEntry[] {
	const shared = firstShared(history);
	const first = history[shared];
	if (!first) return history;
	const { oldText: _, oldFields: __, ...became } = first;
	const text = history.slice(0, shared + 1).findLast(({ newText }) => newText !== undefined)?.newText;
	return [{ ...became, ...(text === undefined ? {} : { newText: text }) }, ...history.slice(shared + 1)];
}

/** The index of the entry that last made a shared memory of one that was not; -1: it always was. */
export function firstShared(history: readonly HistoryEntry[]): number {
	const isShared = (fields: ChangedFields | undefined) =>
		fields?.visibility === "project" || fields?.visibility === "team";
	return history.findLastIndex(({ oldFields, newFields }) => isShared(newFields) && !isShared(oldFields));
}
