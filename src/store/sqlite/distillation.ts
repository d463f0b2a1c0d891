import { saysNoMoreThan } from "../../text/coverage.ts";
import { fingerprint } from "../../text/fingerprint.ts";
import { asWideCondition, widened } from "../access.ts";
import { isAsExpected } from "../changes.ts";
import type { Distillation } from "../memoryStore.ts";
import { claimTime, isRunning } from "../processOwner.ts";
import { type OriginRow, toJournalEntry, withoutNulls } from "../rows.ts";
import type { AddResult, DistillationState, Fact, StoredMemory, Vector } from "../types.ts";
import { changeMemory, remove } from "./changes.ts";
import type { Database } from "./database.ts";
import { linkEntities } from "./entities.ts";
import { addHistory } from "./history.ts";
import { settleSave } from "./journal.ts";
import { duplicateOf, findMemory, insertMemory, replaceText } from "./memoryTable.ts";
import { isCurrent, selectMemories, selectMemory } from "./rows.ts";
import { addVector } from "./vectors.ts";

/** ms after which a save counts as abandoned, unless it is known whether its process is gone. */
const abandonedAfter = 120_000;

/** Whether the endpoint of this process may have the text, as a condition on `journal`. */
export const isMeantForUs = "(meant_for IS NULL OR meant_for = :destination)";

type ClaimRow = { readonly claimed_by: string | null; readonly claimed_until: number | null };

/** Whether nobody holds the claim, or its process is gone. */
function isFree({ claimed_by, claimed_until }: ClaimRow): boolean {
	return claimed_by === null || !isRunning(claimed_by) || (claimed_until ?? 0) < Date.now();
}

export function sqliteDistillation(database: Database): Distillation {
	const { owner } = database;
	const destination = database.destinations.chat ?? null;

	const claimed = (saveId: string) => {
		const row = database.get<OriginRow>(
			"SELECT * FROM journal WHERE id = :saveId AND distil = 'pending' AND claimed_by = :owner",
			{ saveId, owner },
		);
		return row && toJournalEntry(row);
	};

	/** The memory with the text of a save, unless somebody has changed or deleted it. */
	const textOf = (saveId: string) =>
		selectMemory(
			database,
			`FROM journal j JOIN memories m ON m.save_id = j.id AND m.text = j.text
			WHERE j.id = :saveId AND m.deleted_at IS NULL`,
			{ saveId },
		);

	/** Stores the vector of the text itself. */
	const addVectorToText = (saveId: string, vector: Vector | undefined) => {
		const memory = vector && textOf(saveId);
		if (memory) addVector(database, memory, vector);
	};

	/** Keeps the text of a settled save, unless another save has brought the same meanwhile. */
	const keep = (memory: StoredMemory, vector: Vector | undefined): AddResult => {
		const duplicate = duplicateOf(database, memory, { except: memory, lasting: true });
		if (duplicate) remove(database, memory, duplicate.id);
		else if (vector) addVector(database, memory, vector);
		const known = duplicate && changeMemory(database, duplicate, widened(duplicate, memory));
		return known ? { event: "DUPLICATE", memory: known } : { event: "ADD", memory };
	};

	const becomeFact = (memory: StoredMemory, { text, vector }: Pick<Fact, "text" | "vector">, at: number) => {
		if (text !== memory.text)
			addHistory(database, memory.id, { event: "UPDATE", oldText: memory.text, newText: text });
		return replaceText(database, memory, text, vector, at);
	};

	/** The ids of those that the fact has superseded. */
	const supersede = (by: StoredMemory, userId: string, { replaces = [] }: Fact, said: readonly AddResult[]) =>
		replaces.flatMap((seen) => {
			const now = findMemory(database, seen.id, userId);
			const isSaid = said.some(({ memory }) => memory.id === seen.id);
			if (!now || now.supersededBy !== undefined || isSaid || !isAsExpected(now, seen)) return [];
			changeMemory(database, now, { supersededBy: by.id });
			return [now.id];
		});

	return {
		claim: (userId, limit) =>
			database.write(() => {
				const now = Date.now();
				const due = database
					.all<OriginRow & ClaimRow & { readonly attempts: number }>(
						`SELECT * FROM journal WHERE distil = 'pending' AND done_at IS NOT NULL AND next_at <= :now
						AND user_id = :userId AND ${isMeantForUs} ORDER BY next_at, received_at`,
						{ now, userId, destination },
					)
					.filter(isFree)
					.slice(0, limit);
				const claim = "UPDATE journal SET claimed_by = :owner, claimed_until = :until WHERE id = :id";
				for (const { id } of due) database.run(claim, { owner, until: now + claimTime, id });
				return due.map((row) => ({ ...toJournalEntry(row), attempts: row.attempts }));
			}),

		commit: (saveId, facts, keepText) =>
			database.write(() => {
				const save = claimed(saveId);
				if (!save) return undefined;
				const memory = textOf(saveId);
				if (!memory) {
					settleSave(database, saveId, "cancelled");
					return undefined;
				}
				settleSave(database, saveId, "done");
				const { id: _, ...origin } = save;
				let replaceable: StoredMemory | undefined = keepText ? undefined : memory;
				const results: AddResult[] = facts.map(({ entities, replaces: _, ...fact }) => {
					const added = { ...origin, ...fact, saveId };
					const duplicate = duplicateOf(database, added, { except: replaceable, lasting: true });
					if (duplicate) {
						// A text that was given up would be replaced if another model is tried.
						if (duplicate.saveId && duplicate.userId === save.userId)
							settleSave(database, duplicate.saveId, "cancelled");
						const memory = changeMemory(database, duplicate, widened(duplicate, added));
						return { event: "DUPLICATE", memory };
					}
					const stored = replaceable
						? becomeFact(replaceable, fact, save.createdAt)
						: insertMemory(database, added);
					replaceable = undefined;
					linkEntities(database, stored, entities);
					return { event: "ADD", memory: stored };
				});
				const factTexts = results.map(({ memory: { text } }) => text);
				// Where no fact is new, the text goes only if it adds nothing to what is known.
				if (replaceable && results.length > 0 && saysNoMoreThan(memory.text, factTexts))
					remove(database, memory, results[0]?.memory.id);
				else if (replaceable || keepText) {
					const kept = keep(memory, keepText?.vector);
					const known = results.findIndex((result) => result.memory.seq === kept.memory.seq);
					results.splice(known < 0 ? results.length : known, 1, kept);
				}
				database.run("UPDATE journal SET outcome = :outcome WHERE id = :saveId", {
					saveId,
					outcome: JSON.stringify(results.map(({ memory: { seq, text } }) => [seq, fingerprint(text)])),
				});
				return results.map((result, index) => {
					const fact = facts[index];
					const replaced = fact ? supersede(result.memory, save.userId, fact, results) : [];
					return replaced.length > 0 ? { ...result, replaced } : result;
				});
			}),

		async keepText(saveId, vector) {
			await database.write(() => {
				const memory = claimed(saveId) && textOf(saveId);
				if (!memory) return addVectorToText(saveId, vector);
				settleSave(database, saveId, "done");
				keep(memory, vector);
			});
		},

		async postpone(saveId, { giveUp, problem, model, counts, delay }, vector) {
			await database.write(() => {
				database.run(
					`UPDATE journal SET distil = :distil, problem = :problem,
					tried_with = CASE WHEN EXISTS (SELECT 1 FROM json_each(tried_with) WHERE value = :model) THEN tried_with
						ELSE json_insert(coalesce(tried_with, '[]'), '$[#]', :model) END, attempts = attempts + :counts,
					next_at = :next, claimed_by = NULL WHERE id = :saveId AND distil = 'pending' AND claimed_by = :owner`,
					{
						saveId,
						owner,
						distil: giveUp ? "given-up" : "pending",
						problem,
						model,
						counts: counts ? 1 : 0,
						next: Date.now() + delay,
					},
				);
				addVectorToText(saveId, vector);
			});
		},

		async release(saveIds) {
			if (saveIds.length === 0) return;
			await database.write(() =>
				database.run(
					"UPDATE journal SET claimed_by = NULL WHERE id IN (SELECT value FROM json_each(:ids)) AND claimed_by = :owner",
					{ ids: JSON.stringify(saveIds), owner },
				),
			);
		},

		async releaseDead() {
			const orphaned = () =>
				database
					.all<ClaimRow & { readonly id: string }>(
						"SELECT id, claimed_by, claimed_until FROM journal WHERE distil = 'pending' AND claimed_by IS NOT NULL",
					)
					.filter(isFree);
			if (orphaned().length === 0) return;
			await database.write(() => {
				for (const { id } of orphaned())
					database.run("UPDATE journal SET claimed_by = NULL WHERE id = :id", { id });
			});
		},

		async wake(userId, model) {
			const untried = `user_id = :userId AND ${isMeantForUs} AND distil IN ('pending', 'given-up') AND tried_with IS NOT NULL
				AND NOT EXISTS (SELECT 1 FROM json_each(tried_with) WHERE value = :model)`;
			if (
				database.number(`SELECT count(*) AS n FROM journal WHERE ${untried}`, {
					model,
					userId,
					destination,
				}) === 0
			)
				return;
			await database.write(() =>
				database.run(
					// From now on the model counts as tried, or two processes with different models would wake a save in turn.
					`UPDATE journal SET distil = 'pending', attempts = 0, next_at = 0, problem = NULL,
					tried_with = json_insert(tried_with, '$[#]', :model) WHERE ${untried}`,
					{ model, userId, destination },
				),
			);
		},

		async state(userId) {
			const own = "FROM journal WHERE user_id = :userId AND distil IN ('pending', 'given-up')";
			return database.read(() => {
				const row = database.get<object>(
					`SELECT count(*) FILTER (WHERE distil = 'pending') AS pending,
					count(*) FILTER (WHERE distil = 'given-up') AS givenUp,
					coalesce(max(problem) FILTER (WHERE distil = 'pending'), max(problem)) AS problem,
					min(next_at) FILTER (WHERE distil = 'pending' AND claimed_by IS NULL AND done_at IS NOT NULL) AS nextDue
					${own} AND ${isMeantForUs}`,
					{ userId, destination },
				);
				const others = database.all<{ origin: string; n: number }>(
					`SELECT meant_for AS origin, count(*) AS n ${own} AND distil = 'pending' AND NOT ${isMeantForUs} GROUP BY 1`,
					{ userId, destination },
				);
				return {
					...withoutNulls<Pick<DistillationState, "pending" | "givenUp">>(row as object),
					heldBack: others.reduce((sum, { n }) => sum + n, 0),
					heldBackFor: others.map(({ origin }) => origin),
				};
			});
		},

		async takeOver(userId) {
			const { changes } = await database.write(() =>
				database.run(
					`UPDATE journal SET meant_for = :destination, next_at = 0
					WHERE user_id = :userId AND distil = 'pending' AND NOT ${isMeantForUs}`,
					{ userId, destination },
				),
			);
			return Number(changes);
		},

		abandoned: async (userId) =>
			database
				.all<OriginRow & { owner: string; received_at: number }>(
					"SELECT * FROM journal WHERE done_at IS NULL AND user_id = :userId ORDER BY received_at",
					{ userId },
				)
				.filter((row) => !isRunning(row.owner) || row.received_at < Date.now() - abandonedAfter)
				.map(toJournalEntry),

		async before({ id, userId, conversationId, createdAt, visibility }, limit) {
			if (conversationId === undefined) return [];
			return database
				.all<{ text: string }>(
					`SELECT text FROM journal WHERE conversation_id = :conversationId AND user_id = :userId AND created_at <= :createdAt
					AND id <> :id AND distil IS NOT NULL AND ${isMeantForUs}
					AND EXISTS (SELECT 1 FROM memories m WHERE m.save_id = journal.id AND m.deleted_at IS NULL AND ${isCurrent} AND ${asWideCondition({ visibility })})
					ORDER BY created_at DESC LIMIT :limit`,
					{ conversationId, userId, createdAt, id, limit, destination, now: Date.now() },
				)
				.map(({ text }) => text)
				.reverse();
		},

		unlinked: async (userId, limit) =>
			selectMemories(
				database,
				"FROM memories m INDEXED BY memories_unlinked WHERE m.unlinked = 1 AND m.user_id = :userId AND m.deleted_at IS NULL LIMIT :limit",
				{ userId, limit },
			),

		async link(memory, entities) {
			await database.write(() => {
				const { changes } = database.run(
					"UPDATE memories SET unlinked = 0 WHERE seq = :seq AND text = :text AND deleted_at IS NULL",
					{ seq: memory.seq, text: memory.text },
				);
				if (Number(changes) === 1) linkEntities(database, memory, entities);
			});
		},
	};
}
