import { asWideCondition } from "../access.ts";
import type { Distillation } from "../memoryStore.ts";
import { claimTime, isRunning } from "../processOwner.ts";
import { type OriginRow, toJournalEntry } from "../rows.ts";
import type { Database, Reader } from "./database.ts";
import { isMeantForUs, stateOf } from "./distillationState.ts";
import { linkEntities } from "./entities.ts";
import { settleSave } from "./journal.ts";
import { duplicateLock } from "./memoryTable.ts";
import { isCurrent, selectMemories } from "./rows.ts";
import { addVectorToText, claimed, commitFacts, keep, textOf } from "./settling.ts";

/** A save counts as abandoned when its process is gone or, if that is unknown, after this long, in ms. */
const abandonedAfter = 120_000;

/** Whether a claim, or none, keeps nobody from taking the save; for `dead`, the owners on this machine that are gone. */
const isFree =
	"(claimed_by IS NULL OR coalesce(claimed_until, 0) < {s}.now_ms() OR claimed_by = ANY (:dead::text[]))";

export function postgresDistillation(database: Database): Distillation {
	const { owner } = database;
	const destination = database.destinations.chat ?? null;
	return {
		async claim(userId, limit) {
			const dead = await deadOwners(database);
			return database.write(async (writer) => {
				const due = await writer.all<OriginRow & { readonly attempts: number }>(
					`UPDATE {s}.journal SET claimed_by = :owner, claimed_until = {s}.now_ms() + :claimTime::bigint WHERE id IN (
						SELECT id FROM {s}.journal WHERE distil = 'pending' AND done_at IS NOT NULL AND next_at <= {s}.now_ms()
						AND user_id = :userId AND ${isMeantForUs} AND ${isFree}
						ORDER BY next_at, received_at LIMIT :limit FOR UPDATE SKIP LOCKED
					) RETURNING *`,
					{ userId, destination, dead, limit, owner, claimTime },
				);
				const inOrder = (due as ((typeof due)[number] & { next_at: number; received_at: number })[]).sort(
					(one, other) => one.next_at - other.next_at || one.received_at - other.received_at,
				);
				return inOrder.map((row) => ({ ...toJournalEntry(row), attempts: row.attempts }));
			});
		},

		async commit(saveId, facts, keepText) {
			const save = await journaled(database, saveId);
			if (!save) return undefined;
			const locks = [save, ...facts.map(({ text }) => ({ ...save, text }))].map(duplicateLock);
			return database.write((writer) => commitFacts(database, writer, saveId, facts, keepText), locks);
		},

		async keepText(saveId, vector) {
			const save = await journaled(database, saveId);
			if (!save) return;
			await database.write(
				async (writer) => {
					const memory = (await claimed(database, writer, saveId)) && (await textOf(writer, saveId));
					if (!memory) return addVectorToText(writer, saveId, vector);
					await settleSave(writer, saveId, "done");
					await keep(database, writer, memory, vector);
				},
				[duplicateLock(save)],
			);
		},

		async postpone(saveId, { giveUp, problem, model, counts, delay }, vector) {
			await database.write(async (writer) => {
				await writer.all(
					`UPDATE {s}.journal SET distil = :distil, problem = :problem,
					tried_with = CASE WHEN :model = ANY (tried_with) THEN tried_with ELSE array_append(coalesce(tried_with, '{}'), :model::text) END,
					attempts = attempts + :counts::int, next_at = {s}.now_ms() + :delay::bigint, claimed_by = NULL
					WHERE id = :saveId AND distil = 'pending' AND claimed_by = :owner`,
					{
						saveId,
						owner,
						distil: giveUp ? "given-up" : "pending",
						problem,
						model,
						counts: counts ? 1 : 0,
						delay: Math.round(delay),
					},
				);
				await addVectorToText(writer, saveId, vector);
			});
		},

		async release(saveIds) {
			if (saveIds.length === 0) return;
			await database.write((writer) =>
				writer.all(
					"UPDATE {s}.journal SET claimed_by = NULL WHERE id = ANY (:saveIds::text[]) AND claimed_by = :owner",
					{ saveIds, owner },
				),
			);
		},

		async releaseDead() {
			const dead = await deadOwners(database);
			const orphaned = `FROM {s}.journal WHERE distil = 'pending' AND claimed_by IS NOT NULL AND ${isFree}`;
			if (!(await database.get(`SELECT 1 ${orphaned} LIMIT 1`, { dead }))) return;
			await database.write((writer) =>
				writer.all(
					`UPDATE {s}.journal SET claimed_by = NULL WHERE id IN (SELECT id ${orphaned} FOR UPDATE SKIP LOCKED)`,
					{ dead },
				),
			);
		},

		async wake(userId, model) {
			const untried = `user_id = :userId AND ${isMeantForUs} AND distil IN ('pending', 'given-up')
				AND tried_with IS NOT NULL AND NOT :model = ANY (tried_with)`;
			const parameters = { model, userId, destination };
			if (!(await database.get(`SELECT 1 FROM {s}.journal WHERE ${untried} LIMIT 1`, parameters))) return;
			await database.write((writer) =>
				// From now on the model counts as tried, or two processes with different models would wake a save in turn.
				writer.all(
					`UPDATE {s}.journal SET distil = 'pending', attempts = 0, next_at = 0, problem = NULL,
					tried_with = array_append(tried_with, :model::text) WHERE ${untried}`,
					parameters,
				),
			);
		},

		state: (userId) => stateOf(database, userId, destination),

		async takeOver(userId) {
			const taken = await database.write((writer) =>
				writer.all(
					`UPDATE {s}.journal SET meant_for = :destination::text, next_at = 0
					WHERE user_id = :userId AND distil = 'pending' AND NOT ${isMeantForUs} RETURNING id`,
					{ userId, destination },
				),
			);
			return taken.length;
		},

		async abandoned(userId) {
			const rows = await database.all<OriginRow & { readonly owner: string; readonly is_old: boolean }>(
				`SELECT *, received_at < {s}.now_ms() - ${abandonedAfter} AS is_old FROM {s}.journal
				WHERE done_at IS NULL AND user_id = :userId ORDER BY received_at`,
				{ userId },
			);
			return rows.filter((row) => row.is_old || !isRunning(row.owner)).map(toJournalEntry);
		},

		async before({ id, userId, conversationId, createdAt, visibility }, limit) {
			if (conversationId === undefined) return [];
			const rows = await database.all<{ text: string }>(
				`SELECT text FROM {s}.journal WHERE conversation_id = :conversationId AND user_id = :userId AND created_at <= :createdAt
				AND id <> :id AND distil IS NOT NULL AND ${isMeantForUs}
				AND EXISTS (SELECT 1 FROM {s}.memories m WHERE m.save_id = journal.id AND m.deleted_at IS NULL AND ${isCurrent} AND ${asWideCondition({ visibility })})
				ORDER BY created_at DESC LIMIT :limit`,
				{ conversationId, userId, createdAt, id, limit, destination, now: Date.now() },
			);
			return rows.map(({ text }) => text).reverse();
		},

		unlinked: (userId, limit) =>
			selectMemories(
				database,
				"FROM {s}.memories m WHERE m.unlinked AND m.user_id = :userId AND m.deleted_at IS NULL ORDER BY m.seq LIMIT :limit",
				{ userId, limit },
			),

		async link(memory, entities) {
			await database.write(async (writer) => {
				const linked = await writer.all(
					"UPDATE {s}.memories SET unlinked = false WHERE seq = :seq AND text = :text AND deleted_at IS NULL RETURNING seq",
					{ seq: memory.seq, text: memory.text },
				);
				if (linked.length === 1) await linkEntities(writer, memory, entities);
			});
		},
	};
}

async function journaled(reader: Reader, saveId: string) {
	const row = await reader.get<OriginRow>("SELECT * FROM {s}.journal WHERE id = :saveId", { saveId });
	return row && toJournalEntry(row);
}

/** Those on this machine whose processes are gone; on others, a claim ends by its time. */
async function deadOwners(reader: Reader): Promise<readonly string[]> {
	const rows = await reader.all<{ claimed_by: string }>(
		"SELECT DISTINCT claimed_by FROM {s}.journal WHERE distil = 'pending' AND claimed_by IS NOT NULL",
	);
	return rows.map(({ claimed_by }) => claimed_by).filter((owner) => !isRunning(owner));
}
