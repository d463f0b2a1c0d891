import type { Readable } from "node:stream";

/** At most spaces and byte order marks, in Latin-1: a character a byte. */
const blank = /^(?:\xef\xbb\xbf|[ \t\r])*$/;

/**
 * Reads a stream line by line, until it ends. Skips blank lines, and drops a line that is too long.
 */
export function readLines(
	stream: Readable,
	longest: number,
	onLine: (line: Buffer) => void,
	onTooLong: () => void,
): Promise<void> {
	let begun: Buffer[] = [];
	let size = 0;
	const add = (part: Buffer) => {
		size += part.length;
		// A line that will be dropped is not collected.
		if (size > longest) begun = [];
		else if (part.length > 0) begun.push(part);
	};
	const end = () => {
		const line = Buffer.concat(begun);
		if (size > longest) onTooLong();
		else if (!blank.test(line.toString("latin1"))) onLine(line);
		begun = [];
		size = 0;
	};
	stream.on("data", (chunk: Buffer) => {
		let start = 0;
		for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
			add(chunk.subarray(start, at));
			end();
			start = at + 1;
		}
		add(chunk.subarray(start));
	});
	return new Promise((resolve) => {
		stream.once("end", () => {
			// The last line may lack its end.
			end();
			resolve();
		});
		stream.once("close", resolve);
		// The client has gone without closing it.
		stream.once("error", () => resolve());
	});
}
