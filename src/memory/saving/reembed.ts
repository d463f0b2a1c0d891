import { setTimeout as sleep } from "node:timers/promises";
import type { MemoryContext } from "../memoryContext.ts";
import { embedInSpace, knownSpace } from "../patientEmbedder.ts";
import type { BackgroundWork } from "./backgroundWork.ts";
import type { NotEmbedded } from "./failedTexts.ts";

export interface ReembedProgress {
	readonly done: number;
	readonly total: number;
}

export interface ReembedResult extends ReembedProgress {
	/** Memories that the model has embedded, earlier ones included. */
	readonly embedded: number;
	/** Those on whose texts it fails. */
	readonly left?: NotEmbedded;
}

/** How often, in ms, to check on work that another process does. */
const checkInterval = 500;

/**
 * Moves all memories into the space of the configured embedding model; starts, or resumes, and follows the work to its
 * end. The database keeps the request, so that whichever process does the background work continues it, also after a
 * restart, until it is done or cancelled. Older vectors stay, for users who return to the earlier model.
 * @param signal cancels it: vectors that were made stay, the other memories are left out.
 * @throws EndpointError if the model does not work, StoreError; the background tries again what is missing then.
 */
export async function reembed(
	{ store, embedder, userId }: MemoryContext,
	background: BackgroundWork,
	report: (progress: ReembedProgress) => void,
	signal: AbortSignal,
): Promise<ReembedResult> {
	try {
		// The first vector tells the width, which is part of the space.
		if (!embedder.space) await embedInSpace(embedder, ["width"], { signal });
	} catch (error) {
		if (!signal.aborted) throw error;
		return { done: 0, total: (await store.spaces.progress(userId, undefined)).outside, embedded: 0 };
	}
	const space = knownSpace(embedder);
	await store.spaces.adopt(userId, space, true);
	const { outside: total } = await store.spaces.progress(userId, space);
	const progress = async () => {
		const { outside } = await store.spaces.progress(userId, space);
		return { done: Math.max(0, total - outside), total };
	};
	let ended = false;
	const changes = store.onDidChange(() => {
		// If this report fails, the next one follows.
		void progress().then(
			(now) => ended || report(now),
			() => undefined,
		);
	});
	try {
		report(await progress());
		background.failedTexts.retryAll();
		let { missing } = await store.spaces.progress(userId, space);
		while (missing > 0) {
			signal.throwIfAborted();
			const outcome = await background.run(signal, "vectors");
			// Another process has the lease; it sees the request when it next looks for work.
			if (outcome === "elsewhere") await sleep(checkInterval);
			const before = missing;
			({ missing } = await store.spaces.progress(userId, space));
			// What is left then are texts on which the model fails.
			if (outcome === "done" && missing >= before) break;
		}
	} catch (error) {
		if (!signal.aborted) throw error;
		await store.spaces.leaveRest(userId, space);
	} finally {
		ended = true;
		changes.dispose();
	}
	const now = await progress();
	report(now);
	const { all } = await store.memories.counts(userId);
	const { outside } = await store.spaces.progress(userId, space);
	const left = background.failedTexts.state;
	return { ...now, embedded: all - outside, ...(left && !signal.aborted ? { left } : {}) };
}
