import type { Log } from "../config/log.ts";
import type { Embedder } from "../endpoints/embedder.ts";
import type { MemoryStore } from "../store/memoryStore.ts";
import { counted } from "./wording.ts";

export interface BackgroundWorkOptions {
	readonly store: MemoryStore;
	readonly embedder: Embedder;
	readonly log: Log;
}

/** ms between looks for work that other processes left behind. */
const regularInterval = 5 * 60_000;
const firstRetry = 2000;
const embeddedAtOnce = 16;
/** Deleted memories can be restored this long, in ms. */
export const restorableFor = 30 * 86_400_000;

/**
 * Finishes what was cut off: saves whose process died, and vectors that could not be made. Each step is safe to do
 * twice, so that several processes may be at it. Failures are tried again with growing pauses.
 */
export class BackgroundWork {
	readonly #options: BackgroundWorkOptions;
	readonly #stop = new AbortController();
	#timer: NodeJS.Timeout | undefined;
	#running: Promise<void> | undefined;
	#failures = 0;

	constructor(options: BackgroundWorkOptions) {
		this.#options = options;
	}

	start(): void {
		this.#schedule(0);
	}

	/** There is work, which could not be done at once. */
	soon(): void {
		if (!this.#running) this.#schedule(firstRetry);
	}

	async dispose(): Promise<void> {
		this.#stop.abort(new Error("shutting down"));
		clearTimeout(this.#timer);
		await this.#running;
	}

	#schedule(delay: number): void {
		if (this.#stop.signal.aborted) return;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			this.#running = this.#run().finally(() => {
				this.#running = undefined;
			});
		}, delay).unref();
	}

	async #run(): Promise<void> {
		try {
			await this.#finishSaves();
			await this.#embedMissing();
			await this.#options.store.memories.purgeDeleted(Date.now() - restorableFor);
			this.#failures = 0;
		} catch (error) {
			if (this.#stop.signal.aborted) return;
			this.#failures += 1;
			this.#options.log.warn(
				`Unfinished work stays for later: ${error instanceof Error ? error.message : String(error)}`,
			);
		}
		const retry = firstRetry * 2 ** Math.min(this.#failures, 20);
		this.#schedule(this.#failures > 0 ? Math.min(retry, regularInterval) : regularInterval);
	}

	async #finishSaves(): Promise<void> {
		const { store, log } = this.#options;
		for (const { id: saveId, ...draft } of store.journal.abandoned()) {
			this.#stop.signal.throwIfAborted();
			const { event } = await store.memories.add({ ...draft, saveId });
			log.info(`Finished a save that was cut off (${event === "ADD" ? "stored" : "known already"}).`);
		}
	}

	async #embedMissing(): Promise<void> {
		const { store, embedder, log } = this.#options;
		let done = 0;
		for (;;) {
			const memories = store.vectors.missing(embedder.space, embeddedAtOnce);
			if (memories.length === 0) break;
			const vectors = await embedder.embed(
				memories.map(({ text }) => text),
				{ signal: this.#stop.signal },
			);
			await store.vectors.addAll(
				embedder.space,
				memories.map((memory, index) => ({ memory, values: vectors[index] })),
			);
			done += memories.length;
		}
		if (done > 0) log.info(`Embedded ${counted(done)} that had no vector yet.`);
	}
}
