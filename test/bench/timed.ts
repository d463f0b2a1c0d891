/** How long `work` took, in ms of wall time. */
export async function timed(work: () => unknown): Promise<number> {
	const begun = performance.now();
	await work();
	return performance.now() - begun;
}

/**
 * Does `work` on one item after another, until there are none left or `budget`, in ms, is used up: so that the bench
 * ends in time also when something has become very slow. Answers how many items it did.
 */
export async function within<T>(
	budget: number,
	items: readonly T[],
	work: (item: T) => Promise<unknown>,
): Promise<number> {
	const deadline = performance.now() + budget;
	let done = 0;
	for (const item of items) {
		if (performance.now() > deadline) break;
		await work(item);
		done += 1;
	}
	return done;
}

/** The same for work that is done when it returns. */
export function timedNow(work: () => unknown): number {
	const begun = performance.now();
	work();
	return performance.now() - begun;
}
