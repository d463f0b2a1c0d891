/** From the arrival of a request at a server to the end of its answer, in ms of the server's clock. */
export interface Span {
	readonly begun: number;
	readonly ended: number;
}

/** Spans that overlap as one: what is left follows one another. */
export function inSequence(spans: readonly Span[]): readonly Span[] {
	const merged: Span[] = [];
	for (const span of spans.toSorted((a, b) => a.begun - b.begun)) {
		const last = merged.at(-1);
		if (!last || span.begun > last.ended) merged.push(span);
		else merged[merged.length - 1] = { begun: last.begun, ended: Math.max(last.ended, span.ended) };
	}
	return merged;
}

/** How long at least one request was at the server. */
export function busyTime(spans: readonly Span[]): number {
	return inSequence(spans).reduce((sum, { begun, ended }) => sum + ended - begun, 0);
}
