/** Words with fewer letters are alike by chance. */
const minLength = 4;
/** So much more or less may a form of a word have. */
const maxDifference = 6;
/** Less alike are different words. */
const leastAlike = 0.4;

/**
 * How alike other words are spelt, in 0..1: the Dice coefficient of groups of three letters, which typing errors and
 * endings leave mostly as they are. 0 for words that are hardly alike.
 */
export function spelledLike(word: string): (other: string) => number {
	const own = groupsOf(word);
	if (word.length < minLength || !/^\p{L}/u.test(word)) return () => 0;
	const first = word.charCodeAt(0);
	const second = word.charCodeAt(1);
	return (other) => {
		// Nearly all other words end here.
		if (other.charCodeAt(0) !== first && other.charCodeAt(1) !== second) return 0;
		if (other.length < minLength - 1 || Math.abs(other.length - word.length) > maxDifference) return 0;
		const padded = `^${other}$`;
		let shared = 0;
		for (const group of own) if (padded.includes(group)) shared += 1;
		const alike = (2 * shared) / (own.length + other.length);
		return alike < leastAlike ? 0 : Math.min(1, alike);
	};
}

/** As many as letters. */
function groupsOf(word: string): string[] {
	const padded = `^${word}$`;
	return Array.from({ length: word.length }, (_, at) => padded.slice(at, at + 3));
}
