/** Bounded, so that a process that runs for weeks does not keep every word it has seen. */
const maxEntries = 50_000;

/** Caches the results of a function of words, because most words recur. */
export function memoize<T>(compute: (word: string) => T): (word: string) => T {
	const cache = new Map<string, T>();
	return (word) => {
		const cached = cache.get(word);
		if (cached !== undefined) return cached;
		const result = compute(word);
		if (cache.size > maxEntries) cache.clear();
		cache.set(word, result);
		return result;
	};
}
