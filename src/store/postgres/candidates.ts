import { randomUUID } from "node:crypto";
import type { Candidate, CandidateQueue, Decided, Decision, NewCandidate } from "../candidates.ts";
import {
	asJson,
	type CandidateRow,
	originColumns,
	originParameters,
	originValues,
	toCandidate,
} from "../rows.ts";
import { applyChange, deleteMemory } from "./changes.ts";
import type { Database, Writer } from "./database.ts";
import { inTurn } from "./inTurn.ts";
import { duplicateLock } from "./memoryTable.ts";
import { addAll } from "./saves.ts";

const waiting = "user_id = :userId AND outcome IS NULL";

export function postgresCandidates(database: Database): CandidateQueue {
	return {
		add: (candidates) =>
			database.write(async (writer) => {
				const added = await inTurn(candidates, (candidate) => addCandidate(writer, candidate));
				return added.filter((candidate) => candidate !== undefined);
			}),

		async list(userId, limit, { kind, below = Number.MAX_SAFE_INTEGER } = {}) {
			const rows = await database.all<CandidateRow>(
				`SELECT * FROM {s}.candidates WHERE ${waiting} AND seq < :below::bigint AND (:kind::text IS NULL OR kind = :kind)
				ORDER BY seq DESC LIMIT :limit`,
				{ userId, below, kind: kind ?? null, limit: limit + 1 },
			);
			const candidates = rows.slice(0, limit).map(toCandidate);
			const last = rows.length > limit ? candidates.at(-1) : undefined;
			return { candidates, ...(last ? { next: last.seq } : {}) };
		},

		async get(id, userId) {
			const sql = `SELECT * FROM {s}.candidates WHERE id = :id AND ${waiting}`;
			const row = await database.get<CandidateRow>(sql, { id, userId });
			return row && toCandidate(row);
		},

		count: (userId) =>
			database.number(`SELECT count(*) AS n FROM {s}.candidates WHERE ${waiting}`, { userId }),

		decide: (userId, decisions) =>
			database.write(
				(writer) => inTurn(decisions, (decision) => decide(database, writer, userId, decision)),
				decisions.flatMap(({ add = [] }) => add.map(duplicateLock)),
			),

		async reopen(ids, userId) {
			const reopened = await database.write((writer) =>
				writer.all(
					`UPDATE {s}.candidates SET outcome = NULL, decided_at = NULL
					WHERE id = ANY (:ids::text[]) AND user_id = :userId AND outcome IS NOT NULL AND text <> '' RETURNING id`,
					{ ids, userId },
				),
			);
			return reopened.length;
		},
	};
}

async function addCandidate(writer: Writer, candidate: NewCandidate): Promise<Candidate | undefined> {
	const { userId, key, kind, excerpt, why, action, concerns } = candidate;
	// What was accepted and is proposed again is wanted again: the memory it became is gone.
	await writer.all(
		"DELETE FROM {s}.candidates WHERE user_id = :userId AND key = :key AND outcome = 'accepted'",
		{ userId, key },
	);
	const row = await writer.get<CandidateRow>(
		`INSERT INTO {s}.candidates (id, kind, key, ${originColumns}, excerpt, why, action, concerns)
		VALUES (:id, :kind, :key, ${originValues}, :excerpt, :why, :action, :concerns)
		ON CONFLICT (user_id, key) DO NOTHING RETURNING *`,
		{
			...originParameters(candidate),
			id: randomUUID(),
			kind,
			key,
			excerpt: excerpt ?? null,
			why: why ?? null,
			action: action ?? null,
			concerns: asJson(concerns),
		},
	);
	return row && toCandidate(row);
}

async function decide(
	database: Database,
	writer: Writer,
	userId: string,
	decision: Decision,
): Promise<Decided | undefined> {
	const { id, outcome } = decision;
	const settled = await writer.all(
		`UPDATE {s}.candidates SET outcome = :outcome, decided_at = {s}.now_ms() WHERE id = :id AND ${waiting} RETURNING id`,
		{ id, userId, outcome },
	);
	if (settled.length === 0) return undefined;
	const changed = await inTurn(decision.change ?? [], (change) =>
		applyChange(database, writer, userId, change),
	);
	const deleted = await inTurn(decision.delete ?? [], (memory) =>
		deleteMemory(database, writer, memory, userId),
	);
	return {
		id,
		added: await addAll(database, writer, decision.add ?? []),
		changed: changed.filter((one) => one !== undefined),
		deleted: deleted.filter((one) => one !== undefined),
	};
}

/** Erases what was decided before `before` (ms since 1970), except for the keys of what was rejected. */
export async function eraseDecided(writer: Writer, userId: string, before: number): Promise<void> {
	const old = "user_id = :userId AND decided_at < :before";
	await writer.all(`DELETE FROM {s}.candidates WHERE ${old} AND outcome = 'accepted'`, { userId, before });
	await writer.all(
		`UPDATE {s}.candidates SET text = '', metadata = NULL, origin = NULL, conversation_id = NULL, excerpt = NULL, why = NULL,
		concerns = NULL WHERE ${old} AND outcome = 'rejected' AND text <> ''`,
		{ userId, before },
	);
}
