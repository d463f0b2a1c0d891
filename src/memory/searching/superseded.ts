import { contentTerms } from "../../text/terms.ts";
import { differ, type Measure, measuresIn } from "./measures.ts";
import type { RankedMemory } from "./rankedMemory.ts";

/*
 * Which memories a newer one has replaced. By rule, and only where it is certain: the same subject and a relation that
 * has one value at a time, or a newer text that names what it replaces.
 */

/** Relations with one value at a time, in the words that tell them. */
const relations: readonly RegExp[] = [
	/^(.{1,60}?) (?:now |currently |has |have |recently )*(?:lives? in|living in|resides? in|(?:has |have )?moved to|relocated to) (.+)$/i,
	/^(.{1,60}?) (?:now |currently |has |have |recently )*(?:works? (?:at|for)|is employed (?:at|by)|joined(?! (?:an?|the) )) (.+)$/i,
];

/** Of these things there is one at a time. */
const attributes =
	`address|birthday|branch|budget|bundler|colou?r|database|deadline|default|director|editor|email|formatter|
	framework|host|hostname|ide|job|language|lead|leader|limit|linter|manager|name|nickname|number|orm|owner|password|phone|plan|port|
	price|priority|provider|region|release date|registry|role|runner|salary|schedule|shell|size|status|target|theme|threshold|
	time ?zone|timeout|title|url|version`.replace(/\s*\n\s*/g, "");
const attribute = new RegExp(
	`^(.{0,60}?\\b(?:${attributes})) (?:is|are|was|will be|has been|is now|was (?:changed|moved|set|switched|updated) to|(?:has )?changed to|is set to|runs on|listens on) (.+)$`,
	"i",
);

/** What a newer text says it replaces: at most three words after these. */
const replaced =
	/\b(?:(?:switched|migrated|moved|changed|upgraded|went|renamed)\b.{0,60}?\bfrom|instead of|replac(?:ed|es|ing)|no longer uses?|in place of|away from)\s+(?:the |a |an )?([\p{L}\p{N}.#+_-]+(?:\s[\p{L}\p{N}.#+_-]+){0,2}?)(?=\s+(?:to|with|by|for|in|on|as|and|because|since)\b|[,;.]?\s*$|[,;]|\.\s)/iu;

/** What an older text says has replaced it. */
const successor =
	/\b(?:replaced|superseded) (?:by|with)\s+(?:the |a |an )?([\p{L}\p{N}.#+_-]+(?:\s[\p{L}\p{N}.#+_-]+){0,2}?)(?=\s+(?:for|in|on|as|and|because|since|with)\b|[,;.]?\s*$|[,;]|\.\s)/iu;

const pastWords =
	/\b(before|previous|previously|formerly|former|used to|old|older|earlier|originally|original|initially|prior|past|at first|history)\b/i;

/** Whether a query is for what was, rather than for what is. */
export function asksForPast(query: string): boolean {
	return pastWords.test(query);
}

interface Statement {
	readonly kind: number;
	readonly subject: string;
	readonly object: string;
}

/** For each memory that a newer one of the same list has replaced, the newest such. */
export function successors(memories: readonly Pick<RankedMemory, "memory">[]): ReadonlyMap<number, number> {
	const told = memories.map(({ memory }) => ({
		memory,
		statement: statementOf(memory.text),
		replaced: contentTerms(replaced.exec(memory.text)?.[1] ?? ""),
		successor: contentTerms(successor.exec(memory.text)?.[1] ?? ""),
		measures: measuresIn(memory.text),
	}));
	const anyNamed = told.some((one) => one.replaced.length + one.successor.length > 0);
	const read = told.map((one) => ({ ...one, content: anyNamed ? contentTerms(one.memory.text) : [] }));
	const result = new Map<number, number>();
	const newestFirst = read.toSorted((a, b) => b.memory.createdAt - a.memory.createdAt);
	for (const older of read) {
		const newer = newestFirst.find(
			(one) =>
				one.memory.createdAt > older.memory.createdAt &&
				(says(one, older) ||
					names(one, older) ||
					isNamedBy(one, older) ||
					differ(one.measures, older.measures)),
		);
		if (newer) result.set(older.memory.seq, newer.memory.seq);
	}
	return result;
}

/** Puts each memory behind the one that replaced it, unless the query asks for what was before. */
export function newestFirst(
	query: string,
	ranked: readonly RankedMemory[],
	replacedBy: ReadonlyMap<number, number>,
): readonly RankedMemory[] {
	if (replacedBy.size === 0 || asksForPast(query)) return ranked;
	const list = [...ranked];
	for (const [older, newer] of replacedBy) {
		const from = list.findIndex(({ memory }) => memory.seq === newer);
		const to = list.findIndex(({ memory }) => memory.seq === older);
		const [one, other] = [list[from], list[to]];
		if (!one || !other || from < to) continue;
		list.splice(from, 1);
		list.splice(to, 0, { ...one, newer: one.newer + other.sum - one.sum, sum: other.sum });
	}
	return list;
}

interface Read {
	readonly statement: Statement | undefined;
	readonly replaced: readonly string[];
	readonly successor: readonly string[];
	readonly measures: readonly Measure[];
	readonly content: readonly string[];
}

/** The same of the same subject, with another value. */
function says({ statement: newer }: Read, { statement: older }: Read): boolean {
	return (
		newer !== undefined &&
		older !== undefined &&
		newer.kind === older.kind &&
		newer.subject === older.subject &&
		newer.object !== older.object
	);
}

function names(newer: Read, older: Read): boolean {
	const { replaced: old } = newer;
	if (old.length === 0 || !old.every((term) => older.content.includes(term))) return false;
	// "Switched the linter from A to B" replaces "The linter is A", not everything that mentions A.
	const shared = older.content.filter((term) => !old.includes(term) && newer.content.includes(term));
	const saysSoItself = older.replaced.some((term) => newer.content.includes(term));
	return shared.length > 0 && !saysSoItself && older.content.length <= old.length + shared.length + 3;
}

/** "Previously used TSLint. Replaced by ESLint" is over where a newer text on the same tells of ESLint. */
function isNamedBy(newer: Read, { successor: by, content }: Read): boolean {
	if (by.length === 0 || !by.every((term) => newer.content.includes(term))) return false;
	return content.some((term) => !by.includes(term) && newer.content.includes(term));
}

function statementOf(text: string): Statement | undefined {
	const plain = text.trim().replace(/[.!]+$/, "");
	if (/[.!?;]\s/.test(plain) || plain.length > 200) return undefined;
	const patterns = [attribute, ...relations];
	for (const [kind, pattern] of patterns.entries()) {
		const [, subject, object] = pattern.exec(plain) ?? [];
		if (subject === undefined || object === undefined) continue;
		// "The database is slow" names no value.
		if (kind === 0 && !/[\p{Lu}\p{N}]/u.test(object)) continue;
		return { kind, subject: subjectOf(subject), object: contentTerms(object).join(" ") };
	}
	return undefined;
}

/** First persons are the user. */
function subjectOf(words: string): string {
	const plain = words
		.toLowerCase()
		.replace(/['’]s\b/g, "")
		.replace(/^(?:we|i|the user|user)$|\b(?:my|our|the user|user)\b/g, "user");
	const terms = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => !/^(?:the|a|an|of|for|now|)$/.test(word));
	return terms
		.filter((term) => terms.length === 1 || term !== "user")
		.toSorted()
		.join(" ");
}
