import type { HistoryEntry } from "../../store/changes.ts";
import type { Memory, Project } from "../../store/types.ts";
import { InputError } from "../errors.ts";
import { ownFieldsOf } from "./ownRecord.ts";
import { isTime, type ReadRecord, readRecord } from "./record.ts";
import type { ExportedMemory } from "./transfer.ts";

/** A memory as one line of an export, which an import reads back. */
export function toRecord(memory: Memory, history: readonly HistoryEntry[]) {
	return {
		id: memory.id,
		text: memory.text,
		scope: memory.scope,
		...(memory.project ? { project: memory.project } : {}),
		createdAt: new Date(memory.createdAt).toISOString(),
		...(memory.updatedAt > memory.createdAt ? { updatedAt: new Date(memory.updatedAt).toISOString() } : {}),
		...(memory.conversationId ? { conversation: memory.conversationId } : {}),
		...(memory.metadata ? { metadata: memory.metadata } : {}),
		...ownFieldsOf(memory, history),
	};
}

/** Every memory of every project, newest first, loaded page by page. */
export async function* exportRecords(memory: {
	readonly transfer: { all(): AsyncIterable<ExportedMemory> };
}) {
	for await (const each of memory.transfer.all()) yield toRecord(each.memory, each.history);
}

/** What numbers look like that may not fit in a JavaScript number. */
const largeNumber = /(?<![.\d])\d{16,}(?![.\d])|\d[eE]\+?\d{3}/;

/**
 * Reads the JSON of a record: a line of an export, or of one that somebody wrote. Numbers that would lose digits, or all of
 * their value, become text.
 * @param current the project of a record with the scope "project" that names none.
 * @throws InputError that says what is wrong with the record.
 */
export function parseRecord(json: string, current: Project | undefined): ReadRecord {
	try {
		const value = JSON.parse(json) as unknown;
		if (!largeNumber.test(json)) return readRecord(value, current);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		// The whole message would quote the text.
		const [where = ""] = /at position \d+/.exec(String(error)) ?? [];
		throw new InputError("record", `it is not JSON${where && ` (${where})`}.`);
	}
	let changed = false;
	const keepDigits = (name: string, value: unknown, { source = "" }: { source?: string } = {}) => {
		if (typeof value !== "number" || isTime(name)) return value;
		if (Number.isFinite(value) && (!/^-?\d+$/.test(source) || String(value) === source)) return value;
		changed = true;
		return source;
	};
	const read = readRecord(parseDeep(json, keepDigits), current);
	return changed ? { ...read, remarks: [...read.remarks, { kind: "number-as-text" }] } : read;
}

function parseDeep(json: string, reviver: (name: string, value: unknown) => unknown): unknown {
	try {
		return JSON.parse(json, reviver);
	} catch {
		// It is JSON, but a reviver recurses.
		throw new InputError("record", "it has too many levels. Make it flatter.");
	}
}
