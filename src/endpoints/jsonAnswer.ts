export interface JsonAnswer {
	readonly value: unknown;
	/** False: the end was missing; what stood complete before it is there. */
	readonly whole: boolean;
}

export type Accept = (value: unknown, alone: boolean) => boolean;

/**
 * The JSON in a model's answer: without the thoughts before it, out of its code fence or the prose around it, closed
 * where it was cut off. Undefined where there is none.
 * @param accept which values count: prose may hold brackets that happen to be JSON. `alone`: there is no prose around
 * it, or it has a code fence of its own.
 */
export function parseJsonAnswer(answer: string, accept: Accept = () => true): JsonAnswer | undefined {
	return jsonIn(withoutThoughts(answer), accept);
}

function jsonIn(text: string, accept: Accept): JsonAnswer | undefined {
	for (let start = nextOpening(text, 0); start >= 0; ) {
		const end = endOfValue(text, start);
		const value = end === undefined ? undefined : parsed(text.slice(start, end));
		if (value !== undefined && accept(value, isAlone(text, start, end as number)))
			return { value, whole: true };
		// What has no end was cut off: its parts must not be taken for the answer.
		if (end === undefined && looksLikeJson(text, start))
			return rescued(text.slice(start), accept, isAlone(text, start, text.length));
		start = nextOpening(text, value === undefined ? start + 1 : (end as number));
	}
	return undefined;
}

/** As much as can be accepted of what stood complete when the text was cut off. */
function rescued(text: string, accept: Accept, alone: boolean): JsonAnswer | undefined {
	for (const candidate of closedBefore(text).reverse()) {
		const value = parsed(candidate);
		if (value !== undefined && accept(value, alone)) return { value, whole: false };
	}
	return undefined;
}

function isAlone(text: string, start: number, end: number): boolean {
	const before = text.slice(0, start).trimEnd();
	return /^$|```\w*$/.test(before) && /^\s*(<\|\w+\|>\s*)*($|```)/.test(text.slice(end));
}

/** Prose has brackets, too. */
function looksLikeJson(text: string, start: number): boolean {
	return /^(\{\s*("|$)|\[\s*([[{"]|$))/.test(text.slice(start, start + 200));
}

/**
 * Reasoning models think aloud first; a block that is not closed never came to an answer. Within the JSON, such words
 * are somebody's own.
 */
function withoutThoughts(answer: string): string {
	const isAnswer = /^\s*([{[]|```)/.test(answer);
	const tag = /<(\/?)(think|thinking|reasoning)>/i.exec(answer);
	if (!tag || isAnswer) return answer;
	// Some templates swallow the opening tag.
	if (tag[1] !== "") return withoutThoughts(answer.slice(tag.index + tag[0].length));
	const opening = nextOpening(answer, 0);
	if (opening >= 0 && opening < tag.index) return answer;
	const close = new RegExp(`</${tag[2]}>`, "i").exec(answer.slice(tag.index));
	return close ? withoutThoughts(answer.slice(tag.index + close.index + close[0].length)) : "";
}

function nextOpening(text: string, from: number): number {
	const found = text.slice(from).search(/[{[]/);
	return found < 0 ? -1 : from + found;
}

/** Where the object or array that begins at `start` ends; undefined where it does not. */
function endOfValue(text: string, start: number): number | undefined {
	let depth = 0;
	for (const { index, mark } of marks(text, start)) {
		depth += mark === "{" || mark === "[" ? 1 : -1;
		if (depth === 0) return index + 1;
	}
	return undefined;
}

/** The brackets of a JSON text that are not within strings. */
function* marks(text: string, start: number): Generator<{ index: number; mark: string }> {
	let inString = false;
	for (let index = start; index < text.length; index += 1) {
		const character = text[index] as string;
		if (inString) {
			if (character === "\\") index += 1;
			else if (character === '"') inString = false;
		} else if (character === '"') inString = true;
		else if ("{}[]".includes(character)) yield { index, mark: character };
	}
}

/** The text up to each of its closing brackets, with what was open around it closed as well. */
function closedBefore(text: string): string[] {
	const open: string[] = [];
	const candidates: string[] = [];
	for (const { index, mark } of marks(text, 0)) {
		if (mark === "{" || mark === "[") open.push(mark === "{" ? "}" : "]");
		else {
			open.pop();
			candidates.push(text.slice(0, index + 1) + [...open].reverse().join(""));
		}
	}
	return candidates;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		try {
			// Trailing commas are the commonest slip.
			return JSON.parse(text.replace(/,\s*([}\]])/g, "$1"));
		} catch {
			return undefined;
		}
	}
}
