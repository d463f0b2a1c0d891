const months = "january february march april may june july august september october november december".split(
	" ",
);
const monthNames = months
	.map((month) => (month.length > 4 ? `${month}|${month.slice(0, 3)}` : month))
	.join("|");
const weekdays = "sunday monday tuesday wednesday thursday friday saturday".split(" ");
const dayInMs = 86_400_000;

/** A time that a question names: how well a memory of that time (ms since 1970) fits it, in 0..1. */
export type AskedTime = (createdAt: number) => number;

/** 21 May 2023, May 21st, May 2023, in May. `may` and `march` alone are verbs more often than months. */
const dayAndMonth = new RegExp(
	`\\b(?:(\\d{1,2})(?:st|nd|rd|th)?(?: of)? )(${monthNames})\\b\\.?(?:,? (\\d{4}))?|\\b(${monthNames})\\b\\.?,? (\\d{1,2})(?:st|nd|rd|th)?\\b(?:,? (\\d{4}))?`,
);
const monthAndYear = new RegExp(`\\b(${monthNames})\\b\\.?,?(?: of)? (\\d{4})\\b`);
const month = new RegExp(
	`\\b(${months.filter((name) => name !== "may" && name !== "march").join("|")})\\b|\\b(?:in|during|since|until|of|early|late|mid|last|this)[ -](may|march)\\b`,
);
const ofDate = new RegExp(
	`^(?:${monthNames}|${weekdays.join("|")}|(?:19|20)\\d{2}|(?:[12]?\\d|3[01])(?:st|nd|rd|th)?)$`,
	"i",
);
const relative = /\b(\d+|a|an|one|two|three|four|five|six) (day|week|month|year)s? ago\b/;
const counts: Readonly<Record<string, number>> = {
	a: 1,
	an: 1,
	one: 1,
	two: 2,
	three: 3,
	four: 4,
	five: 5,
	six: 6,
};

/** The times a question names, in the calendar of this machine: "last week", "in May 2023", "on 8 May", "2021-03-09". */
export function askedTimes(query: string, now: number = Date.now()): readonly AskedTime[] {
	const text = query.toLowerCase();
	const absolute = absoluteTime(text);
	return absolute ? [absolute, ...relativeTimes(text, now)] : relativeTimes(text, now);
}

/** Whether a word is part of a date: the name of a month or weekday, a year, the number of a day. */
export function isOfDate(word: string): boolean {
	return ofDate.test(word);
}

function absoluteTime(text: string): AskedTime | undefined {
	const iso = /\b(\d{4})-(\d{2})(?:-(\d{2}))?\b/.exec(text);
	if (iso) return onCalendar(Number(iso[1]), Number(iso[2]) - 1, iso[3] ? Number(iso[3]) : undefined);
	const day = dayAndMonth.exec(text);
	if (day) return onCalendar(numberOf(day[3] ?? day[6]), monthOf(day[2] ?? day[4]), Number(day[1] ?? day[5]));
	const ofYear = monthAndYear.exec(text);
	if (ofYear) return onCalendar(Number(ofYear[2]), monthOf(ofYear[1]), undefined);
	const alone = month.exec(text);
	if (alone) return onCalendar(undefined, monthOf(alone[1] ?? alone[2]), undefined);
	const year = /\b(?:in|during|since|of|early|late) ((?:19|20)\d{2})\b/.exec(text);
	// So much lies in a year that it tells little.
	return year ? (at) => (new Date(at).getFullYear() === Number(year[1]) ? 0.3 : 0) : undefined;
}

function relativeTimes(text: string, now: number): readonly AskedTime[] {
	const midnight = new Date(now).setHours(0, 0, 0, 0);
	const within = (from: number, days: number): AskedTime => {
		const to = from + days * dayInMs;
		return (at) => (at >= from && at < to ? 1 : 0);
	};
	const times: AskedTime[] = [];
	const says = (pattern: RegExp) => pattern.test(text);
	if (says(/\b(today|this morning|tonight)\b/)) times.push(within(midnight, 1));
	if (says(/\b(yesterday|last night)\b/)) times.push(within(midnight - dayInMs, 1));
	if (says(/\bthis week\b/)) times.push(within(midnight - 6 * dayInMs, 7));
	if (says(/\b(last|past|previous) week\b/)) times.push(within(midnight - 13 * dayInMs, 14));
	if (says(/\bthis month\b/)) times.push(within(midnight - 30 * dayInMs, 31));
	if (says(/\b(last|past|previous) month\b/)) times.push(within(midnight - 61 * dayInMs, 62));
	if (says(/\blast year\b/)) {
		const year = new Date(now).getFullYear() - 1;
		times.push((at) => (new Date(at).getFullYear() === year ? 0.3 : 0));
	}
	const weekday = new RegExp(`\\b(?:on|last) (${weekdays.join("|")})\\b`).exec(text);
	if (weekday) {
		const back = (new Date(midnight).getDay() - weekdays.indexOf(weekday[1] as string) + 6) % 7;
		times.push(within(midnight - (back + 1) * dayInMs, 1));
	}
	const ago = relative.exec(text);
	if (ago) {
		const unit = { day: 1, week: 7, month: 30.4, year: 365 }[ago[2] as "day" | "week" | "month" | "year"];
		const count = counts[ago[1] as string] ?? Number(ago[1]);
		// A day is meant exactly, "three weeks ago" of somewhat less or more.
		const earlier = unit === 1 ? count : (count + 0.5) * unit;
		times.push(within(midnight - earlier * dayInMs, unit));
	}
	return times;
}

/** A day that is named is rarely remembered on that very day, but shortly after. */
function onCalendar(year: number | undefined, monthNumber: number, day: number | undefined): AskedTime {
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

/** Whether a text tells a time. */
export function tellsTime(text: string): boolean {
	return timeWords.test(text);
}
