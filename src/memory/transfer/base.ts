import { createHash } from "node:crypto";
import type { Memory } from "../../store/types.ts";

/** What of a memory can be edited in a file. */
type Editable = Pick<Memory, "text" | "pinned" | "expiresAt" | "project">;

/** Tells whether a memory is as it was: equal for the same text, pin, expiry and project. */
export function baseOf({ text, pinned = false, expiresAt, project }: Editable): string {
	const parts = [text, pinned, expiresAt ?? null, project?.id ?? null];
	return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
