import { oneLine } from "./inert.ts";

/**
 * The words that agree with a count; `#` in them is the count: `plural(2, "# save waits", "# saves wait")`. Every message
 * with a count asks here.
 */
export function plural(count: number, one: string, many: string): string {
	return (count === 1 ? one : many).replaceAll("#", String(count));
}

/** "1 memory", "2 memories". */
export function counted(count: number): string {
	return plural(count, "# memory", "# memories");
}

/** A text short enough for a notification. */
export function shortened(text: string): string {
	return oneLine(text, 60);
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
