/** A line of a file. `text` is undefined where it is longer than may be read, or is not UTF-8. */
export interface Line {
	readonly number: number;
	readonly text: string | undefined;
	/** Why there is no text; completes "it is …". */
	readonly problem?: string;
	/** Bytes of the file up to its end. */
	readonly end: number;
}

/**
 * The lines of a file while it is read, without their ends. Of a line that is too long, nothing is kept.
 * @param longest bytes.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Line> {
	let number = 0;
	let end = 0;
	let parts: Uint8Array[] = [];
	let length = 0;
	const line = (): Line => {
		number += 1;
		const bytes = Buffer.concat(parts);
		const at = { number, end };
		const tooLong = length > longest;
		parts = [];
		length = 0;
		if (tooLong) return { ...at, text: undefined, problem: `longer than ${longest} bytes` };
		try {
			// Also drops the byte order mark, which only a first line has.
			return { ...at, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
		} catch {
			return { ...at, text: undefined, problem: "not in UTF-8" };
		}
	};
	const add = (part: Uint8Array) => {
		length += part.length;
		end += part.length;
		if (length <= longest) parts.push(part);
		else parts = [];
	};
	for await (const chunk of chunks) {
		let from = 0;
		for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
			add(chunk.subarray(from, at));
			end += 1;
			yield line();
			from = at + 1;
		}
		add(chunk.subarray(from));
	}
	if (length > 0) yield line();
}
