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
import type { Database } from "./database.ts";
import { addMemory } from "./saves.ts";

export function sqliteCandidates(database: Database): CandidateQueue {
	const waiting = "user_id = :userId AND outcome IS NULL";

	const add = (candidate: NewCandidate): Candidate | undefined => {
		const { userId, key, kind, excerpt, why, action, concerns } = candidate;
		// What was accepted and is proposed again is wanted again: the memory it became is gone.
		database.run("DELETE FROM candidates WHERE user_id = :userId AND key = :key AND outcome = 'accepted'", {
			userId,
			key,
		});
		const row = database.get<CandidateRow>(
			`INSERT INTO candidates (id, kind, key, ${originColumns}, excerpt, why, action, concerns)
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
	};

	const decide = (userId: string, decision: Decision): Decided | undefined => {
		const { id, outcome } = decision;
		const { changes } = database.run(
			`UPDATE candidates SET outcome = :outcome, decided_at = :now WHERE id = :id AND ${waiting}`,
			{ id, userId, outcome, now: Date.now() },
		);
		if (Number(changes) === 0) return undefined;
		const changed = (decision.change ?? []).map((change) => applyChange(database, userId, change));
		const deleted = (decision.delete ?? []).map((memory) => deleteMemory(database, memory, userId));
		return {
			id,
			added: (decision.add ?? []).map((memory) => addMemory(database, memory)),
			changed: changed.filter((one) => one !== undefined),
			deleted: deleted.filter((one) => one !== undefined),
		};
	};

	return {
		add: (candidates) =>
			database.write(() => candidates.map(add).filter((candidate) => candidate !== undefined)),

		async list(userId, limit, { kind, below = Number.MAX_SAFE_INTEGER } = {}) {
			const rows = database.all<CandidateRow>(
				`SELECT * FROM candidates WHERE ${waiting} AND seq < :below AND (:kind IS NULL OR kind = :kind)
				ORDER BY seq DESC LIMIT :limit`,
				{ userId, below, kind: kind ?? null, limit: limit + 1 },
			);
			const candidates = rows.slice(0, limit).map(toCandidate);
			const last = rows.length > limit ? candidates.at(-1) : undefined;
			return { candidates, ...(last ? { next: last.seq } : {}) };
		},

		async get(id, userId) {
			const row = database.get<CandidateRow>(`SELECT * FROM candidates WHERE id = :id AND ${waiting}`, {
				id,
				userId,
			});
			return row && toCandidate(row);
		},

		count: async (userId) =>
			database.number(`SELECT count(*) AS n FROM candidates WHERE ${waiting}`, { userId }),

		decide: (userId, decisions) =>
			database.write(() => decisions.map((decision) => decide(userId, decision))),

		async reopen(ids, userId) {
			const { changes } = await database.write(() =>
				database.run(
					`UPDATE candidates SET outcome = NULL, decided_at = NULL
					WHERE id IN (SELECT value FROM json_each(:ids)) AND user_id = :userId AND outcome IS NOT NULL AND text <> ''`,
					{ ids: JSON.stringify(ids), userId },
				),
			);
			return Number(changes);
		},
	};
}

/**
 * Within a write: erases what was decided before `before` (ms since 1970), except for the keys of what was rejected.
 * @returns how many.
 */
export function eraseDecided(database: Database, userId: string, before: number): number {
	const old = "user_id = :userId AND decided_at < :before";
	const accepted = database.run(`DELETE FROM candidates WHERE ${old} AND outcome = 'accepted'`, {
		userId,
		before,
	});
	const rejected = database.run(
		`UPDATE candidates SET text = '', metadata = NULL, origin = NULL, conversation_id = NULL, excerpt = NULL, why = NULL,
		concerns = NULL WHERE ${old} AND outcome = 'rejected' AND text <> ''`,
		{ userId, before },
	);
	return Number(accepted.changes) + Number(rejected.changes);
}
