import { saysNoMoreThan } from "../../text/coverage.ts";
import { fingerprint } from "../../text/fingerprint.ts";
import { widened } from "../access.ts";
import { isAsExpected } from "../changes.ts";
import { type OriginRow, toJournalEntry } from "../rows.ts";
import type { AddResult, Fact, StoredMemory, Vector } from "../types.ts";
import { changeMemory, lockMemory, remove } from "./changes.ts";
import type { Database, Writer } from "./database.ts";
import { linkEntities } from "./entities.ts";
import { addHistory } from "./history.ts";
import { insertMemory } from "./insertion.ts";
import { settleSave } from "./journal.ts";
import { duplicateOf, replaceText } from "./memoryTable.ts";
import { selectMemory } from "./rows.ts";
import { addVector } from "./vectors.ts";

/*
 * The end of a claimed save: its facts take the place of its text, or the text stays. All within the caller's write.
 */

/** The save, whose row nobody else changes meanwhile, if this process holds the claim. */
export async function claimed({ owner }: Database, writer: Writer, saveId: string) {
	const row = await writer.get<OriginRow>(
		"SELECT * FROM {s}.journal WHERE id = :saveId AND distil = 'pending' AND claimed_by = :owner FOR UPDATE",
		{ saveId, owner },
	);
	return row && toJournalEntry(row);
}

/** The memory with the text of a save, unless somebody has changed or deleted it. */
export function textOf(writer: Writer, saveId: string): Promise<StoredMemory | undefined> {
	return selectMemory(
		writer,
		`FROM {s}.journal j JOIN {s}.memories m ON m.save_id = j.id AND m.text = j.text
		WHERE j.id = :saveId AND m.deleted_at IS NULL LIMIT 1 FOR UPDATE OF m`,
		{ saveId },
	);
}

/** Stores the vector of the text itself. */
export async function addVectorToText(
	writer: Writer,
	saveId: string,
	vector: Vector | undefined,
): Promise<void> {
	const memory = vector && (await textOf(writer, saveId));
	if (memory) await addVector(writer, memory, vector);
}

/** Keeps the text of a settled save, unless another save has brought the same meanwhile. */
export async function keep(
	database: Database,
	writer: Writer,
	memory: StoredMemory,
	vector: Vector | undefined,
): Promise<AddResult> {
	const duplicate = await duplicateOf(writer, memory, { except: memory, lasting: true });
	if (duplicate) await remove(database, writer, memory, duplicate.id);
	else if (vector) await addVector(writer, memory, vector);
	if (!duplicate) return { event: "ADD", memory };
	const known = await changeMemory(database, writer, duplicate, widened(duplicate, memory));
	return { event: "DUPLICATE", memory: known };
}

export async function commitFacts(
	database: Database,
	writer: Writer,
	saveId: string,
	facts: readonly Fact[],
	keepText: { readonly vector?: Vector | undefined } | undefined,
): Promise<readonly AddResult[] | undefined> {
	const save = await claimed(database, writer, saveId);
	if (!save) return undefined;
	const memory = await textOf(writer, saveId);
	if (!memory) {
		await settleSave(writer, saveId, "cancelled");
		return undefined;
	}
	await settleSave(writer, saveId, "done");
	const { id: _, ...origin } = save;
	let replaceable: StoredMemory | undefined = keepText ? undefined : memory;
	const results: AddResult[] = [];
	for (const { entities, replaces: _, ...fact } of facts) {
		const added = { ...origin, ...fact, saveId };
		const duplicate = await duplicateOf(writer, added, { except: replaceable, lasting: true });
		if (duplicate) {
			// A text that was given up would be replaced if another model is tried.
			if (duplicate.saveId && duplicate.userId === save.userId)
				await settleSave(writer, duplicate.saveId, "cancelled");
			const known = await changeMemory(database, writer, duplicate, widened(duplicate, added));
			results.push({ event: "DUPLICATE", memory: known });
			continue;
		}
		const stored = replaceable
			? await becomeFact(database, writer, replaceable, fact, save.createdAt)
			: await insertMemory(database, writer, added);
		replaceable = undefined;
		await linkEntities(writer, stored, entities);
		results.push({ event: "ADD", memory: stored });
	}
	const factTexts = results.map((result) => result.memory.text);
	// Where no fact is new, the text goes only if it adds nothing to what is known.
	if (replaceable && results.length > 0 && saysNoMoreThan(memory.text, factTexts))
		await remove(database, writer, memory, results[0]?.memory.id);
	else if (replaceable || keepText) {
		const kept = await keep(database, writer, memory, keepText?.vector);
		const known = results.findIndex((result) => result.memory.seq === kept.memory.seq);
		results.splice(known < 0 ? results.length : known, 1, kept);
	}
	await writer.all("UPDATE {s}.journal SET outcome = :outcome::jsonb WHERE id = :saveId", {
		saveId,
		outcome: JSON.stringify(results.map((result) => [result.memory.seq, fingerprint(result.memory.text)])),
	});
	for (const [index, fact] of facts.entries()) {
		const result = results[index] as AddResult;
		const replaced = await supersede(database, writer, result.memory, save.userId, fact, results);
		if (replaced.length > 0) results[index] = { ...result, replaced };
	}
	return results;
}

/** @returns the ids of those that the fact has superseded. */
async function supersede(
	database: Database,
	writer: Writer,
	by: StoredMemory,
	userId: string,
	{ replaces = [] }: Fact,
	said: readonly AddResult[],
): Promise<readonly string[]> {
	const superseded: string[] = [];
	for (const seen of replaces) {
		if (said.some(({ memory }) => memory.id === seen.id)) continue;
		const now = await lockMemory(writer, seen.id, userId, "change");
		if (!now || now.supersededBy !== undefined || !isAsExpected(now, seen)) continue;
		await changeMemory(database, writer, now, { supersededBy: by.id });
		superseded.push(now.id);
	}
	return superseded;
}

async function becomeFact(
	database: Database,
	writer: Writer,
	memory: StoredMemory,
	{ text, vector }: Pick<Fact, "text" | "vector">,
	at: number,
): Promise<StoredMemory> {
	if (text !== memory.text)
		await addHistory(writer, memory.id, { event: "UPDATE", oldText: memory.text, newText: text });
	return replaceText(database, writer, memory, text, { vector, at });
}
