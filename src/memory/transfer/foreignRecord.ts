import type { ForeignMemory } from "../../store/foreignServer.ts";
import { InputError } from "../errors.ts";
import { maxTextLength } from "../input.ts";
import { type ReadRecord, readRecord } from "./record.ts";
import { importedTime } from "./times.ts";

/** What mem0 needs for its own searches. */
const derived = new Set(["hash", "data", "text_lemmatized", "textLemmatized", "user_id", "userId"]);

/**
 * A memory of mem0's, as an import takes it. Whose it becomes is decided elsewhere.
 * @throws InputError that says what is wrong with it.
 */
export function readForeign({ id, payload, length, createdAt, updatedAt }: ForeignMemory): ReadRecord {
	if (!payload)
		throw new InputError(
			"text",
			`it has ${length} characters; a memory may have ${maxTextLength}. Split it there, or leave it.`,
		);
	const { data, expiration_date: expires, ...fields } = payload;
	const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !derived.has(name)));
	const created = fields.created_at ?? fields.createdAt ?? createdAt;
	const updated = fields.updated_at ?? fields.updatedAt ?? updatedAt;
	const { created_at: _, updated_at: __, createdAt: ___, updatedAt: ____, ...metadata } = rest;
	const { requests, remarks } = readRecord(
		{ ...metadata, id, memory: data, created_at: created ?? updated },
		undefined,
	);
	const changedAt = timeOf("updated_at", updated);
	return {
		remarks,
		requests: requests.map((request) => ({
			...request,
			...(typeof expires === "string" && expires !== "" ? { expiresAt: expires } : {}),
			...(changedAt !== undefined && changedAt > Number(request.createdAt)
				? { was: { updatedAt: changedAt } }
				: {}),
		})),
	};
}

/** Undefined for what is no time: the memory is kept without it. */
function timeOf(field: string, value: unknown): number | undefined {
	try {
		return importedTime(field, value)?.at;
	} catch {
		return undefined;
	}
}
