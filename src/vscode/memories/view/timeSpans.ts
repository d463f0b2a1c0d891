export const timeSpans = ["today", "yesterday", "week", "month", "older"] as const;
export type TimeSpan = (typeof timeSpans)[number];

/** The first ms and the last of each span, in local time, newest span first. */
export function spansAt(now: number): readonly { readonly span: TimeSpan; since?: number; until?: number }[] {
	const midnight = (daysAgo: number) => {
		const day = new Date(now);
		return new Date(day.getFullYear(), day.getMonth(), day.getDate() - daysAgo).getTime();
	};
	const begins = [midnight(0), midnight(1), midnight(7), midnight(30)];
	return timeSpans.map((span, index) => {
		const [since, next] = [begins[index], begins[index - 1]];
		return {
			span,
			...(since === undefined ? {} : { since }),
			...(next === undefined ? {} : { until: next - 1 }),
		};
	});
}
