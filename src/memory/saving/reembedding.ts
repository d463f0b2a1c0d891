import type { Embedder } from "../../endpoints/embedder.ts";
import type { MemoryStore } from "../../store/memoryStore.ts";
import { embedInSpace } from "../patientEmbedder.ts";
import type { BackgroundWork } from "./backgroundWork.ts";

export interface ReembeddingOptions {
	readonly store: MemoryStore;
	readonly embedder: Embedder;
	readonly background: BackgroundWork;
}

export interface ReembeddingProgress {
	readonly done: number;
	readonly total: number;
}

/** ms between two looks at work that another process does. */
const lookInterval = 500;

/**
 * Moves all memories into the space of the configured embedding model. That it is wanted is kept in the database, so
 * that whichever process does the background work goes on with it, also after a restart, until it is done or
 * cancelled. Older vectors stay: who goes back to the earlier model finds them.
 */
export class Reembedding {
	readonly #options: ReembeddingOptions;

	constructor(options: ReembeddingOptions) {
		this.#options = options;
	}

	/**
	 * Begins, or goes on where it was left, and follows it to its end.
	 * @param signal cancels it: what is embedded stays, the rest is left out.
	 * @throws EndpointError, StoreError; what is missing then is tried again in the background.
	 */
	async run(
		report: (progress: ReembeddingProgress) => void = () => undefined,
		signal: AbortSignal = new AbortController().signal,
	): Promise<ReembeddingProgress> {
		const { store, embedder, background } = this.#options;
		try {
			// The width of the vectors is part of the space.
			if (!embedder.space) await embedInSpace(embedder, ["width"], { signal });
		} catch (error) {
			if (signal.aborted) return { done: 0, total: (await store.spaces.progress(undefined)).outside };
			throw error;
		}
		const { space } = embedder;
		if (!space) throw new Error("The embedding model does not say how wide its vectors are.");
		await store.spaces.adopt(space, true);
		const { outside: total } = await store.spaces.progress(space);
		const progress = async () => {
			const { outside } = await store.spaces.progress(space);
			return { done: Math.max(0, total - outside), total };
		};
		let ended = false;
		const changes = store.onDidChange(() => {
			// A report that cannot be made now is followed by the next one.
			void progress().then(
				(now) => ended || report(now),
				() => undefined,
			);
		});
		try {
			report(await progress());
			while ((await store.spaces.progress(space)).missing > 0) {
				signal.throwIfAborted();
				const outcome = await background.run(signal, "vectors");
				// Another process has the lease: it sees what is wanted when it looks for work.
				if (outcome === "elsewhere") await new Promise((done) => setTimeout(done, lookInterval));
			}
		} catch (error) {
			if (!signal.aborted) throw error;
			await store.spaces.leaveRest(space);
		} finally {
			ended = true;
			changes.dispose();
		}
		const now = await progress();
		report(now);
		return now;
	}
}
