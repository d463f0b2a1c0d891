import { contentTerms, indexTerms } from "./terms.ts";

/*
 * Whether facts say what a text says, as far as words can tell.
 */

/** Words of conversations that facts leave out or say otherwise, in addition to the stop words of queries. */
const chatter = new Set(
	indexTerms(
		`user speaker assistant hey hi hello thanks thank ok okay yes yeah oh btw way well here just also only now
		today yesterday tomorrow tonight last next ago day days week weeks month months year years really very much many
		some all because since though although however while instead go goes going get gets got make let like think guess
		want need good great nice note fact facts still even up out back by the way`,
	),
);

/** A text counts as covered if this part of its words is in the facts: good facts are shorter than texts. */
const enough = 0.5;

/** A clause with this many words is not mere chatter. */
const clauseWords = 2;
const clauses = /[.,;:!?()。，；！？、]+\s*|\n+|\s(?:and|but|und|aber|et|mais|y|pero)\s/iu;

/** Returns the part of a fact's words that is in the sources: 0 if the fact cannot be about the same, 1 if it adds no word. */
export function relationTo(sources: readonly string[]): (fact: string) => number {
	const all = sources.join("\n");
	const words = wordsOf(all, 5);
	const plain = all.toLowerCase();
	return (fact) => {
		const own = wordsOf(fact, 5);
		if (own.size > 0) return shareOf(own, words);
		return plain.includes(fact.trim().toLowerCase()) ? 1 : 0;
	};
}

/** Whether little of a text is lost if only its facts are kept: of its words, its names and numbers, and its clauses. */
export function covers(facts: readonly string[], text: string): boolean {
	const words = wordsOf(facts.join("\n"), 4);
	return (
		shareOf(wordsOf(text, 4), words) >= enough &&
		shareOf(wordsOf(namesIn(text).join(" "), 4), words) > enough &&
		text.split(clauses).every((clause) => {
			const own = wordsOf(clause, 4);
			return own.size < clauseWords || shareOf(own, words) > 0;
		})
	);
}

/** Whether each word of a text is in the facts, except words that only join others. */
export function saysNoMoreThan(text: string, facts: readonly string[]): boolean {
	const words = new Set(facts.flatMap(indexTerms));
	const own = indexTerms(text).filter((term) => !/^(a|an|and|the|or|also|that)$/.test(term));
	return own.length > 0 && own.every((term) => words.has(term));
}

/** @param length characters that tell words apart: most languages change the ends of words. */
function wordsOf(text: string, length: number): Set<string> {
	return new Set(
		contentTerms(text)
			.filter((term) => !chatter.has(term))
			.map((term) => (/\p{N}/u.test(term) ? term : term.slice(0, length))),
	);
}

/** The part of `words` that is in `others`; 1 of none. */
function shareOf(words: ReadonlySet<string>, others: ReadonlySet<string>): number {
	let shared = 0;
	for (const word of words) if (others.has(word)) shared += 1;
	return words.size === 0 ? 1 : shared / words.size;
}

/** Words with a number, and with a capital that does not begin a sentence. */
function namesIn(text: string): string[] {
	const words = text.split(/\s+/);
	return words.filter(
		(word, index) =>
			/\p{N}/u.test(word) ||
			(/\p{Lu}/u.test(word) && !/^I\b/.test(word) && index > 0 && !/[.!?:]\W?$/.test(words[index - 1] ?? "")),
	);
}
