import { setImmediate as nextTurn } from "node:timers/promises";

/** What this thread itself has worked, in ms: on a busy machine, time passes while it waits for its turn. */
export function threadTime(): number {
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1000;
}

/**
 * The longest time, in ms, between two turns of the event loop while `work` was under way.
 * @param clock default: time as it passes.
 */
export async function longestStretch(
	work: () => Promise<unknown>,
	clock: () => number = () => performance.now(),
): Promise<number> {
	let longest = 0;
	let last = clock();
	let working = true;
	const beat = () => {
		const now = clock();
		longest = Math.max(longest, now - last);
		last = now;
		if (working) setImmediate(beat);
	};
	setImmediate(beat);
	await nextTurn();
	await work();
	// The beat that ends the last stretch comes first.
	await nextTurn();
	working = false;
	return longest;
}
