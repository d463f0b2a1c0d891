import type { Clock } from "../../config/clock.ts";
import type { Log } from "../../config/log.ts";
import type { Embedder } from "../../endpoints/embedder.ts";
import { EndpointError } from "../../endpoints/endpointError.ts";
import type { EndpointHealth } from "../../endpoints/endpointHealth.ts";
import type { MemoryStore } from "../../store/memoryStore.ts";
import type { StoredMemory } from "../../store/types.ts";
import { counted } from "../../text/wording.ts";
import { embedInSpace } from "../patientEmbedder.ts";
import type { Distiller } from "./distiller.ts";
import type { DistillSave } from "./distillSave.ts";

export interface BackgroundWorkOptions {
	readonly store: MemoryStore;
	readonly embedder: Embedder;
	readonly embeddingHealth: EndpointHealth;
	/** Undefined where no language model is configured. */
	readonly formation?: DistillSave | undefined;
	readonly distiller?: Distiller | undefined;
	readonly log: Log;
	readonly clock: Clock;
}

/** ms between looks for work that other processes left behind. */
const regularInterval = 5 * 60_000;
const firstRetry = 2000;
const embeddedAtOnce = 64;
const formedAtOnce = 4;
/** So many texts in a row that cannot be embedded are no accident: the rest is left for later. */
const mostFailures = 5;
/** Deleted memories can be restored this long, in ms. */
export const restorableFor = 30 * 86_400_000;

/** The work of all processes is done by the one that holds this lease; it is renewed while there is work. */
const lease = "background work";
const leaseTime = 60_000;

/** The endpoint does not work now: there is no use in asking it for the rest. */
class Paused extends Error {
	readonly retryAfter: number;

	constructor(problem: string, retryAfter: number) {
		super(problem);
		this.retryAfter = retryAfter;
	}
}

/**
 * Finishes what could not be done at once or was cut off: saves whose process died, texts to be distilled, vectors
 * that could not be made. One process does it for all; each step is safe to be cut off and to be done twice. Failures
 * are tried again with growing pauses.
 */
export class BackgroundWork {
	readonly #options: BackgroundWorkOptions;
	readonly #stop = new AbortController();
	#cancelTimer: (() => void) | undefined;
	/** When the timer goes off. */
	#due = 0;
	#running: Promise<void> | undefined;
	readonly #runs = new Set<Promise<unknown>>();
	#again = false;
	#failures = 0;
	/** Runs of this process that hold the lease. */
	#holding = 0;

	constructor(options: BackgroundWorkOptions) {
		this.#options = options;
	}

	start(): void {
		this.#schedule(0);
	}

	/** There is work, which could not be done at once. */
	soon(delay: number = firstRetry): void {
		// A run under way may have looked for it already.
		if (this.#running) this.#again = true;
		// While an endpoint is failing, more work does not make it work.
		else if (this.#failures === 0) this.#schedule(delay);
	}

	/**
	 * Runs until nothing is left to do now.
	 * @param only leaves out what has nothing to do with vectors.
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
		const { store } = this.#options;
		if (!(await store.leases.acquire(lease, leaseTime))) return "elsewhere";
		this.#holding += 1;
		const renewal = setInterval(() => {
			// A lease that cannot be renewed runs out: another process takes over, and each step allows for that.
			void store.leases.acquire(lease, leaseTime).catch(() => undefined);
		}, leaseTime / 3).unref();
		try {
			if (only === "vectors") {
				await this.#embedMissing(signal);
				return "done";
			}
			await this.#options.formation?.giveBack();
			await store.distillation.releaseDead();
			await this.#finishSaves(signal);
			// Side by side: a language model that hangs must not keep memories from their vectors.
			const [forming, embedding] = await Promise.all([
				this.#attempt(() => this.#formPending(signal)),
				this.#attempt(() => this.#embedMissing(signal)),
			]);
			// What was being distilled meanwhile may have been left without.
			const rest = embedding ?? (await this.#attempt(() => this.#embedMissing(signal)));
			const problems = [forming, rest, await this.#attempt(() => this.#calibrate(signal))];
			await this.#linkEntities(signal);
			await store.memories.purgeDeleted(this.#options.clock.now() - restorableFor);
			const [problem] = problems.filter((each) => each !== undefined);
			if (problem !== undefined) throw problem;
			return "done";
		} finally {
			clearInterval(renewal);
			this.#holding -= 1;
			// Another run of this process may be at work. A lease that cannot be released runs out.
			if (this.#holding === 0) await store.leases.release(lease).catch(() => undefined);
		}
	}

	async dispose(): Promise<void> {
		this.#stop.abort(new Error("shutting down"));
		this.#cancelTimer?.();
		await Promise.allSettled([this.#running, ...this.#runs]);
	}

	#schedule(delay: number): void {
		const { clock } = this.#options;
		const due = clock.now() + delay;
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
			if (error instanceof EndpointError || error instanceof Paused) retryAfter = error.retryAfter ?? 0;
			this.#options.log.warn(
				`Unfinished work stays for later: ${error instanceof Error ? error.message : String(error)}`,
			);
		}
		const retry = Math.max(retryAfter, firstRetry * 2 ** Math.min(this.#failures, 20));
		const pause = this.#failures > 0 ? retry : this.#again ? firstRetry : await this.#untilDue();
		// What another process is at is looked for again soon, should it die.
		this.#schedule(Math.min(pause, outcome === "elsewhere" ? leaseTime / 2 : regularInterval));
	}

	/** ms until a save is due that was left for later, or until the next regular look. */
	async #untilDue(): Promise<number> {
		const { formation, store, clock } = this.#options;
		if (!formation) return regularInterval;
		// A store that does not answer now is asked again by the next regular look.
		const due = await store.distillation.state().then(
			({ nextDue }) => nextDue,
			() => undefined,
		);
		return due === undefined ? regularInterval : Math.max(firstRetry, due - clock.now());
	}

	/** One kind of work that fails must not keep the others from being done. */
	async #attempt(work: () => Promise<void>): Promise<unknown> {
		try {
			await work();
			return undefined;
		} catch (error) {
			this.#stop.signal.throwIfAborted();
			return error;
		}
	}

	async #finishSaves(signal: AbortSignal): Promise<void> {
		const { store, log } = this.#options;
		for (const entry of await store.distillation.abandoned()) {
			signal.throwIfAborted();
			const { results } = await store.saves.store(entry);
			const known = results.every(({ event }) => event === "DUPLICATE");
			log.info(`Finished a save that was cut off (${known ? "known already" : "stored"}).`);
		}
	}

	async #formPending(signal: AbortSignal): Promise<void> {
		const { store, formation, log } = this.#options;
		if (!formation) return;
		if (formation.waitTime > 0) throw new Paused("The language model asked to wait.", formation.waitTime);
		await store.distillation.wake(formation.triedWith);
		let tried = false;
		let done = 0;
		for (;;) {
			signal.throwIfAborted();
			// One first: should the model still be away, the others need not find it out as well.
			const saves = await store.distillation.claim(tried ? formedAtOnce : 1);
			tried = true;
			if (saves.length === 0) break;
			const formed = await Promise.allSettled(saves.map((save) => formation.run(save, signal, true)));
			signal.throwIfAborted();
			done += formed.filter((each) => each.status === "fulfilled" && each.value.kind === "distilled").length;
			for (const each of formed) {
				if (each.status === "rejected") throw each.reason;
				if (each.value.kind === "postponed" && each.value.concernsEndpoint)
					throw new Paused(each.value.problem, each.value.retryAfter);
			}
		}
		if (done > 0) log.info(`Distilled ${done === 1 ? "1 save" : `${done} saves`} that had waited.`);
	}

	async #embedMissing(signal: AbortSignal): Promise<void> {
		const { store, embedder, log } = this.#options;
		if (embedder.space && !(await store.spaces.progress(embedder.space)).inUse)
			await store.spaces.adopt(embedder.space, embedder.origin === "");
		let done = 0;
		let problem: unknown;
		let failures = 0;
		let below: number | undefined;
		for (;;) {
			signal.throwIfAborted();
			// Where the width of its vectors is not known, a first one is made of whatever text waits.
			const memories = await store.spaces.missing(embedder.space, embedder.space ? embeddedAtOnce : 1, below);
			if (memories.length === 0) break;
			below = memories.at(-1)?.seq;
			const failed = await this.#embed(memories, signal);
			// A text that the model cannot take must not keep the others from their vectors.
			for (const memory of memories.length > 1 && failed ? memories : []) {
				const why = await this.#embed([memory], signal);
				problem = why ?? problem;
				failures = why ? failures + 1 : 0;
				if (failures === mostFailures) throw why;
				if (!why) done += 1;
			}
			if (failed && memories.length === 1) problem = failed;
			if (!failed) done += memories.length;
		}
		if (done > 0) log.info(`Embedded ${counted(done)} that had no vector yet.`);
		if (problem) throw problem;
	}

	/** @returns what is wrong with the texts; what is wrong with the endpoint is thrown. */
	async #embed(memories: readonly StoredMemory[], signal: AbortSignal): Promise<unknown> {
		const { store, embedder, embeddingHealth } = this.#options;
		try {
			const vectors = await embedInSpace(
				embedder,
				memories.map(({ text }) => text),
				{ signal },
			);
			const [first] = vectors;
			const values = memories.map((memory, index) => ({ memory, values: vectors[index]?.values }));
			if (first) await store.spaces.addVectors(first.space, values);
			embeddingHealth.worked();
			return undefined;
		} catch (error) {
			signal.throwIfAborted();
			embeddingHealth.failed(error instanceof Error ? error.message : String(error));
			if (error instanceof EndpointError && !error.concernsEndpoint) return error;
			throw error;
		}
	}

	/** Only a model that is in use already is asked. */
	async #calibrate(signal: AbortSignal): Promise<void> {
		const { embedder, embeddingHealth } = this.#options;
		if (embeddingHealth.state === "working" && !embedder.calibration) await embedder.calibrate?.(signal);
	}

	async #linkEntities(signal: AbortSignal): Promise<void> {
		const { store, distiller } = this.#options;
		if (!distiller) return;
		for (;;) {
			const memories = await store.distillation.unlinked(100);
			if (memories.length === 0) break;
			for (const memory of memories) {
				signal.throwIfAborted();
				await store.distillation.link(memory, await distiller.entities(memory.text));
			}
		}
	}
}
