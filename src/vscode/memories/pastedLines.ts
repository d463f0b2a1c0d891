/** Characters that come in at once only when somebody pastes them. */
const fewest = 10;

/**
 * An input box has one line: what is pasted into it loses its line breaks.
 * @param before what stood in it before the last change, @param after what stands in it now.
 * @param clipboard is read only if as much came in at once as when somebody pastes.
 * @returns the text with its line breaks; undefined if it has none, or nothing was pasted.
 */
export async function withPastedLines(
	before: string,
	after: string,
	clipboard: () => PromiseLike<string>,
): Promise<string | undefined> {
	if (after.length - before.length < fewest) return undefined;
	const longest = Math.min(before.length, after.length);
	let start = 0;
	while (start < longest && before[start] === after[start]) start++;
	let end = 0;
	while (end < longest - start && before.at(-1 - end) === after.at(-1 - end)) end++;
	const came = after.slice(start, after.length - end);
	const copied = (await clipboard()).replace(/\r\n?/g, "\n").trim();
	// Browsers leave the breaks out, or put spaces in their places.
	const packed = (text: string) => text.replace(/\s+/g, "");
	if (!copied.includes("\n") || packed(came) !== packed(copied)) return undefined;
	return `${after.slice(0, start)}${copied}${after.slice(after.length - end)}`;
}
