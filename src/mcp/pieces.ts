let segmenter: Intl.Segmenter | undefined;

/** Units of text before a place that are looked at to find where its character begins. */
const lookBack = 200;

/** The last place up to `at` where a text can be cut: between what people see as two characters. */
export function cutBefore(text: string, at: number): number {
	if (at <= 0) return 0;
	if (at >= text.length) return text.length;
	// A plain character begins anew, whatever stands before it.
	let start = at;
	const earliest = Math.max(0, at - lookBack);
	while (start > earliest && !/[ -~]/.test(text.charAt(start))) start -= 1;
	if (start === at) return at;
	segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
	const begins = segmenter.segment(text.slice(start, at + 2)).containing(at - start)?.index ?? 0;
	if (begins > 0 || start === 0) return start + begins;
	// A heap of marks without end is cut anywhere but within one of them.
	return /[\ud800-\udbff]/.test(text.charAt(at - 1)) ? at - 1 : at;
}

/** The beginning of a text that is longer; what is missing is said by "…". */
export function clip(text: string, longest: number): string {
	return text.length > longest ? `${text.slice(0, cutBefore(text, longest))}…` : text;
}

/** The part of a text from one place to another, of which neighbours make up the whole. */
export function piece(text: string, from: number, to: number): string {
	return text.slice(cutBefore(text, from), cutBefore(text, to));
}
