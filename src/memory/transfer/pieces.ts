import { InputError } from "../errors.ts";

/** A part of a file that may be a memory: a line, or an element of a JSON document. */
export interface Piece {
	/** The number of the line it begins on. */
	readonly line: number;
	/** Bytes of the file up to its end. */
	readonly end: number;
	/** The field of the JSON document whose list it is in. */
	readonly list?: string | undefined;
	/** No memory, but a field of the JSON document beside the lists. */
	readonly outside?: string;
	/** Absent where there is a problem. */
	readonly text?: string;
	readonly problem?: PieceProblem;
}

export type PieceProblem =
	| { readonly kind: "too-long"; readonly longest: number }
	/** `at`: the first byte that is not UTF-8, counted from 1 within the piece. */
	| { readonly kind: "not-utf-8"; readonly at: number; readonly byte: number }
	/** The JSON document has no end. */
	| { readonly kind: "cut-off" };

/** Collects the bytes of a piece while they arrive. Of a piece that is too long, it keeps nothing. */
export class PieceBytes {
	readonly #longest: number;
	#parts: Uint8Array[] = [];
	#length = 0;

	constructor(longest: number) {
		this.#longest = longest;
	}

	get length(): number {
		return this.#length;
	}

	add(part: Uint8Array): void {
		this.#length += part.length;
		if (this.#length <= this.#longest) this.#parts.push(part);
		else this.#parts = [];
	}

	/** The piece; the next one begins. */
	take(line: number, end: number): Piece {
		const tooLong = this.#length > this.#longest;
		const bytes = Buffer.concat(this.#parts);
		this.#parts = [];
		this.#length = 0;
		if (tooLong) return { line, end, problem: { kind: "too-long", longest: this.#longest } };
		try {
			// Also drops the byte order mark, which only a first piece has.
			return { line, end, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
		} catch {
			const at = firstInvalid(bytes);
			return { line, end, problem: { kind: "not-utf-8", at: at + 1, byte: bytes[at] ?? 0 } };
		}
	}
}

/** Of bytes that are not UTF-8: the offset of the first one that is not. */
function firstInvalid(bytes: Uint8Array): number {
	const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
	let at = 0;
	for (const character of text) {
		// A decoder puts this one in the place of what it cannot read, but it may also stand in the file.
		if (character === "\ufffd" && !(bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd))
			break;
		at += Buffer.byteLength(character);
	}
	return at;
}

/** What is wrong with a piece, for a person. */
export function pieceError(problem: PieceProblem, encoding: string): InputError {
	switch (problem.kind) {
		case "too-long":
			return new InputError("length", `it is longer than ${problem.longest} bytes.`);
		case "cut-off":
			return new InputError(
				"file",
				"the JSON document ends in the middle. Check that the export was finished.",
			);
		case "not-utf-8": {
			const byte = `0x${problem.byte.toString(16).toUpperCase().padStart(2, "0")}`;
			const why =
				encoding === "utf-8"
					? `its byte ${problem.at} (${byte}) is not UTF-8. If the file is in Windows-1252 or Latin-1, import it again with --encoding windows-1252.`
					: `it is not valid in ${encoding}.`;
			return new InputError("encoding", why);
		}
	}
}
