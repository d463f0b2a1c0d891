import { StoreError } from "../errors.ts";
import type { MemoryStore } from "../memoryStore.ts";
import type { Delivery } from "./delivery.ts";
import type { Kept, Seen } from "./kept.ts";
import type { KeptFile, Outbox } from "./outbox.ts";
import type { Patience, Remote } from "./remote.ts";

/** What the rooms of a store that may be away work with. */
export interface AwayContext {
	readonly remote: Remote;
	readonly kept: Kept;
	readonly seen: Seen;
	readonly delivery: Delivery;
	readonly patience: Patience;
}

/** What the database says and what waits here; either may be absent, but not both. */
export interface BothAnswers<T> {
	readonly there: T | undefined;
	readonly here: T | undefined;
	readonly file: KeptFile | undefined;
	/** Why the database says nothing, for people. */
	readonly problem: string | undefined;
}

/** Asks the database and, if anything waits here or it is away, this machine. @throws StoreError */
export async function askBoth<T>(
	{ remote, kept, delivery, patience }: AwayContext,
	ask: (store: MemoryStore, isHere: boolean) => Promise<T>,
): Promise<BothAnswers<T>> {
	await delivery.first();
	const waiting = await kept.waiting();
	let problem: string | undefined;
	const [there, early] = await Promise.all([
		remote
			.ask((store) => ask(store, false), patience.read)
			.catch((error: unknown) => {
				if (!remote.isAway(error)) throw error;
				problem = error.message;
				return undefined;
			}),
		waiting && ask(waiting.store, true),
	]);
	if (problem === undefined || waiting) return { there, here: early, file: waiting, problem };
	const file = await kept.open();
	return { there, here: await ask(file.store, true), file, problem };
}

/**
 * Keeps a change on this machine.
 * @param why the database does not take it; undefined if an earlier change waits.
 * @throws StoreError that names both reasons if this machine cannot keep it either.
 */
export async function keepHere<T>(
	{ remote, kept, delivery }: AwayContext,
	why: StoreError | undefined,
	keep: (outbox: Outbox) => Promise<T>,
): Promise<T> {
	try {
		const { outbox } = await kept.toKeep(remote.isUnderWay);
		const result = await keep(outbox);
		delivery.soon();
		return result;
	} catch (error) {
		if (!(error instanceof StoreError) || !why) throw error;
		const message = `${why.message} Nor can it be kept on this machine: ${error.message}`;
		throw new StoreError(error.kind, error.path, message, error);
	}
}
