import type { Project } from "../../store/types.ts";
import { InputError } from "../errors.ts";
import { checkedMetadata } from "../input.ts";
import type { ImportRequest } from "../requests.ts";
import { sentencesOf } from "./graph.ts";
import { isOwnRecord, ownFieldNames, readOwnFields } from "./ownRecord.ts";
import { sourceOf } from "./recordSource.ts";
import { importedTime } from "./times.ts";

/** What an import tells of a record that it takes in. */
export interface Remark {
	/**
	 * - `metadata`, `dropped`: a field that no memory has, and where it went.
	 * - `local-time`: a time without a zone. `odd-time`: one in the future, or before there were such programs.
	 * - `number-as-text`: a number that would have lost digits.
	 * - `deleted`: it is left out, because its program shows it no more.
	 * - `forgotten`: it is no memory, but told a program to forget one.
	 * - `lost-letters`: the text holds U+FFFD, which takes the place of letters that another program could not read.
	 */
	readonly kind:
		| "metadata"
		| "dropped"
		| "local-time"
		| "odd-time"
		| "number-as-text"
		| "deleted"
		| "forgotten"
		| "lost-letters";
	/** Of `metadata` and `dropped`. */
	readonly field?: string;
}

export interface ReadRecord {
	readonly requests: readonly ImportRequest[];
	readonly remarks: readonly Remark[];
}

/** The names that other memories give to our fields, best first. */
const names = {
	text: ["text", "memory", "content", "data", "fact"],
	created: ["createdAt", "created_at", "created_at_iso", "created", "timestamp", "date"],
	updated: ["updatedAt", "updated_at", "updated_at_iso", "updated"],
	conversation: ["conversation", "conversationId", "conversation_id"],
} as const;
/** What would be wrong in metadata: our memories have ids of their own, and hashes and scores change. */
const neverKept = /^(id|score|embedding|vector)$|(^|_)hash$/;
/** The longest JSON of a field that goes to metadata, in characters. */
const longestField = 1000;
/** Characters of a conversation's id, and of a project's id and name. */
const longestName = 1000;
const firstPlausible = Date.UTC(1990, 0);
/** Clocks differ. */
const tolerance = 86_400_000;

/**
 * Reads a record of an export of ours, or of another memory.
 * @param current the project of a record with the scope "project" that names none.
 * @throws InputError that says what is wrong with it. Its field is "shape" where there is no memory in it at all.
 */
export function readRecord(
	value: unknown,
	current: Project | undefined,
	now: number = Date.now(),
): ReadRecord {
	if (typeof value === "string") return readRecord({ text: value }, current, now);
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw new InputError("record", 'it is not a JSON object such as {"text": "…"}.');
	const record = value as Record<string, unknown>;
	if (isDeleted(record)) return { requests: [], remarks: [{ kind: "deleted" }] };
	const sentences = hasText(record) ? undefined : sentencesOf(record);
	if (!sentences) return readMemory(record, current, now);
	const { texts, rest } = sentences;
	const read = texts.map((text) => readMemory({ ...rest, text }, current, now));
	return { requests: read.flatMap(({ requests }) => requests), remarks: read[0]?.remarks ?? [] };
}

/** Whether a value is a memory, not a document with a list of some. */
export function isMemory(value: unknown): boolean {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
	const record = value as Record<string, unknown>;
	return hasText(record) || sentencesOf(record) !== undefined;
}

function hasText(record: Readonly<Record<string, unknown>>): boolean {
	return names.text.some((name) => typeof record[name] === "string");
}

function isDeleted({ state, is_deleted, deleted, deleted_at }: Readonly<Record<string, unknown>>): boolean {
	const isSet = [is_deleted, deleted].some((value) => value === true || value === 1);
	return isSet || state === "deleted" || !isEmpty(deleted_at);
}

function readMemory(
	record: Readonly<Record<string, unknown>>,
	current: Project | undefined,
	now: number,
): ReadRecord {
	const remarks: Remark[] = [];
	const taken = new Set<string>(["scope", "metadata"]);
	/** The first of the names whose field says something. */
	const first = (candidates: readonly string[], fits = (value: unknown) => !isEmpty(value)) => {
		const name = candidates.find((each) => Object.hasOwn(record, each) && fits(record[each]));
		if (name !== undefined) taken.add(name);
		return name;
	};
	const textField =
		first(names.text, (value) => typeof value === "string" && value.trim() !== "") ??
		first(names.text, (value) => typeof value === "string");
	if (textField === undefined) throw noText(record);
	const text = record[textField] as string;
	if (text.includes("\ufffd")) remarks.push({ kind: "lost-letters" });

	const timeField = first(names.created) ?? first(names.updated);
	const time = timeField === undefined ? undefined : importedTime(timeField, record[timeField]);
	if (time?.isLocal) remarks.push({ kind: "local-time" });
	if (time && (time.at > now + tolerance || time.at < firstPlausible)) remarks.push({ kind: "odd-time" });

	const conversationField = first(names.conversation);
	const conversation = conversationField === undefined ? undefined : record[conversationField];
	if (conversation !== undefined && !isName(conversation))
		throw new InputError(
			"conversation",
			`${conversationField} is not a string of up to ${longestName} characters.`,
		);
	const own = isOwnRecord(record) ? readOwnFields(record) : undefined;
	if (own) for (const name of ownFieldNames) if (!own.dropped.includes(name)) taken.add(name);
	const source = own ? undefined : sourceOf(record);
	if (source?.id !== undefined) taken.add(source.field);
	const isOfProject = record.scope === "project";
	const project = isOfProject ? (projectFrom(record.project) ?? current) : undefined;
	if (isOfProject) taken.add("project");

	const isTold = (name: string, value: unknown) =>
		value === text || (isTime(name) && time !== undefined && isSameTime(name, value, time.at));
	const others = Object.entries(record).filter(
		([name, value]) => !taken.has(name) && !isEmpty(value) && !isTold(name, value),
	);
	const { metadata, dropped } = withOthers(record.metadata, others);
	for (const [field] of others) remarks.push({ kind: dropped.has(field) ? "dropped" : "metadata", field });
	const request = {
		text,
		scope: record.scope ?? undefined,
		createdAt: time?.at,
		metadata: withSource(metadata, source),
		project,
		conversationId: conversation as string | undefined,
		...(own ? { was: own.was, origin: own.origin } : {}),
	};
	return { requests: [request], remarks };
}

/** A source that would make the metadata too long is left out. */
function withSource(
	metadata: Readonly<Record<string, unknown>> | undefined,
	source: ReturnType<typeof sourceOf>,
): Readonly<Record<string, unknown>> | undefined {
	if (!source || (metadata && Object.hasOwn(metadata, "source"))) return metadata;
	const { format, id } = source;
	try {
		return (
			checkedMetadata({ ...metadata, source: { format, ...(id === undefined ? {} : { id }) } }) ?? metadata
		);
	} catch {
		return metadata;
	}
}

/** The metadata with those other fields that fit in, and the names of those that do not. */
function withOthers(metadata: unknown, others: readonly (readonly [name: string, value: unknown])[]) {
	const given = checkedMetadata(metadata) ?? {};
	const dropped = new Set(
		others.filter(([name, value]) => Object.hasOwn(given, name) || !fits(name, value)).map(([name]) => name),
	);
	const all = { ...given, ...Object.fromEntries(others.filter(([name]) => !dropped.has(name))) };
	try {
		return { metadata: checkedMetadata(all), dropped };
	} catch {
		// All of them together are too much; one of them alone is not.
		return { metadata: given, dropped: new Set(others.map(([name]) => name)) };
	}
}

function fits(name: string, value: unknown): boolean {
	if (neverKept.test(name) || isTime(name)) return false;
	try {
		return JSON.stringify(checkedMetadata({ [name]: value })).length <= longestField;
	} catch {
		return false;
	}
}

/** Whether programs give this name to a time. */
export function isTime(name: string): boolean {
	return [...names.created, ...names.updated].some((each) => each === name);
}

/** Whether another field has the same time, as programs write it twice. */
function isSameTime(field: string, value: unknown, at: number): boolean {
	try {
		return Math.abs((importedTime(field, value)?.at ?? at) - at) < 1000;
	} catch {
		return false;
	}
}

function noText(record: object): InputError {
	const fields = Object.keys(record).slice(0, 8).join(", ");
	const has = fields === "" ? "it has no fields" : `it has ${fields}`;
	return new InputError("shape", `it has no text: none of ${names.text.join(", ")} is a string (${has}).`);
}

/** Nothing that could be lost. */
function isEmpty(value: unknown): boolean {
	if (value === undefined || value === null || value === "") return true;
	return typeof value === "object" && Object.keys(value).length === 0;
}

function projectFrom(value: unknown): Project | undefined {
	if (value === undefined || value === null) return undefined;
	const { id, name } = value as Record<string, unknown>;
	if (isName(id) && id !== "") return { id, name: isName(name) && name !== "" ? name : id };
	throw new InputError(
		"project",
		'project is not an object such as {"id": "github.com/owner/repository", "name": "repository"}.',
	);
}

function isName(value: unknown): value is string {
	return (
		typeof value === "string" && value.length <= longestName && !value.includes("\0") && value.isWellFormed()
	);
}
