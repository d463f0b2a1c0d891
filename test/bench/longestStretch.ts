import { setImmediate as nextTurn } from "node:timers/promises";

/** The longest time, in ms, between two turns of the event loop while `work` was under way. */
export async function longestStretch(work: () => Promise<unknown>): Promise<number> {
	let longest = 0;
	let last = performance.now();
	let working = true;
	const beat = () => {
		const now = performance.now();
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
