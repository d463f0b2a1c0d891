import { contentTerms } from "../../text/terms.ts";

/** What a sentence tells of something that lasts: "I usually get up at 7:30 am on Saturdays", "we have 20 dozen eggs now". */
export interface Measure {
	/** Of what there is that number: `am`, `dozen`. */
	readonly unit: string;
	readonly value: string;
	/** The other words of the sentence. */
	readonly terms: ReadonlySet<string>;
	/** The days of the week that it is about. */
	readonly days: string;
}

const numbers = new Map(
	"one two three four five six seven eight nine ten eleven twelve"
		.split(" ")
		.map((word, index) => [word, String(index + 1)]),
)
	.set("a", "1")
	.set("an", "1");
const quantity = new RegExp(
	`(?<![\\p{L}\\p{N}.:])(\\d[\\d.,:]*(?=[ap]m\\b|[ -])|(?:${[...numbers.keys()].join("|")})(?=[ -]))[ -]?(\\p{L}+)`,
	"giu",
);
const weekday = /\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b/gi;
/** What happened once, such as a run of 5 miles, does not end because it happens again. */
const lasting =
	/\b(usually|currently|now|nowadays|so far|already|each|every|always|per|at the moment|these days|(?:have|has|[’']ve|[’']s) been)\b|\b(?:\p{L}+days)\b/iu;
const past = /\b(yesterday|ago|last (?:week|month|year|night)|used to|previously)\b/i;
const sentences = /(?<=[.!?])\s+|\n+/;
/** In characters. A longer one is a list, or no prose. */
const longest = 300;

export function measuresIn(text: string): readonly Measure[] {
	return text.split(sentences).flatMap((sentence) => {
		if (sentence.length > longest || !lasting.test(sentence) || past.test(sentence)) return [];
		const found = [...sentence.matchAll(quantity)];
		if (found.length === 0) return [];
		const terms = contentTerms(sentence).filter((term) => !/\p{N}/u.test(term));
		const days = (sentence.toLowerCase().match(weekday) ?? []).join(" ");
		return found.flatMap(([, value = "", unit = ""]) => {
			const [term] = contentTerms(unit);
			if (term === undefined) return [];
			const others = new Set(terms.filter((each) => each !== term));
			return [{ unit: term, value: plainNumber(value), terms: others, days }];
		});
	});
}

/** So many words in common, and this part of the shorter sentence's, are about the same. */
const leastShared = 3;
const leastShare = 0.5;

/** Whether both tell how much or how many there is of the same, and not the same number. */
export function differ(newer: readonly Measure[], older: readonly Measure[]): boolean {
	return newer.some((one) =>
		older.some((other) => {
			if (one.unit !== other.unit || one.value === other.value) return false;
			if (one.days && other.days && one.days !== other.days) return false;
			const shared = [...one.terms].filter((term) => other.terms.has(term)).length;
			return shared >= leastShared && shared >= leastShare * Math.min(one.terms.size, other.terms.size);
		}),
	);
}

function plainNumber(written: string): string {
	return numbers.get(written.toLowerCase()) ?? written.replace(/[.,:]+$/, "");
}
