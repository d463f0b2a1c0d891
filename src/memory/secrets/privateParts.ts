const tag = /<(?<end>\/?)private\s*>/gi;

/** The text without what stands between `<private>` and `</private>`; without an end, all that follows is private. */
export function withoutPrivate(text: string): { readonly text: string; readonly found: boolean } {
	let kept = "";
	let depth = 0;
	let from = 0;
	let found = false;
	for (const match of text.matchAll(tag)) {
		const opens = match.groups?.end === "";
		// An end without a beginning is a word like any other.
		if (!opens && depth === 0) continue;
		if (depth === 0) kept += text.slice(from, match.index);
		found = true;
		depth += opens ? 1 : -1;
		from = match.index + match[0].length;
	}
	if (depth === 0) kept += text.slice(from);
	return { text: found ? kept.trim() : text, found };
}
