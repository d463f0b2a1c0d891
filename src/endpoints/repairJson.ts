export interface RepairedJson {
	readonly value: unknown;
	/** False if the end was missing; the value then holds the parts that were complete. */
	readonly whole: boolean;
}

/** Levels of JSON. No answer needs more, and whoever walks through the value may recurse. */
const deepest = 64;
/** Brackets that are tried as the beginning of the JSON, and characters that are read for it: prose has brackets, too. */
const mostOpenings = 200;
const mostRead = 4_000_000;
/** Closing brackets, from the end, up to which a text that was cut off may be complete. */
const mostEnds = 50;

export type Accept = (value: unknown, alone: boolean) => boolean;

/**
 * The JSON in a model's answer: without thoughts, code fence and prose around it, and closed if it was cut off.
 * Undefined if there is none.
 * @param accept tells which values count, since brackets in prose may happen to be JSON. `alone`: no prose is around
 * the value, or it has a code fence of its own.
 */
export function repairJson(answer: string, accept: Accept = () => true): RepairedJson | undefined {
	const text = withoutThoughts(answer);
	let openings = 0;
	let read = 0;
	for (let start = nextOpening(text, 0); start >= 0 && openings < mostOpenings && read < mostRead; ) {
		const end = endOfValue(text, start);
		openings += 1;
		read += (end ?? text.length) - start;
		const value = end === undefined ? undefined : parsed(text.slice(start, end));
		if (value !== undefined && accept(value, isAlone(text, start, end as number)))
			return { value, whole: true };
		// A value without an end was cut off. Its parts must not be taken for the answer.
		if (end === undefined && looksLikeJson(text, start))
			return rescued(text.slice(start), accept, isAlone(text, start, text.length));
		start = nextOpening(text, value === undefined ? start + 1 : (end as number));
	}
	return undefined;
}

/** The longest complete part of a text that was cut off and that can be accepted. */
function rescued(text: string, accept: Accept, alone: boolean): RepairedJson | undefined {
	for (const candidate of closedBefore(text).slice(-mostEnds).reverse()) {
		const value = parsed(candidate);
		if (value !== undefined && accept(value, alone)) return { value, whole: false };
	}
	return undefined;
}

function isAlone(text: string, start: number, end: number): boolean {
	const before = text.slice(0, start).trimEnd();
	return /^$|```\w*$/.test(before) && /^\s*(<\|\w+\|>\s*)*($|```)/.test(text.slice(end));
}

/** Prose has brackets too. */
function looksLikeJson(text: string, start: number): boolean {
	return /^(\{\s*("|$)|\[\s*([[{"]|$))/.test(text.slice(start, start + 200));
}

/**
 * Removes the thoughts of reasoning models, which come first. A model that does not close them gave no answer. Within
 * the JSON, such tags are part of somebody's text.
 */
function withoutThoughts(answer: string): string {
	const isAnswer = /^\s*([{[]|```)/.test(answer);
	const tag = /<(\/?)(think|thinking|reasoning)>/i.exec(answer);
	if (!tag || isAnswer) return answer;
	// Some chat templates drop the opening tag.
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

/** The end of the object or array that begins at `start`; undefined if it has none, or is too deep. */
function endOfValue(text: string, start: number): number | undefined {
	let depth = 0;
	for (const { index, mark } of marks(text, start)) {
		depth += mark === "{" || mark === "[" ? 1 : -1;
		if (depth > deepest) return undefined;
		if (depth === 0) return index + 1;
	}
	return undefined;
}

/** The brackets of a JSON text outside of its strings. */
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

/** The text up to each of its closing brackets, with all open brackets closed. */
function closedBefore(text: string): string[] {
	const open: string[] = [];
	const candidates: string[] = [];
	for (const { index, mark } of marks(text, 0)) {
		if (open.length > deepest) return [];
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
			// Trailing commas are the most common mistake.
			return JSON.parse(text.replace(/,\s*([}\]])/g, "$1"));
		} catch {
			return undefined;
		}
	}
}
