/**
 * - `whole`: the value ends at `end`.
 * - `cut`: the text ended first; the value holds the parts that were complete, and is undefined if there was none.
 * - `broken`: it is not JSON from `end` on.
 */
export interface ReadJson {
	readonly state: "whole" | "cut" | "broken";
	readonly value: unknown;
	readonly end: number;
}

/**
 * No answer that we ask for is nested this deeply. Bounds how often a character is read where a reader tries each bracket
 * of a text in turn: only the brackets around a broken place lead to it.
 */
const deepest = 12;

/**
 * Reads the object or array at `start`, as models write it: a trailing comma and line breaks within strings are allowed.
 * Strings keep each of their characters. Linear in what it reads.
 */
export function readJson(text: string, start: number): ReadJson {
	const reader = new Reader(text, start);
	const value = reader.value(0);
	return { state: reader.state, value: reader.state === "broken" ? undefined : value, end: reader.at };
}

class Reader {
	at: number;
	state: ReadJson["state"] = "whole";
	readonly #text: string;

	constructor(text: string, start: number) {
		this.#text = text;
		this.at = start;
	}

	/** Undefined if none of its parts is complete. */
	value(depth: number): unknown {
		const first = this.#next();
		if (depth > deepest) return this.#broken();
		if (first === "{") return this.#object(depth);
		if (first === "[") return this.#array(depth);
		return first === '"' ? this.#string() : this.#word();
	}

	#object(depth: number): unknown {
		const entries: (readonly [string, unknown])[] = [];
		this.#each("}", () => {
			const key = this.#next() === '"' ? this.#string() : this.#broken();
			if (key === undefined) return;
			if (this.#next() !== ":") return this.#broken();
			this.at += 1;
			const value = this.value(depth + 1);
			if (value !== undefined) entries.push([key, value]);
		});
		return this.state === "whole" || entries.length > 0 ? Object.fromEntries(entries) : undefined;
	}

	#array(depth: number): unknown {
		const items: unknown[] = [];
		this.#each("]", () => {
			const value = this.value(depth + 1);
			if (value !== undefined) items.push(value);
		});
		return this.state === "whole" || items.length > 0 ? items : undefined;
	}

	/** Reads parts with commas between and perhaps behind them, up to the closing bracket. */
	#each(close: string, part: () => void): void {
		this.at += 1;
		while (this.#next() !== close) {
			if (this.state !== "whole") return;
			part();
			if (this.#stopped()) return;
			const after = this.#next();
			if (after === ",") this.at += 1;
			else if (after !== close) this.#broken();
		}
		this.at += 1;
	}

	#string(): string | undefined {
		const text = this.#text;
		let end = this.at + 1;
		while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
		if (end >= text.length) return this.#cut();
		const token = text.slice(this.at, end + 1);
		const value = parsed(token) ?? parsed(token.replace(/\p{Cc}/gu, (c) => JSON.stringify(c).slice(1, -1)));
		if (typeof value !== "string") return this.#broken();
		this.at = end + 1;
		return value;
	}

	/** A number, `true`, `false` or `null`. */
	#word(): unknown {
		const word = /[-+.\w]*/y;
		word.lastIndex = this.at;
		const [token = ""] = word.exec(this.#text) ?? [];
		if (this.at + token.length === this.#text.length) return this.#cut();
		const value = parsed(token);
		if (value === undefined) return this.#broken();
		this.at += token.length;
		return value;
	}

	/** The next character that is not white space, of which JSON knows the kinds up to the space. */
	#next(): string | undefined {
		const text = this.#text;
		while (this.at < text.length && text.charCodeAt(this.at) <= 32) this.at += 1;
		if (this.at >= text.length) this.#cut();
		return text[this.at];
	}

	/** A method, because the compiler does not expect `state` to change during a call. */
	#stopped(): boolean {
		return this.state !== "whole";
	}

	#cut(): undefined {
		if (this.state === "whole") this.state = "cut";
	}

	#broken(): undefined {
		if (this.state === "whole") this.state = "broken";
	}
}

function parsed(token: string): unknown {
	try {
		return JSON.parse(token);
	} catch {
		return undefined;
	}
}
