/** "1 memory", "2 memories". */
export function counted(count: number): string {
	return count === 1 ? "1 memory" : `${count} memories`;
}

const units = [
	["year", 365.25 * 86_400_000],
	["month", 30.4375 * 86_400_000],
	["week", 7 * 86_400_000],
	["day", 86_400_000],
	["hour", 3_600_000],
	["minute", 60_000],
] as const;

/** How long ago `time` (ms since 1970) was: "3 days ago". */
export function ageOf(time: number, now: number = Date.now()): string {
	const elapsed = now - time;
	const unit = units.find(([, length]) => Math.abs(elapsed) >= length);
	if (!unit) return "just now";
	const [name, length] = unit;
	return new Intl.RelativeTimeFormat("en").format(-Math.trunc(elapsed / length), name);
}
