import { clip } from "./pieces.ts";

/**
 * Bytes of an answer as it is sent, at most. Claude Code refuses an answer of more than 25,000 tokens
 * (https://code.claude.com/docs/en/mcp, "MCP output limits"); a token is seldom less than two bytes.
 */
export const maxAnswer = 40_000;

/**
 * VS Code and Claude Code show a model only the structured content, so it must hold everything; other clients show only
 * the content. The specification wants both to hold the same (2025-11-25, server/tools, "Structured Content"). They do,
 * except that the content shortens long texts further, so that they are not sent twice.
 */
const maxStructured = 24_000;
/** What stands around both in the message. */
const envelope = 300;
const maxContent = maxAnswer - maxStructured - envelope;

/** Characters of a text that is read piece by piece, and of all texts in the content together. */
export const maxTexts = 8000;

/** Characters of each text that remain, however many there are; a page of a list rather has fewer memories. */
const least = 200;
const leastOnPage = 1000;
/** Characters of the notes on an answer, which are not shortened for others' sake. */
const noteLength = 1000;

type Json = Readonly<Record<string, unknown>>;

const structuredSize = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
/** It is JSON within JSON. */
const contentSize = (value: unknown) => Buffer.byteLength(JSON.stringify(JSON.stringify(value)));

/** The largest number from `low` to `high` that fits; `low` if none does. All below one that fits do. */
export function largest(low: number, high: number, fits: (n: number) => boolean): number {
	if (high <= low || fits(high)) return Math.max(low, high);
	let [fitting, tooLarge] = [low, high];
	while (tooLarge - fitting > 1) {
		const middle = Math.floor((fitting + tooLarge) / 2);
		if (fits(middle)) fitting = middle;
		else tooLarge = middle;
	}
	return fitting;
}

/**
 * The value with texts of at most `longest` characters and lists of at most `most` items. A memory whose text is shortened
 * tells its length; metadata is not cut but left out, and its length told.
 */
function shortened(value: unknown, longest: number, most = Number.POSITIVE_INFINITY): unknown {
	if (typeof value === "string") return clip(value, longest);
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.slice(0, most).map((each) => shortened(each, longest, most));
	const entries = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
		if (name === "metadata") {
			const length = JSON.stringify(field ?? "").length;
			return length > longest ? [["metadataLength", length]] : [[name, field]];
		}
		const part: [string, unknown] = [name, shortened(field, name === "note" ? noteLength : longest, most)];
		const cut = name === "text" && typeof field === "string" && field.length > longest;
		return cut ? [part, ["textLength", field.length]] : [part];
	});
	return Object.fromEntries(entries);
}

/** @returns what fits, with a note on what does not. */
function fitted(result: Json, budget: number, longest: number, size: (value: unknown) => number): Json {
	const noted = (value: unknown) => withNote(value as Json, result);
	const fits = (length: number, most?: number) => size(noted(shortened(result, length, most))) <= budget;
	const length = largest(least, longest, (n) => fits(n));
	if (fits(length)) return noted(shortened(result, length));
	const lists = Object.values(result).filter(Array.isArray);
	const most = largest(
		0,
		lists.reduce((longestList, { length: items }) => Math.max(longestList, items), 0),
		(n) => fits(least, n),
	);
	return noted(shortened(result, least, most));
}

function withNote(value: Json, whole: Json): Json {
	const memories = memoriesOf(value);
	const short = memories.find((memory) => "textLength" in memory || "metadataLength" in memory);
	const left = memoriesOf(whole).length - memories.length;
	const notes = [
		value.note,
		short &&
			`A text with a textLength is shortened, metadata with a metadataLength is left out: get_all_memories with ${JSON.stringify({ id: short.id })} gives this one whole.`,
		left > 0 && `${left} more do not fit into one answer: ask more narrowly, or use get_all_memories.`,
	].filter(Boolean);
	return notes.length === 0 ? value : { ...value, note: notes.join(" ") };
}

function memoriesOf({ memories, deleted, ...value }: Json): readonly Json[] {
	return [memories ?? deleted ?? value].flat() as unknown as readonly Json[];
}

/** Whether a result can be sent as it is. */
export function isSendable(result: object): boolean {
	return structuredSize(result) <= maxStructured && contentSize(result) <= maxContent;
}

/** How many memories of a page fit into one answer without much of them being shortened. */
export function pageLength(memories: readonly Json[]): number {
	const fits = (count: number) => {
		// The room of a note.
		const page = { memories: memories.slice(0, count), note: "x".repeat(noteLength) };
		return (
			structuredSize(shortened(page, leastOnPage)) <= maxStructured &&
			contentSize(shortened(page, least)) <= maxContent
		);
	};
	return largest(1, memories.length, fits);
}

/** A page of a resource as it is sent: JSON within the JSON of the answer, beside its URI. */
export function documentOf(page: Json): Json {
	return fitted(page, maxAnswer - noteLength, maxAnswer, contentSize);
}

/** The result of a tool as it is sent. */
export function answerOf(result: Json) {
	const count = Array.isArray(result.memories) ? Math.max(1, result.memories.length) : 1;
	const perText = Math.max(least, Math.floor(maxTexts / count));
	const content = fitted(result, maxContent, perText, contentSize);
	return {
		structuredContent: fitted(result, maxStructured, maxStructured, structuredSize),
		content: [{ type: "text" as const, text: JSON.stringify(content) }],
	};
}
