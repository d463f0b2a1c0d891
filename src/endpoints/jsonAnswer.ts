export interface JsonAnswer {
	readonly value: unknown;
	/** False: the end was missing; what stood complete before it is there. */
	readonly whole: boolean;
}

/**
 * The JSON in a model's answer: without the thoughts before it, out of its code fence or the prose around it, closed
 * where it was cut off. Undefined where there is none.
 * @param accept which values count: prose may hold brackets that happen to be JSON.
 */
export function parseJsonAnswer(
	answer: string,
	accept: (value: unknown) => boolean = () => true,
): JsonAnswer | undefined {
	const text = withoutThoughts(answer).replace(/<\|[a-z_]+\|>/g, "");
	for (let start = nextOpening(text, 0); start >= 0; start = nextOpening(text, start + 1)) {
		const end = endOfValue(text, start);
		const value = end === undefined ? undefined : parsed(text.slice(start, end));
		if (value !== undefined && accept(value)) return { value, whole: true };
	}
	for (let start = nextOpening(text, 0); start >= 0; start = nextOpening(text, start + 1)) {
		const rescued = rescue(text.slice(start));
		if (rescued !== undefined && accept(rescued)) return { value: rescued, whole: false };
	}
	return undefined;
}

/** Reasoning models think aloud first; a block that is not closed never came to an answer. */
function withoutThoughts(answer: string): string {
	const closed = answer.replace(/<(think|thinking|reasoning)>[\s\S]*?<\/\1>/gi, "");
	// Some templates swallow the opening tag.
	const after = closed.replace(/^[\s\S]*<\/(think|thinking|reasoning)>/i, "");
	return after.replace(/<(think|thinking|reasoning)>[\s\S]*$/i, "");
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

/** Keeps the elements that stood complete when the text was cut off, and closes what was open around them. */
function rescue(text: string): unknown {
	const open: string[] = [];
	let best: string | undefined;
	for (const { index, mark } of marks(text, 0)) {
		if (mark === "{" || mark === "[") open.push(mark === "{" ? "}" : "]");
		else {
			open.pop();
			best = text.slice(0, index + 1) + [...open].reverse().join("");
		}
	}
	return best === undefined ? undefined : parsed(best);
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
