import type { Memory, Project, StoredMemory, Vector } from "./types.ts";

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
	/** Milliseconds since 1970. */
	readonly at: number;
}

/** `null`: there was none; a project of `null` is global. */
export type ChangedFields = Pick<
	MemoryChange,
	"project" | "pinned" | "expiresAt" | "metadata" | "supersededBy"
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
	};
}
