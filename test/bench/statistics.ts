/** The value below which `percent` of 100 samples lie, by nearest rank; the median of an even number is the mean of the middle two. */
export function percentile(samples: readonly number[], percent: number): number {
	const sorted = samples.toSorted((a, b) => a - b);
	if (sorted.length === 0) return Number.NaN;
	if (percent === 50 && sorted.length % 2 === 0) {
		const middle = sorted.length / 2;
		return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
	}
	return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] as number;
}

export function median(samples: readonly number[]): number {
	return percentile(samples, 50);
}

export interface Summary {
	readonly median: number;
	readonly min: number;
	readonly max: number;
	/** Undefined for fewer than 100 samples, of which it would be the maximum. */
	readonly p99: number | undefined;
}

export function summaryOf(samples: readonly number[]): Summary {
	return {
		median: median(samples),
		min: samples.reduce((least, sample) => Math.min(least, sample), Infinity),
		max: samples.reduce((most, sample) => Math.max(most, sample), -Infinity),
		p99: samples.length < 100 ? undefined : percentile(samples, 99),
	};
}
