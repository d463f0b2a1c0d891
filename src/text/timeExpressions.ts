const months = "january february march april may june july august september october november december".split(
	" ",
);
const monthNames = months
	.map((month) => (month.length > 4 ? `${month}|${month.slice(0, 3)}` : month))
	.join("|");
const weekdays = "sunday monday tuesday wednesday thursday friday saturday".split(" ");
const dayInMs = 86_400_000;

/** How well a memory's time (ms since 1970) fits a time that a question names, in 0..1. */
export type TimeMatcher = (createdAt: number) => number;

/** 21 May 2023, May 21st. */
const dayAndMonth = new RegExp(
	`\\b(?:(\\d{1,2})(?:st|nd|rd|th)?(?: of)? )(${monthNames})\\b\\.?(?:,? (\\d{4}))?|\\b(${monthNames})\\b\\.?,? (\\d{1,2})(?:st|nd|rd|th)?\\b(?:,? (\\d{4}))?`,
);
const monthAndYear = new RegExp(`\\b(${monthNames})\\b\\.?,?(?: of)? (\\d{4})\\b`);
/** `may` and `march` need a preposition: alone they are verbs more often than months. */
const monthAlone = new RegExp(
	`\\b(${months.filter((name) => name !== "may" && name !== "march").join("|")})\\b|\\b(?:in|during|since|until|of|early|late|mid|last|this)[ -](may|march)\\b`,
);
const datePart = new RegExp(
	`^(?:${monthNames}|${weekdays.join("|")}|(?:19|20)\\d{2}|(?:[12]?\\d|3[01])(?:st|nd|rd|th)?)$`,
	"i",
);
const timeAgo = /\b(\d+|a|an|one|two|three|four|five|six) (day|week|month|year)s? ago\b/;
const numberWords = "one two three four five six".split(" ");

/** Matches the times a question names, in this machine's time zone: "last week", "in May 2023", "on 8 May", "2021-03-09". */
export function timeMatchers(query: string, now: number = Date.now()): readonly TimeMatcher[] {
	const text = query.toLowerCase();
	const absolute = absoluteTime(text);
	return absolute ? [absolute, ...relativeTimes(text, now)] : relativeTimes(text, now);
}

/** Whether a word can be part of a date: the name of a month or weekday, a year, a day of the month. */
export function isDatePart(word: string): boolean {
	return datePart.test(word);
}

function absoluteTime(text: string): TimeMatcher | undefined {
	const iso = /\b(\d{4})-(\d{2})(?:-(\d{2}))?\b/.exec(text);
	if (iso) return onCalendar(Number(iso[1]), Number(iso[2]) - 1, iso[3] ? Number(iso[3]) : undefined);
	const day = dayAndMonth.exec(text);
	if (day) return onCalendar(numberOf(day[3] ?? day[6]), monthOf(day[2] ?? day[4]), Number(day[1] ?? day[5]));
	const ofYear = monthAndYear.exec(text);
	if (ofYear) return onCalendar(Number(ofYear[2]), monthOf(ofYear[1]), undefined);
	const alone = monthAlone.exec(text);
	if (alone) return onCalendar(undefined, monthOf(alone[1] ?? alone[2]), undefined);
	const year = /\b(?:in|during|since|of|early|late) ((?:19|20)\d{2})\b/.exec(text);
	// So many memories fall into one year that it is weak evidence.
	return year ? (at) => (new Date(at).getFullYear() === Number(year[1]) ? 0.3 : 0) : undefined;
}

function relativeTimes(text: string, now: number): readonly TimeMatcher[] {
	const midnight = new Date(now).setHours(0, 0, 0, 0);
	const within = (from: number, days: number): TimeMatcher => {
		const to = from + days * dayInMs;
		return (at) => (at >= from && at < to ? 1 : 0);
	};
	const times: TimeMatcher[] = [];
	const contains = (pattern: RegExp) => pattern.test(text);
	if (contains(/\b(today|this morning|tonight)\b/)) times.push(within(midnight, 1));
	if (contains(/\b(yesterday|last night)\b/)) times.push(within(midnight - dayInMs, 1));
	if (contains(/\bthis week\b/)) times.push(within(midnight - 6 * dayInMs, 7));
	if (contains(/\b(last|past|previous) week\b/)) times.push(within(midnight - 13 * dayInMs, 14));
	if (contains(/\bthis month\b/)) times.push(within(midnight - 30 * dayInMs, 31));
	if (contains(/\b(last|past|previous) month\b/)) times.push(within(midnight - 61 * dayInMs, 62));
	if (contains(/\blast year\b/)) {
		const year = new Date(now).getFullYear() - 1;
		times.push((at) => (new Date(at).getFullYear() === year ? 0.3 : 0));
	}
	const weekday = new RegExp(`\\b(?:on|last) (${weekdays.join("|")})\\b`).exec(text);
	if (weekday) {
		const daysBack = 1 + ((new Date(midnight).getDay() - weekdays.indexOf(weekday[1] as string) + 6) % 7);
		times.push(within(midnight - daysBack * dayInMs, 1));
	}
	const ago = timeAgo.exec(text);
	if (ago) {
		const unit = { day: 1, week: 7, month: 30.4, year: 365 }[ago[2] as "day" | "week" | "month" | "year"];
		const word = ago[1]?.replace(/^an?$/, "one") ?? "";
		const count = numberWords.indexOf(word) + 1 || Number(word);
		// People mean days exactly, but "three weeks ago" loosely.
		const daysBack = unit === 1 ? count : (count + 0.5) * unit;
		times.push(within(midnight - daysBack * dayInMs, unit));
	}
	return times;
}

/** Memories about a day are rarely saved on that very day, but close to it. */
function onCalendar(year: number | undefined, monthNumber: number, day: number | undefined): TimeMatcher {
	return (at) => {
		const date = new Date(at);
		if (date.getMonth() !== monthNumber || (year !== undefined && date.getFullYear() !== year)) return 0;
		return day === undefined ? 1 : 0.5 + 0.5 * Math.exp(-Math.abs(date.getDate() - day) / 4);
	};
}

function monthOf(name: string | undefined): number {
	return months.findIndex((each) => name !== undefined && each.startsWith(name));
}

function numberOf(text: string | undefined): number | undefined {
	return text === undefined ? undefined : Number(text);
}

/** Whether a question asks for a time. */
export function asksWhen(query: string): boolean {
	return /^\s*(when|how long|since when)\b|\b(what|which) (date|day|month|year|time)\b/i.test(query);
}

const timeWords = new RegExp(
	`\\b(yesterday|today|tonight|tomorrow|last|next|ago|weeks?|weekends?|months?|years?|days?|(?:${weekdays.join("|")})s?|${months.join("|")}|recently|soon|since|morning|evening|night|\\d+(?:st|nd|rd|th)?)\\b`,
	"i",
);

/** Whether a text mentions a time. */
export function mentionsTime(text: string): boolean {
	return timeWords.test(text);
}
