/*
 * Files in other encodings than UTF-8.
 */

/** How the bytes of a file are to be read: a name that `TextDecoder` knows; undefined if they are no text. */
export function encodingOf(head: Uint8Array): string | undefined {
	const [first, second, third, fourth] = head;
	if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? undefined : "utf-16le";
	if (first === 0xfe && second === 0xff) return "utf-16be";
	// Without a mark: texts in the files that we read begin with a letter or sign of ASCII.
	if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return "utf-16le";
	if (first === 0 && second !== 0 && third === 0 && fourth !== 0) return "utf-16be";
	return head.subarray(0, 1000).includes(0) ? undefined : "utf-8";
}

/** No UTF-8 has this byte. */
const invalid = Uint8Array.of(0xff);

/**
 * The bytes of a file as UTF-8. What is not valid in the encoding becomes a byte that is not valid in UTF-8 either, so
 * that only the line it stands on is refused.
 * @param encoding a name that `TextDecoder` knows.
 */
export async function* toUtf8(
	chunks: AsyncIterable<Uint8Array>,
	encoding: string,
): AsyncGenerator<Uint8Array> {
	if (encoding === "utf-8") return yield* chunks;
	const decoder = new TextDecoder(encoding);
	for await (const chunk of chunks) yield encoded(decoder.decode(chunk, { stream: true }));
	yield encoded(decoder.decode());
}

function encoded(text: string): Uint8Array {
	const parts = text
		.split("\ufffd")
		.flatMap((part, index) => [...(index > 0 ? [invalid] : []), Buffer.from(part)]);
	return Buffer.concat(parts);
}
