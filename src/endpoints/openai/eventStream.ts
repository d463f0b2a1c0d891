import { isRecord, jsonOf } from "./answerBody.ts";

/** Fields of a message that arrive in pieces. */
const inPieces = /content|reasoning|refusal|thinking/;

/** Whether a body is an event stream, by its first characters; undefined while they do not tell. */
export function isEventStream(beginning: string): boolean | undefined {
	const text = beginning.trimStart();
	if (/^(data|event|id|retry)?:/.test(text)) return true;
	return ["data:", "event:", "id:", "retry:"].some((field) => field.startsWith(text)) ? undefined : false;
}

/**
 * Puts the events of a stream together to the answer that the server would have given without one, while they arrive:
 * a chat completion, an embeddings answer, or an error.
 * Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class EventStream {
	readonly #decoder = new TextDecoder();
	/** The pieces of a line whose end has not arrived. */
	#line: string[] = [];
	#event = "";
	#data: string[] = [];
	readonly #answer = new Map<string, unknown>();
	readonly #choice = new Map<string, unknown>();
	readonly #message = new Map<string, unknown>();
	readonly #vectors: unknown[] = [];
	/** Characters of the answer so far, and of the line that is arriving. */
	#kept = 0;
	#arriving = 0;
	#done = false;

	push(chunk: Uint8Array): void {
		this.#read(this.#decoder.decode(chunk, { stream: true }));
	}

	/** Whether the server has said that this is all; it may keep the connection open. */
	get done(): boolean {
		return this.#done;
	}

	/** Characters that it holds. */
	get length(): number {
		return this.#kept + this.#arriving;
	}

	/** The answer as JSON; empty if no event had any. */
	end(): string {
		this.#read(`${this.#decoder.decode()}\n`);
		this.#dispatch();
		if (this.#message.size > 0) this.#choice.set("message", Object.fromEntries(this.#message));
		if (this.#choice.size > 0) this.#answer.set("choices", [Object.fromEntries(this.#choice)]);
		if (this.#vectors.length > 0) this.#answer.set("data", this.#vectors);
		return this.#answer.size > 0 ? JSON.stringify(Object.fromEntries(this.#answer)) : "";
	}

	#read(text: string): void {
		let from = 0;
		for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g)) {
			this.#line.push(text.slice(from, index));
			this.#readLine(this.#line.join(""));
			this.#line = [];
			this.#arriving = 0;
			from = index + end.length;
		}
		if (from === text.length) return;
		this.#line.push(text.slice(from));
		this.#arriving += text.length - from;
	}

	#readLine(line: string): void {
		if (line === "") this.#dispatch();
		const [, field, value = ""] = /^(data|event): ?(.*)$/s.exec(line) ?? [];
		if (field === "data") {
			this.#data.push(value);
			this.#kept += value.length;
		}
		if (field === "event") this.#event = value.trim();
	}

	#dispatch(): void {
		const data = this.#data;
		const whole = jsonOf(data.join("\n"));
		// Some servers leave out the empty line between two events.
		for (const text of whole === undefined ? data : [data.join("\n")]) {
			if (text.trim() === "[DONE]") this.#done = true;
			else if (this.#event === "error") this.#fail(jsonOf(text) ?? text);
			else this.#take(jsonOf(text), text.length);
			this.#kept -= text.length;
		}
		this.#data = [];
		this.#event = "";
	}

	#fail(error: unknown): void {
		this.#answer.set("error", isRecord(error) && error.error ? error.error : error);
	}

	#take(value: unknown, length: number): void {
		if (!isRecord(value)) return;
		if (value.object === "error") {
			this.#fail(value);
			return;
		}
		const { choices, data, ...rest } = value;
		keep(this.#answer, rest);
		if (Array.isArray(data)) {
			for (const item of data) this.#vectors.push(item);
			this.#kept += length;
		}
		const [choice]: unknown[] = Array.isArray(choices) ? choices : [];
		if (!isRecord(choice) || Number(choice.index) > 0) return;
		const { delta, message, ...more } = choice;
		keep(this.#choice, more);
		if (isRecord(message)) keep(this.#message, message);
		if (!isRecord(delta)) return;
		for (const [name, piece] of Object.entries(delta)) {
			if (typeof piece === "string") this.#kept += piece.length;
			keep(this.#message, {
				[name]: joined(inPieces.test(name) ? this.#message.get(name) : undefined, piece),
			});
		}
	}
}

/** Later values replace earlier ones; null says nothing. */
function keep(into: Map<string, unknown>, values: Readonly<Record<string, unknown>>): void {
	for (const [name, value] of Object.entries(values))
		if (value !== null && value !== undefined) into.set(name, value);
}

/** Texts, or lists of parts. */
function joined(before: unknown, piece: unknown): unknown {
	if (before === undefined || piece === null || piece === undefined) return piece;
	if (typeof before === "string" && typeof piece === "string") return before + piece;
	const parts = (value: unknown): unknown[] =>
		Array.isArray(value)
			? value
			: typeof value === "string" && value !== ""
				? [{ type: "text", text: value }]
				: [];
	if (!Array.isArray(before)) return [...parts(before), ...parts(piece)];
	for (const part of parts(piece)) before.push(part);
	return before;
}
