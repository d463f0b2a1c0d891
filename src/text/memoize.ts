/** Bounded, so that a process that lives for weeks does not collect every word it has seen. */
const most = 50_000;

/** The same function of a word, which does its work once: most words come again and again. */
export function memoize<T>(make: (word: string) => T): (word: string) => T {
	const known = new Map<string, T>();
	return (word) => {
		const found = known.get(word);
		if (found !== undefined) return found;
		const made = make(word);
		if (known.size > most) known.clear();
		known.set(word, made);
		return made;
	};
}
