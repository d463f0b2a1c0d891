import type { Notes } from "../../store/memoryStore.ts";

/*
 * Whether the clock may be believed when it says that something has been deleted for long enough to be erased. A clock
 * that was set wrong, or was not set yet, must not make that happen. All times in ms.
 */

/** The longest time for which nobody may have looked, such as a holiday. A longer step is a leap. */
const longestStep = 10 * 86_400_000;
/** Clocks are set back a little all the time. */
const longestStepBack = 3_600_000;
/** For how long the clock must have been seen to run after a leap. */
const doubtAfterLeap = 86_400_000;
/** The most that one look tells of that; it comes every few minutes. */
const longestLook = 600_000;
/** How often it is noted while there is no doubt. */
const noteEvery = 3_600_000;

/** When the clock was last seen, and how long it must still be seen to run before it is believed. */
export interface Seen {
	readonly at: number;
	readonly doubt: number;
}

/** @param seen undefined at the first look at all. */
export function look(seen: Seen | undefined, now: number): Seen {
	const step = seen ? now - seen.at : Number.POSITIVE_INFINITY;
	if (!seen || step > longestStep || step < -longestStepBack) return { at: now, doubt: doubtAfterLeap };
	return { at: now, doubt: Math.max(0, seen.doubt - Math.max(0, Math.min(step, longestLook))) };
}

const note = "time seen";

/** Looks at the clock, which whoever does the background work does every few minutes. */
export async function isTrusted(notes: Notes, now: number): Promise<boolean> {
	const [at, doubt] = (notes.get(note) ?? "").split(" ").map(Number);
	const seen = at !== undefined && doubt !== undefined ? { at, doubt } : undefined;
	const next = look(seen, now);
	const isNews = !seen || next.doubt !== seen.doubt || Math.abs(now - seen.at) > noteEvery;
	if (isNews) await notes.put(note, `${next.at} ${next.doubt}`);
	return next.doubt === 0;
}
