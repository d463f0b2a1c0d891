import { visibilities } from "../../store/access.ts";
import type { HistoryEntry } from "../../store/changes.ts";
import type { How, Memory, Origin } from "../../store/types.ts";
import type { FormerMemory } from "../requests.ts";
import { importedTime } from "./times.ts";

/*
 * What only a memory of ours has, in the lines of an export.
 */

const events = new Set(["ADD", "UPDATE", "DELETE", "RESTORE"]);
const hows = new Set<unknown>(["tool", "command", "cli", "hook", "capture", "import", "review"]);

type Fields = Readonly<Record<string, unknown>>;

/** The fields that `ownFields` reads. */
export const ownFieldNames = [
	"id",
	"updatedAt",
	"pinned",
	"expiresAt",
	"origin",
	"supersededBy",
	"visibility",
	"uses",
	"usedAt",
	"history",
] as const;

/** Whether a record is of an export of ours. */
export function isOwnRecord({ id, text, scope, createdAt }: Fields): boolean {
	return (
		isName(id) &&
		typeof text === "string" &&
		createdAt !== undefined &&
		(scope === "global" || scope === "project")
	);
}

/** A memory's fields beside those that any record has, for an export. */
export function ownFieldsOf(memory: Memory, history: readonly HistoryEntry[]) {
	const { pinned, expiresAt, origin, supersededBy, visibility, uses, usedAt } = memory;
	return {
		...(pinned ? { pinned } : {}),
		...(expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) }),
		...(origin ? { origin } : {}),
		...(supersededBy ? { supersededBy } : {}),
		...(visibility ? { visibility } : {}),
		...(uses ? { uses } : {}),
		...(usedAt === undefined ? {} : { usedAt: iso(usedAt) }),
		...(history.length === 0 ? {} : { history: history.map((entry) => ({ ...entry, at: iso(entry.at) })) }),
	};
}

/**
 * The fields of a record of ours. What is not as an export writes it is left out.
 * @returns also the names of what was left out.
 */
export function readOwnFields(record: Fields): {
	readonly was: FormerMemory;
	readonly origin: Origin | undefined;
	readonly dropped: readonly string[];
} {
	const dropped: string[] = [];
	const field = <T>(name: (typeof ownFieldNames)[number], read: (value: unknown) => T | undefined) => {
		const value = record[name];
		if (value === undefined || value === null) return {};
		const valid = read(value);
		if (valid === undefined) dropped.push(name);
		return valid === undefined ? {} : { [name]: valid };
	};
	const was: FormerMemory = {
		...field("id", (value) => (isName(value) ? value : undefined)),
		...field("updatedAt", time),
		...field("pinned", (value) => (value === true ? true : undefined)),
		...field("expiresAt", time),
		...field("supersededBy", (value) => (isName(value) ? value : undefined)),
		...field("visibility", (value) => visibilities.find((each) => each === value && each !== "private")),
		...field("uses", (value) =>
			Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined,
		),
		...field("usedAt", time),
		...field("history", historyOf),
	};
	const { origin } = field("origin", originOf) as { readonly origin?: Origin };
	return {
		was,
		origin,
		dropped: record.pinned === false ? dropped.filter((name) => name !== "pinned") : dropped,
	};
}

function historyOf(value: unknown): readonly HistoryEntry[] | undefined {
	if (!Array.isArray(value) || value.length > 10_000) return undefined;
	const entries = value.map(entryOf);
	return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

function entryOf(value: unknown): HistoryEntry | undefined {
	if (!isObject(value)) return undefined;
	const { event, oldText, newText, oldFields, newFields, by } = value;
	const at = time(value.at);
	const areTexts = [oldText, newText].every((text) => text === undefined || isText(text));
	const areFields = [oldFields, newFields].every((fields) => fields === undefined || isObject(fields));
	if (typeof event !== "string" || !events.has(event) || at === undefined || !areTexts || !areFields)
		return undefined;
	return {
		event,
		...(oldText === undefined ? {} : { oldText }),
		...(newText === undefined ? {} : { newText }),
		...(oldFields === undefined ? {} : { oldFields }),
		...(newFields === undefined ? {} : { newFields }),
		...(isName(by) ? { by } : {}),
		at,
	} as HistoryEntry;
}

function originOf(value: unknown): Origin | undefined {
	if (!isObject(value) || !hows.has(value.how)) return undefined;
	const { how, lines } = value;
	const names = ["client", "clientVersion", "folder", "file"].flatMap((name) =>
		isName(value[name]) ? [[name, value[name]]] : [],
	);
	const areLines = Array.isArray(lines) && lines.length === 2 && lines.every(Number.isSafeInteger);
	return {
		how: how as How,
		...Object.fromEntries(names),
		...(areLines ? { lines: [Number(lines[0]), Number(lines[1])] as const } : {}),
	};
}

function time(value: unknown): number | undefined {
	try {
		return importedTime("time", value)?.at;
	} catch {
		// It is named among what was left out.
		return undefined;
	}
}

function isObject(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value.isWellFormed() && !value.includes("\0");
}

function isName(value: unknown): value is string {
	return isText(value) && value !== "" && value.length <= 1000;
}

function iso(time: number): string {
	return new Date(time).toISOString();
}
