import * as l10n from "@vscode/l10n";
import { oneLine } from "./inert.ts";

/** The language that texts are in: the window's where the extension is translated into it, English everywhere else. */
export function language(): string {
	return l10n.t({ message: "en", comment: "The language of this translation, as an IETF tag: de, zh-Hans" });
}

/**
 * The words that agree with a count; `#` in them is the count: `plural(2, "# save waits", "# saves wait")`. Every message
 * with a count asks here. A language without a form for one, as Chinese, has `many` always.
 */
export function plural(count: number, one: string, many: string): string {
	const form = new Intl.PluralRules(language()).select(count);
	return (form === "one" ? one : many).replaceAll("#", String(count));
}

/** "1 memory", "2 memories". */
export function counted(count: number): string {
	return plural(count, l10n.t("# memory"), l10n.t("# memories"));
}

/** "a, b, and c"; as a disjunction "a, b, or c". */
export function listOf(
	parts: readonly string[],
	type: "conjunction" | "disjunction" = "conjunction",
): string {
	return new Intl.ListFormat(language(), { type }).format(parts);
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
	if (!unit) return l10n.t("just now");
	const [name, length] = unit;
	return new Intl.RelativeTimeFormat(language()).format(-Math.trunc(elapsed / length), name);
}
