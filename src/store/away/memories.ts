import { userIdOf, type Viewer } from "../access.ts";
import { StoreError } from "../errors.ts";
import type { Memories, MemoryStore } from "../memoryStore.ts";
import { type AwayContext, askBoth, keepHere } from "./context.ts";
import { mergedCounts, mergedGroups, mergedPages, pageFromHere } from "./merging.ts";
import { asHere, fromHere, positions } from "./numbering.ts";
import { onDatabase } from "./onDatabase.ts";
import type { KnownMemories, Outbox } from "./outbox.ts";

export function awayMemories(context: AwayContext): Memories {
	const { remote, kept, seen, delivery, patience } = context;

	/**
	 * Changes memories in the database or, if it is away or an earlier change of one of them still waits, here.
	 * @param here changes them here.
	 */
	const change = async <T>(
		ids: readonly string[],
		viewer: Viewer,
		there: (store: MemoryStore) => Promise<T>,
		here: (outbox: Outbox, known: KnownMemories) => Promise<T>,
	): Promise<T> => {
		await delivery.first();
		// What others share is changed only in the database.
		const userId = userIdOf(viewer);
		const waiting = await kept.waiting();
		let away: StoreError | undefined;
		if (!ids.some((id) => waiting?.outbox.has(id)))
			try {
				return await remote.write(there);
			} catch (error) {
				if (!remote.isAway(error)) throw error;
				// Nobody who has not seen a memory can tell later whether it was changed meanwhile.
				const unseen = ids.find((id) => !seen.get(id, userId));
				if (unseen !== undefined) throw notSeen(error, unseen);
				away = error;
			}
		return keepHere(context, away, (outbox) => here(outbox, seen.of(ids, userId)));
	};

	/** The id by which a memory is known now. */
	const landedAs = async (id: string) => {
		const outbox = (await kept.ifAny())?.outbox;
		return !outbox || outbox.has(id) ? id : outbox.landedAs(id);
	};

	return {
		...onDatabaseOnly(context),

		async get(given, viewer) {
			await delivery.first();
			const id = await landedAs(given);
			const file = await kept.waiting();
			if (file?.outbox.has(id)) {
				const memory = await file.store.memories.get(id, viewer);
				return memory && fromHere(memory);
			}
			try {
				const memory = await remote.ask((store) => store.memories.get(id, viewer), patience.read);
				seen.add([memory]);
				return memory;
			} catch (error) {
				const known = seen.get(id, userIdOf(viewer));
				if (!remote.isAway(error) || !known) throw error;
				return known;
			}
		},

		async list(filter, limit, options = {}) {
			const after = positions(options.after);
			const { there, here, file, problem } = await askBoth(context, (store, isHere) =>
				store.memories.list(filter, limit, { ...options, after: isHere ? after.here : after.there }),
			);
			seen.add(there?.memories ?? []);
			if (there && (!here || !file)) return there;
			if (!there && here) return { ...pageFromHere(here), ...(problem ? { onlyHere: problem } : {}) };
			const { outbox } = file as NonNullable<typeof file>;
			// The database counts those that were changed here.
			const total = Math.max(0, (here?.total ?? 0) - outbox.copies(filter.userId));
			const added = { ...here, total } as NonNullable<typeof here>;
			const order = options.order ?? "newest";
			return mergedPages(there as NonNullable<typeof there>, added, order, limit, outbox.ids());
		},

		async proposed(...page) {
			try {
				return await remote.ask((store) => store.memories.proposed(...page), patience.read);
			} catch (error) {
				// Until it is back, nobody can decide.
				if (!remote.isAway(error)) throw error;
				return { memories: [], total: 0 };
			}
		},

		async counts(viewer, project) {
			const { there, here, file } = await askBoth(context, (store) => store.memories.counts(viewer, project));
			if (!there) return here as NonNullable<typeof here>;
			return file ? mergedCounts(there, file.outbox.added(userIdOf(viewer), project?.id)) : there;
		},

		async groups(userId, by, limit, after) {
			const { there, here, problem } = await askBoth(context, (store) =>
				store.memories.groups(userId, by, limit, after),
			);
			if (!there && here) return { ...here, ...(problem ? { onlyHere: problem } : {}) };
			if (!there) return { groups: [] };
			return here && after === undefined ? mergedGroups(there, here) : there;
		},

		async deleted(userId, limit, after) {
			try {
				return await remote.ask((store) => store.memories.deleted(userId, limit, after), patience.read);
			} catch (error) {
				if (!remote.isAway(error)) throw error;
				// What was deleted here can be restored here.
				const page = await (await kept.open()).store.memories.deleted(userId, limit, after);
				return {
					...page,
					memories: page.memories.map((each) => ({ ...fromHere(each), deletedAt: each.deletedAt })),
				};
			}
		},

		async history(given, viewer) {
			const id = await landedAs(given);
			const file = await kept.waiting();
			const here = file?.outbox.has(id) ? await file.store.memories.history(id, viewer) : [];
			if (file?.outbox.isNew(id)) return here;
			const there = remote.ask((store) => store.memories.history(id, viewer), patience.read);
			if (here.length === 0) return there;
			// Of a copy, it begins with a word of the copying.
			return [...(await there.catch(() => [])), ...here.slice(1)];
		},

		async entities(memory) {
			if (memory.keptHere) return (await kept.open()).store.memories.entities(asHere(memory));
			return remote.ask((store) => store.memories.entities(memory), patience.read);
		},

		async change(viewer, given) {
			const outbox = (await kept.ifAny())?.outbox;
			const changes = await Promise.all(
				given.map(async (each) => {
					const id = await landedAs(each.id);
					// What waits is as it is here.
					return { ...(outbox && !outbox.has(id) ? outbox.asLanded(each) : each), id };
				}),
			);
			return change(
				changes.map(({ id }) => id),
				viewer,
				async (store) => {
					const changed = await store.memories.change(viewer, changes);
					seen.add(changed.map((each) => each?.after));
					return changed;
				},
				async (own, known) => {
					const changed = await own.change(userIdOf(viewer), changes, known);
					seen.add(changed.map((each) => each?.after));
					return changed.map(
						(each) => each && { before: fromHere(each.before), after: fromHere(each.after) },
					);
				},
			);
		},

		async delete(given, viewer) {
			const ids = await Promise.all(given.map(landedAs));
			const deleted = await change(
				ids,
				viewer,
				(store) => store.memories.delete(ids, viewer),
				async (outbox, known) =>
					(await outbox.delete(userIdOf(viewer), ids, known)).map((memory) => memory && fromHere(memory)),
			);
			for (const id of ids) seen.forget(id);
			return deleted;
		},

		async restore(given, viewer) {
			const ids = await Promise.all(given.map(landedAs));
			return change(
				ids,
				viewer,
				(store) => store.memories.restore(ids, viewer),
				async (outbox) =>
					(await outbox.restore(userIdOf(viewer), ids)).map((memory) => memory && fromHere(memory)),
			);
		},
	};
}

/** What concerns all that the database has. */
function onDatabaseOnly({ remote }: AwayContext) {
	const { eraseUser, purgeDeleted, keptTexts, replaceKeptTexts } = onDatabase(remote, "memories");
	return { eraseUser, purgeDeleted, keptTexts, replaceKeptTexts };
}

function notSeen({ kind, path, message }: StoreError, id: string): StoreError {
	return new StoreError(
		kind,
		path,
		`${message} This program has not read the memory ${id} before, so it cannot be changed or deleted until the database is back.`,
	);
}
