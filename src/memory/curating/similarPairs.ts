import { type ComparableText, comparableText, sharedPart } from "./comparison.ts";

/** A text, and what it is the text of. */
export interface ReadText<T> extends ComparableText {
	readonly item: T;
	/** Texts are compared only with those of the same group. */
	readonly group: string;
}

export interface SimilarPair<T> {
	readonly one: ReadText<T>;
	readonly other: ReadText<T>;
	/** The part of their terms that they share. */
	readonly shared: number;
}

/** Terms by which a text looks for others: its rarest. */
const rarest = 4;
/** A term of more texts of a group than these says little about any of them. */
const mostWithTerm = 60;
/** Texts that are read or compared before others get their turn. */
const perTurn = 50;

export function readText<T>(item: T, text: string, group: string): ReadText<T> {
	return { ...comparableText(text), item, group };
}

/**
 * Pairs of texts of one group that share at least a part of their terms. Each text is compared only with those that
 * share one of its rarest terms, so that the time grows with the number of texts and not with its square.
 */
export async function* similarPairs<T>(
	texts: readonly ReadText<T>[],
	least: number,
	signal?: AbortSignal,
): AsyncGenerator<SimilarPair<T>> {
	const postings = new Map<string, number[]>();
	for (const [index, { group, terms }] of texts.entries()) {
		if (index % perTurn === 0) await turn(signal);
		for (const term of terms) {
			const key = `${group}\0${term}`;
			const list = postings.get(key);
			if (list) list.push(index);
			else postings.set(key, [index]);
		}
	}
	for (const [index, one] of texts.entries()) {
		if (index % perTurn === 0) await turn(signal);
		const lists = [...one.terms]
			.map((term) => postings.get(`${one.group}\0${term}`) ?? [])
			.filter(({ length }) => length > 1 && length <= mostWithTerm)
			.sort((a, b) => a.length - b.length)
			.slice(0, rarest);
		for (const candidate of new Set(lists.flat())) {
			const other = texts[candidate];
			if (!other || candidate <= index) continue;
			const shared = sharedPart(one.terms, other.terms);
			if (shared >= least) yield { one, other, shared };
		}
	}
}

/** Lets others use the thread. @throws what the signal was aborted with. */
export async function turn(signal?: AbortSignal): Promise<void> {
	await new Promise((done) => setImmediate(done));
	signal?.throwIfAborted();
}
