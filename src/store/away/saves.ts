import { createHash } from "node:crypto";
import type { StoreError } from "../errors.ts";
import type { Saves } from "../memoryStore.ts";
import type { AddResult, JournalEntry, ReadBack, Stored, Vector } from "../types.ts";
import { type AwayContext, keepHere } from "./context.ts";
import { fromHere } from "./numbering.ts";
import { onDatabase } from "./onDatabase.ts";

interface StoreOptions {
	readonly distil?: boolean;
	readonly vector?: Vector;
}

export function awaySaves(context: AwayContext): Saves {
	const { remote, kept, seen } = context;

	const keep = async (entry: JournalEntry, more: StoreOptions, why?: StoreError): Promise<AddResult> => {
		const { event, memory } = await keepHere(context, why, (outbox) =>
			outbox.save(entry, memoryIdOf(entry.id), more),
		);
		// Also when another process has brought it there.
		seen.add([memory]);
		return { event, memory: fromHere(memory) };
	};

	return {
		async record(entry) {
			try {
				return await remote.write((store) => store.saves.record(entry));
			} catch (error) {
				if (!remote.isAway(error)) throw error;
				const { event, memory } = await keep(entry, {}, error);
				return event === "DUPLICATE" ? memory : undefined;
			}
		},

		async store(entry, more = {}): Promise<Stored> {
			// What `record` has kept here is here.
			const file = await kept.waiting();
			if (!file?.outbox.has(memoryIdOf(entry.id)))
				try {
					const memoryId = memoryIdOf(entry.id);
					const stored = await remote.write((store) => store.saves.store(entry, { ...more, memoryId }));
					seen.add(stored.results.map(({ memory }) => memory));
					return stored;
				} catch (error) {
					if (!remote.isAway(error)) throw error;
					return { results: [await keep(entry, more, error)], knownFacts: false };
				}
			return { results: [await keep(entry, more)], knownFacts: false };
		},

		addAll: onDatabase(remote, "saves").addAll,

		async savedText(saveId, userId) {
			const file = await kept.waiting();
			const here = await file?.store.saves.savedText(saveId, userId);
			return here ?? remote.ask((store) => store.saves.savedText(saveId, userId), context.patience.read);
		},

		async readBack(refs, space) {
			const file = await kept.waiting();
			const isHere = ({ id }: { readonly id: string }) => file?.outbox.has(id) === true;
			const [there, here] = await Promise.all([
				remote
					.ask(
						(store) =>
							store.saves.readBack(
								refs.filter((ref) => !isHere(ref)),
								space,
							),
						context.patience.read,
					)
					.catch((error: unknown) => {
						if (!remote.isAway(error)) throw error;
						// The database has acknowledged them, and went away since.
						return refs
							.filter((ref) => !isHere(ref))
							.map(({ id, userId }): ReadBack => {
								const memory = seen.get(id, userId);
								return { memory, distilling: false, awaitsVector: false };
							});
					}),
				file?.store.saves.readBack(refs.filter(isHere), space) ?? [],
			]);
			const [nextThere, nextHere] = [there.values(), here.values()];
			return refs.map((ref): ReadBack => {
				if (!isHere(ref)) return nextThere.next().value as ReadBack;
				const { memory, awaitsVector } = nextHere.next().value as ReadBack;
				const distilling = memory?.saveId !== undefined && file?.outbox.isToDistil(memory.saveId) === true;
				return { memory: memory && fromHere(memory), distilling, awaitsVector };
			});
		},
	};
}

/** The same wherever a save is stored, so that whoever has the id finds the memory before and after it is delivered. */
function memoryIdOf(saveId: string): string {
	const hash = createHash("sha256").update(`memory of ${saveId}`).digest("hex");
	// As a UUID of version 8, which is free to be made in any way.
	return [
		hash.slice(0, 8),
		hash.slice(8, 12),
		`8${hash.slice(13, 16)}`,
		`a${hash.slice(17, 20)}`,
		hash.slice(20, 32),
	].join("-");
}
