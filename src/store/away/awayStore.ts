import { type Log, silentLog } from "../../config/log.ts";
import type { MemoryStore } from "../memoryStore.ts";
import type { Destinations } from "../types.ts";
import type { AwayContext } from "./context.ts";
import { Delivery } from "./delivery.ts";
import { Kept, Seen } from "./kept.ts";
import { awayMemories } from "./memories.ts";
import { otherRooms } from "./otherRooms.ts";
import { type Patience, Remote, usualPatience } from "./remote.ts";
import { awaySaves } from "./saves.ts";
import { awaySearch } from "./search.ts";

export interface AwayOptions {
	/** Of the database, for people. */
	readonly location: string;
	/** Where this machine keeps what waits for the database. */
	readonly folder: string;
	readonly destinations: Destinations;
	readonly open: (destinations: Destinations) => Promise<MemoryStore>;
	readonly patience?: Partial<Patience> | undefined;
	readonly log?: Log | undefined;
	readonly readOnly?: boolean;
}

/**
 * A store in a database on another machine. While that is away, what is saved and changed is kept on this machine and
 * found here, and reaches the database when that is back.
 * @throws StoreError if the database refuses to be opened; not if it is away.
 */
export async function openAwayStore(options: AwayOptions): Promise<MemoryStore> {
	const { location, folder, destinations, open, log = silentLog } = options;
	const patience = { ...usualPatience, ...options.patience };
	const listeners = new Set<() => void>();
	const notify = () => {
		for (const listener of listeners) listener();
	};
	const watched = new Map<MemoryStore, { dispose(): void }>();
	/** Tells of changes of a store once somebody listens. */
	const watch = (store: MemoryStore | undefined) => {
		if (store && listeners.size > 0 && !watched.has(store)) watched.set(store, store.onDidChange(notify));
	};
	let file: MemoryStore | undefined;
	const kept = new Kept(folder, destinations, ({ store }) => {
		file = store;
		watch(store);
	});
	const remote: Remote = new Remote({
		location,
		open: () => open(destinations),
		patience,
		back: () => {
			watch(remote.store);
			delivery.now();
			notify();
		},
		lost: notify,
		settled: () =>
			void kept
				.settled()
				.catch((error: Error) => log.debug(error.message))
				.then(() => delivery.now()),
	});
	const delivery = new Delivery({ remote, kept, destinations, open, log, pause: patience.pause });
	// Whoever only reads leaves it to others.
	if (options.readOnly) await delivery.close();
	await remote.start();
	if (remote.problem) log.warn(remote.problem.message);
	const context: AwayContext = { remote, kept, seen: new Seen(), delivery, patience };
	let closing: Promise<void> | undefined;
	const close = async () => {
		listeners.clear();
		for (const each of watched.values()) each.dispose();
		await delivery.close();
		await remote.close();
		await kept.close();
	};
	return {
		location,
		...otherRooms(context),
		saves: awaySaves(context),
		memories: awayMemories(context),
		search: awaySearch(context),
		notices: { list: async () => [], seen: async () => undefined },
		away: {
			get problem() {
				return remote.problem?.message ?? delivery.stuck;
			},
			noted: async (key) => (await kept.ifAny())?.store.notes.get(key),
			note: async (key, value) => (await kept.open()).store.notes.put(key, value),
			waiting: async () => (await kept.ifAny())?.outbox.count() ?? 0,
		},
		onDidChange(listener) {
			listeners.add(listener);
			watch(remote.store);
			watch(file);
			return { dispose: () => void listeners.delete(listener) };
		},
		close() {
			closing ??= close();
			return closing;
		},
	};
}
