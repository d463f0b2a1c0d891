/** How long `work` took, in ms of wall time. */
export async function timed(work: () => unknown): Promise<number> {
	const begun = performance.now();
	await work();
	return performance.now() - begun;
}

/** The durations, in ms, of `work` done `times` times, one after the other. */
export async function repeated(
	times: number,
	work: (run: number) => Promise<unknown>,
): Promise<readonly number[]> {
	const samples: number[] = [];
	for (let run = 0; run < times; run += 1) samples.push(await timed(() => work(run)));
	return samples;
}
