import { isRecord } from "./answerBody.ts";
import { EventStream, isEventStream } from "./eventStream.ts";

const megabyte = 1024 * 1024;
/** Bytes. The longest list of models that is known has one megabyte, and no completion has so much. */
const longestBody = 4 * megabyte;
/** Bytes. Some errors quote all that was sent. */
const longestError = megabyte;
/** Bytes of an embeddings answer, however many texts were sent. */
const longestVectors = 16 * megabyte;
/** No model makes wider vectors. */
export const widest = 65_536;
/** Bytes of a number with its digits, comma and indentation. */
const numberLength = 32;

/** How much longer an event stream is than the answer in it: each token comes in an envelope of its own. */
const streamed = 8;
/** Characters that show whether a body is an event stream. */
const beginningLength = 16;

/** Levels of JSON. */
const deepest = 64;
/** Objects, arrays and texts of JSON, which cost more time than their length tells. */
const mostValues = 200_000;
const mostNumbers = 1_000_000;

/** An answer that is not read to its end. The message completes "The server …". */
class AnswerTooLarge extends Error {
	override readonly name = "AnswerTooLarge";
	readonly code = "TOO_LONG";
}

export function isTooLarge(error: unknown): boolean {
	return error instanceof AnswerTooLarge;
}

/** How long, in bytes, the answer to a request may be. */
export function longestAnswer(request: unknown, status: number): number {
	if (status >= 400) return longestError;
	const input = isRecord(request) ? request.input : undefined;
	if (input === undefined) return longestBody;
	return Math.min(longestVectors, (Array.isArray(input) ? input.length : 1) * widest * numberLength);
}

/**
 * Reads a body while it arrives, and nothing beyond what may be asked of a client: not the whole of a body that is too
 * long, and not JSON whose parsing would hold up the process. Leaving early closes the connection.
 * @param chunks decompressed.
 * @param longest bytes.
 * @returns the text; of an event stream, whether or not one was asked for, the answer that its events make, as JSON.
 * @throws AnswerTooLarge; what the stream throws.
 */
export async function readBody(
	chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
	longest: number,
): Promise<string> {
	const read: Uint8Array[] = [];
	let length = 0;
	let events: EventStream | undefined;
	const start = new TextDecoder();
	let beginning: string | undefined = "";
	let check = jsonCheck();
	for await (const chunk of chunks) {
		length += chunk.length;
		if ((events?.length ?? length) > longest || length > longest * streamed)
			throw new AnswerTooLarge(`sent more than ${Math.round(longest / megabyte)} MB, the most that is read`);
		if (!events) read.push(chunk);
		let arrived = [chunk];
		if (beginning !== undefined) {
			beginning = (beginning + start.decode(chunk, { stream: true })).trimStart().slice(0, beginningLength);
			const isStream = isEventStream(beginning);
			if (isStream !== undefined) beginning = undefined;
			if (isStream) {
				events = new EventStream();
				check = jsonCheck(true);
				arrived = read;
			}
		}
		for (const each of arrived) {
			check(each);
			events?.push(each);
		}
		if (events?.done) break;
	}
	return events ? events.end() : new TextDecoder().decode(Buffer.concat(read));
}

/**
 * Counts what parsing would have to make, chunk by chunk. Other texts than JSON are never parsed.
 * @param lines each line of an event stream is parsed by itself.
 */
function jsonCheck(lines = false): (chunk: Uint8Array) => void {
	let isJson: boolean | undefined = lines || undefined;
	let inText = false;
	let escaped = false;
	let depth = 0;
	let values = 0;
	let commas = 0;
	const count = (chunk: Uint8Array) => {
		for (const byte of chunk) {
			if (lines && (byte === 0x0a || byte === 0x0d)) {
				inText = escaped = false;
				depth = values = commas = 0;
			} else if (escaped) escaped = false;
			else if (inText) {
				if (byte === 0x5c) escaped = true;
				else if (byte === 0x22) inText = false;
			} else if (byte === 0x22) {
				inText = true;
				values += 1;
			} else if (byte === 0x5b || byte === 0x7b) {
				values += 1;
				depth += 1;
				if (depth > deepest) throw new AnswerTooLarge(`sent JSON of more than ${deepest} levels`);
			} else if (byte === 0x5d || byte === 0x7d) depth -= 1;
			else if (byte === 0x2c) commas += 1;
		}
		if (values > mostValues || commas > mostNumbers)
			throw new AnswerTooLarge("sent JSON of more values than any answer has");
	};
	return (chunk) => {
		// A byte order mark and spaces may come first.
		const first = isJson === undefined ? chunk.find((byte) => byte > 0x20 && byte < 0x80) : undefined;
		if (first !== undefined) isJson = first === 0x5b || first === 0x7b;
		if (isJson) count(chunk);
	};
}
