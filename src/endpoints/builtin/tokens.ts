import { isEnglish } from "../../text/language.ts";

/** Characters per window: the model reads about 128 pieces of words, and ignores the rest. */
const windowLength = 400;
/** Each takes the model some 70 ms. */
const maxWindows = 24;

/**
 * Whether the built-in model knows the words of a text, which must be English. It takes other scripts for one unknown
 * word, and other languages for pieces of words, so that any two such texts would seem alike. They are found by their
 * words instead.
 */
export function isReadable(text: string): boolean {
	return /[\p{L}\p{N}]/u.test(text) && isEnglish(text);
}

/**
 * A text in pieces that the model can read whole, cut at the ends of sentences or words. A very long text gives pieces
 * from all over it: reading all of it would take seconds, and the search finds its words anyway.
 */
export function windows(text: string): string[] {
	const pieces: string[] = [];
	let rest = text.replace(/\s+/gu, " ").trim();
	while (rest.length > windowLength) {
		const head = rest.slice(0, windowLength);
		const sentence = Math.max(head.lastIndexOf(". "), head.lastIndexOf("! "), head.lastIndexOf("? ")) + 1;
		const word = head.lastIndexOf(" ");
		const end =
			sentence > windowLength / 2 ? sentence : word > windowLength / 2 ? word : wholeCharacters(head);
		pieces.push(rest.slice(0, end).trim());
		rest = rest.slice(end).trim();
	}
	pieces.push(rest);
	if (pieces.length <= maxWindows) return pieces;
	const step = (pieces.length - 1) / (maxWindows - 1);
	return Array.from({ length: maxWindows }, (_, index) => pieces[Math.round(index * step)] as string);
}

/** The length of a piece that does not end inside a surrogate pair. */
function wholeCharacters(piece: string): number {
	return /[\ud800-\udbff]$/.test(piece) ? piece.length - 1 : piece.length;
}
