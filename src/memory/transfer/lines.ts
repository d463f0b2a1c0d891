import { type Piece, PieceBytes } from "./pieces.ts";

/**
 * The lines of a UTF-8 file while it is read, without their ends.
 * @param longest bytes.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Piece> {
	const bytes = new PieceBytes(longest);
	let line = 1;
	let end = 0;
	for await (const chunk of chunks) {
		let from = 0;
		for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
			bytes.add(chunk.subarray(from, at));
			yield bytes.take(line, end + at + 1);
			line += 1;
			from = at + 1;
		}
		bytes.add(chunk.subarray(from));
		end += chunk.length;
	}
	if (bytes.length > 0) yield bytes.take(line, end);
}
