import { once } from "node:events";
import type { MemoryContext } from "../memoryContext.ts";
import type { Distiller } from "./distiller.ts";
import type { DistillSave } from "./distillSave.ts";
import { FailedTexts } from "./failedTexts.ts";
import { firstPause, leaseTime, longestPause, pauseAfter, pauseWhileOther } from "./retrySchedule.ts";
import { isTrusted } from "./trustedTime.ts";
import { distilPending, embedMissing, finishAbandonedSaves, linkEntities } from "./unfinishedWork.ts";

/** How long, in ms, deleted memories can be restored. */
const restorableFor = 30 * 86_400_000;

/** The process that holds this lease does the work of all processes of the user. */
const leaseOf = (userId: string) => `background work of ${userId}`;

/** What is done after the work on memories. */
interface AlsoDone {
	/** Captures the sessions that wait for it. */
	readonly capture?: (signal: AbortSignal) => Promise<void>;
	/** Throws nothing: what it cannot do is no reason to try the rest again. */
	readonly backUp?: () => Promise<void>;
}

/**
 * Finishes what could not be done at once or was cut off: saves whose process died, texts to distil, missing vectors.
 * One process does it for all, and retries failures with growing pauses.
 */
export class BackgroundWork {
	readonly #context: MemoryContext;
	readonly #distiller: Distiller | undefined;
	readonly #distillSave: DistillSave | undefined;
	readonly #also: AlsoDone;
	readonly #stop = new AbortController();
	#cancelTimer: (() => void) | undefined;
	/** When the timer goes off. */
	#due = 0;
	#running: Promise<void> | undefined;
	readonly #runs = new Set<Promise<unknown>>();
	/** Whether work has come in during a run, which may have missed it. */
	#again = false;
	/** Runs in a row that failed. */
	#failures = 0;
	readonly failedTexts: FailedTexts;
	/** Runs of this process that hold the lease. */
	#holding = 0;
	/** Ends when the runs so far have embedded. */
	#embedded: Promise<unknown> = Promise.resolve();

	/** `distiller` and `distillSave` are undefined if no language model is configured. */
	constructor(
		context: MemoryContext,
		distiller: Distiller | undefined,
		distillSave: DistillSave | undefined,
		also: AlsoDone = {},
	) {
		this.#context = context;
		this.#also = also;
		this.failedTexts = new FailedTexts(context.clock);
		this.#distiller = distiller;
		this.#distillSave = distillSave;
	}

	start(): void {
		this.#schedule(0);
	}

	/** Tells it that there is work. */
	soon(delay: number = firstPause): void {
		if (this.#running) this.#again = true;
		// More work does not make a failing endpoint work.
		else if (this.#failures === 0) this.#schedule(delay);
	}

	/** Tells that a run has stopped: what it left is told by the status, and tried again. */
	tellLeft(error: unknown): void {
		const said = error instanceof Error ? error.message : String(error);
		this.#context.log.warn(`Unfinished work is left for later: ${said}`);
	}

	/** Distils saves that wait for another endpoint at the configured one. @returns how many there are. */
	async takeOver(signal?: AbortSignal): Promise<number> {
		const { store, userId } = this.#context;
		const count = await store.distillation.takeOver(userId);
		if (count > 0) await this.run(signal).catch((error) => this.tellLeft(error));
		return count;
	}

	/**
	 * Works until nothing is left to do now.
	 * @param only leaves out work without vectors.
	 * @throws the first error that stops it; the signal's reason.
	 */
	async run(cancelled?: AbortSignal, only?: "vectors"): Promise<"done" | "elsewhere"> {
		const stop = this.#stop.signal;
		const run = this.#run(cancelled ? AbortSignal.any([cancelled, stop]) : stop, only);
		this.#runs.add(run);
		try {
			return await run;
		} finally {
			this.#runs.delete(run);
		}
	}

	async #run(signal: AbortSignal, only: "vectors" | undefined): Promise<"done" | "elsewhere"> {
		const { userId, store } = this.#context;
		const { leases } = store;
		const lease = leaseOf(userId);
		if (!(await leases.acquire(lease, leaseTime))) return "elsewhere";
		this.#holding += 1;
		const renewal = setInterval(() => {
			// If the lease cannot be renewed, it expires and another process takes over, which each task allows for.
			void leases.acquire(lease, leaseTime).catch(() => undefined);
		}, leaseTime / 3).unref();
		try {
			await (only === "vectors" ? this.#embedMissing(signal) : this.#doAll(signal));
			return "done";
		} finally {
			clearInterval(renewal);
			this.#holding -= 1;
			// Another run of this process may still work. A lease that cannot be released expires.
			if (this.#holding === 0) await leases.release(lease).catch(() => undefined);
		}
	}

	async #doAll(signal: AbortSignal): Promise<void> {
		const context = this.#context;
		const { store, clock, embedder, health, userId } = context;
		const distiller = this.#distiller;
		const distillSave = this.#distillSave;
		await distillSave?.releaseClaims();
		await store.distillation.releaseDead();
		await finishAbandonedSaves(context, signal);
		// Both at once: a language model that hangs must not keep memories from their vectors.
		const [distilling, embedding] = await Promise.all([
			this.#errorOf(async () => distillSave && distilPending(context, distillSave, signal)),
			this.#errorOf(() => this.#embedMissing(signal)),
		]);
		// Memories that were being distilled meanwhile may lack vectors.
		const rest = embedding ?? (await this.#errorOf(() => this.#embedMissing(signal)));
		const calibrating = await this.#errorOf(async () => {
			// Only a model that is already in use.
			if (health.embedding.status().state === "working" && !embedder.calibration)
				await embedder.calibrate?.(signal);
		});
		if (distiller) await linkEntities(context, distiller, signal);
		while (await store.search.refreshWords()) signal.throwIfAborted();
		const now = clock.now();
		if (await isTrusted(store.notes, now)) await store.memories.purgeDeleted(userId, now - restorableFor);
		const capturing = await this.#errorOf(async () => this.#also.capture?.(signal));
		await this.#also.backUp?.();
		const error = [distilling, rest, calibrating, capturing].find((each) => each !== undefined);
		if (error !== undefined) throw error;
	}

	/** One run after another, so that none asks for what another is about to store. */
	async #embedMissing(signal: AbortSignal): Promise<void> {
		signal.throwIfAborted();
		const before = this.#embedded;
		const turn = before.then(() => {
			signal.throwIfAborted();
			return embedMissing(this.#context, this.failedTexts, signal);
		});
		this.#embedded = turn.catch(() => undefined);
		const waiting = new AbortController();
		await Promise.race([before, once(signal, "abort", waiting)]);
		waiting.abort();
		signal.throwIfAborted();
		await turn;
	}

	/** Catches the error of one task, so that the others still run. */
	async #errorOf(task: () => Promise<void>): Promise<unknown> {
		try {
			await task();
			return undefined;
		} catch (error) {
			this.#stop.signal.throwIfAborted();
			return error;
		}
	}

	async dispose(): Promise<void> {
		this.#stop.abort(new Error("shutting down"));
		this.#cancelTimer?.();
		await Promise.allSettled([this.#running, ...this.#runs]);
	}

	#schedule(delay: number): void {
		const { clock } = this.#context;
		const due = clock.elapsed() + delay;
		if (this.#stop.signal.aborted || (this.#cancelTimer && this.#due <= due)) return;
		this.#cancelTimer?.();
		this.#due = due;
		this.#cancelTimer = clock.after(delay, () => {
			this.#cancelTimer = undefined;
			this.#running = this.#regularRun().finally(() => {
				this.#running = undefined;
			});
			return this.#running;
		});
	}

	async #regularRun(): Promise<void> {
		this.#again = false;
		let retryAfter = 0;
		let outcome: "done" | "elsewhere" = "done";
		try {
			outcome = await this.run();
			this.#failures = 0;
		} catch (error) {
			if (this.#stop.signal.aborted) return;
			this.#failures += 1;
			({ retryAfter = 0 } = error as { readonly retryAfter?: number });
			this.tellLeft(error);
		}
		const pause =
			this.#failures > 0
				? pauseAfter(this.#failures, retryAfter)
				: this.#again
					? firstPause
					: await this.#untilDue();
		this.#schedule(Math.min(pause, outcome === "elsewhere" ? pauseWhileOther : longestPause));
	}

	/** ms until the next text is due that was postponed. */
	async #untilDue(): Promise<number> {
		const { store, userId, clock } = this.#context;
		const { untilDue = longestPause } = this.failedTexts;
		// A store that does not answer now is asked again by the next regular run.
		const { nextDue = Number.POSITIVE_INFINITY } = this.#distillSave
			? await store.distillation.state(userId).catch(() => ({ nextDue: undefined }))
			: {};
		return Math.max(firstPause, Math.min(longestPause, untilDue, nextDue - clock.now()));
	}
}
