/** The bytes of a file are no text in an encoding we read. */
export class EncodingError extends Error {
	override readonly name = "EncodingError";
	/** What the bytes look like, for people. */
	readonly found: string;

	constructor(found: string) {
		super(`It is not UTF-8: it looks like ${found}. Save it as UTF-8 and try again.`);
		this.found = found;
	}
}

const marks = [
	{ bytes: [0xef, 0xbb, 0xbf], encoding: "utf-8" },
	{ bytes: [0xff, 0xfe], encoding: "utf-16le" },
	{ bytes: [0xfe, 0xff], encoding: "utf-16be" },
] as const;

/**
 * The text of a file: UTF-8, or what its byte order mark says (UTF-8, UTF-16), without the mark.
 * @throws EncodingError for other bytes: a character that is replaced would be a text that nobody wrote.
 */
export function decodeText(bytes: Uint8Array): string {
	const mark = marks.find((each) => each.bytes.every((byte, index) => bytes[index] === byte));
	try {
		return new TextDecoder(mark?.encoding ?? "utf-8", { fatal: true }).decode(bytes);
	} catch {
		throw new EncodingError(guess(bytes));
	}
}

function guess(bytes: Uint8Array): string {
	const zeros = (parity: 0 | 1) =>
		bytes.subarray(0, 1000).some((byte, at) => byte === 0 && at % 2 === parity);
	if (zeros(0) || zeros(1)) return "UTF-16 without a byte order mark, or a binary file";
	return "Latin-1, Windows-1252 or another encoding of one byte a character";
}
