import type { HistoryEntry } from "../../../store/changes.ts";

/** A text that a memory had. */
export interface Version {
	/** Counted from 1, the oldest. */
	readonly number: number;
	readonly text: string;
	/** ms since 1970 */
	readonly at: number;
}

/** The different texts that a memory has had, oldest first; the last is the one it has now, or had when deleted. */
export function versionsOf(history: readonly HistoryEntry[]): readonly Version[] {
	const versions: Version[] = [];
	for (const { newText, at } of history) {
		if (newText === undefined || newText === versions.at(-1)?.text) continue;
		versions.push({ number: versions.length + 1, text: newText, at });
	}
	return versions;
}
