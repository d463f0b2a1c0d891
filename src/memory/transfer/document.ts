import { type Piece, PieceBytes } from "./pieces.ts";

const code = (sign: string) => sign.charCodeAt(0);
const quote = code('"');
const backslash = code("\\");
const comma = code(",");
const newline = code("\n");
const opening = new Set([code("{"), code("[")]);
const closing = new Set([code("}"), code("]")]);
/** Also the bytes of a byte order mark. */
const spaces = new Set([code(" "), code("\t"), code("\r"), newline, 0xef, 0xbb, 0xbf]);

/**
 * The elements of the lists in a JSON document (UTF-8) while it is read: of `[…]`, or of each list that is a field of
 * `{"results": […], "total": 2}`. Other fields are named. This only finds where elements
 * begin and end: parsing them shows whether they are JSON.
 * @param longest bytes of an element.
 */
export async function* elementsOf(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Piece> {
	const bytes = new PieceBytes(longest);
	let line = 1;
	let end = 0;
	/** The line on which the element begins. */
	let begun = 1;
	let capturing = false;
	let inString = false;
	let escaped = false;
	let depth = 0;
	/** The depth of the list whose elements these are; 0 outside of lists. */
	let list = 0;
	let listName: string | undefined;
	/** Whether the document is an object. */
	let isObject = false;
	let inKey = false;
	let key: string | undefined;
	for await (const chunk of chunks) {
		let from = 0;
		const begin = (at: number) => {
			capturing = true;
			begun = line;
			from = at;
		};
		const take = (at: number) => {
			capturing = false;
			bytes.add(chunk.subarray(from, at));
			return bytes.take(begun, end + at);
		};
		for (let at = 0; at < chunk.length; at += 1) {
			const byte = chunk[at] as number;
			if (byte === newline) line += 1;
			if (inString) {
				if (escaped) escaped = false;
				else if (byte === backslash) escaped = true;
				else if (byte === quote) {
					inString = false;
					if (inKey) key = take(at).text ?? "";
					inKey = false;
				}
				continue;
			}
			if (spaces.has(byte)) continue;
			const isClosing = closing.has(byte);
			if (list > 0) {
				if (depth === list && (byte === comma || isClosing)) {
					if (capturing) yield { ...take(at), list: listName };
				} else if (!capturing) begin(at);
			} else if (depth === 1 && isObject && key !== undefined && (byte === comma || isClosing)) {
				yield { line, end: end + at, outside: key };
				key = undefined;
			}
			if (byte === quote) {
				inString = true;
				if (list === 0 && depth === 1 && isObject && key === undefined) {
					inKey = true;
					begin(at + 1);
				}
			} else if (opening.has(byte)) {
				depth += 1;
				if (depth === 1) isObject = byte === code("{");
				if (list === 0 && byte === code("[") && depth === (isObject ? 2 : 1)) {
					list = depth;
					listName = key;
					key = undefined;
				}
			} else if (isClosing) {
				if (depth === list) list = 0;
				depth -= 1;
			}
		}
		if (capturing) bytes.add(chunk.subarray(from));
		end += chunk.length;
	}
	if (depth !== 0 || inString) yield { line, end, problem: { kind: "cut-off" } };
}
