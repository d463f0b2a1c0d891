import type { Clock } from "../../config/clock.ts";
import type { Log } from "../../config/log.ts";
import { EndpointError } from "../../endpoints/endpointError.ts";
import type { EndpointHealth } from "../../endpoints/endpointHealth.ts";
import { StoreError } from "../../store/errors.ts";
import type { MemoryStore } from "../../store/memoryStore.ts";
import type { AddResult, PendingSave, Vector } from "../../store/types.ts";
import type { Distiller } from "./distiller.ts";

export interface DistillSaveOptions {
	readonly store: MemoryStore;
	readonly distiller: Distiller;
	/** Model and place, for people. */
	readonly model: string;
	/** Model, place and configured context: what failed on one may be tried on another. */
	readonly triedWith: string;
	readonly health: EndpointHealth;
	readonly log: Log;
	readonly clock: Clock;
}

/**
 * - `distilled`: the facts are stored in the place of the text.
 * - `kept`: the text itself is the memory, as the model found no fact in it.
 * - `postponed`: the text is the memory for now; it is tried again later.
 * - `given-up`: the text is the memory; trying again would not help.
 * - `overtaken`: somebody changed or deleted the memory, or another process was faster.
 */
export type DistillOutcome =
	| {
			readonly kind: "distilled";
			readonly results: readonly AddResult[];
			readonly notes: readonly string[];
			readonly embeddingProblem: string | undefined;
	  }
	| { readonly kind: "kept"; readonly notes: readonly string[] }
	| {
			readonly kind: "postponed" | "given-up";
			readonly problem: string;
			/** ms the endpoint asked to wait. */
			readonly retryAfter: number;
			/** Whether other texts would fare no better. */
			readonly concernsEndpoint: boolean;
	  }
	| { readonly kind: "overtaken" };

/** A text on which models fail for a reason of its own is tried so often. */
const mostAttempts = 5;
/** The same where the server failed, which may also be by chance. */
const mostServerErrors = 10;
/** ms */
const giveWay = 1000;
/** ms after a wait in vain in which nobody is made to wait again. */
const trustLost = 60_000;
const firstDelay = 30_000;
const longestDelay = 3_600_000;

/** Takes a claimed save to its end: facts, or the text itself, or a later attempt. */
export class DistillSave {
	readonly #options: DistillSaveOptions;
	readonly #unreleased = new Set<string>();
	#waitedInVain = 0;
	/** The endpoint asked not to be asked before, in ms since 1970. */
	#notBefore = 0;

	constructor(options: DistillSaveOptions) {
		this.#options = options;
	}

	get triedWith(): string {
		return this.#options.triedWith;
	}

	/**
	 * Leaves a claimed save for later at once, where the model has kept somebody waiting in vain a moment ago: the next
	 * one must not wait as long. Undefined where there is no reason to.
	 */
	async defer(save: PendingSave): Promise<DistillOutcome | undefined> {
		const { store, triedWith: model, health } = this.#options;
		const { problem } = health;
		const askedToWait = this.waitTime;
		if (
			problem === undefined ||
			(askedToWait === 0 && this.#options.clock.now() > this.#waitedInVain + trustLost)
		)
			return undefined;
		const setback = { problem, model, delay: askedToWait, counts: false, giveUp: false };
		await store.distillation.postpone(save.id, setback);
		return { kind: "postponed", problem, retryAfter: askedToWait, concernsEndpoint: true };
	}

	/** Gives back what is claimed and not worked on any more. @throws StoreError */
	async giveBack(): Promise<void> {
		await this.#options.store.distillation.release([...this.#unreleased]);
		this.#unreleased.clear();
	}

	/** ms that the endpoint still wants to be left alone; 0 when it can be asked. */
	get waitTime(): number {
		return Math.max(0, this.#notBefore - this.#options.clock.now());
	}

	/** The model has not answered in the time that people wait. */
	notInTime(): void {
		this.#waitedInVain = this.#options.clock.now();
		this.#options.health.failed(`${this.#options.model} does not answer in time.`);
	}

	/** @throws StoreError; the signal's reason when aborted, after the save has been given back. */
	async run(save: PendingSave, signal: AbortSignal, unattended: boolean): Promise<DistillOutcome> {
		const { store, distiller, health, log } = this.#options;
		let vector: Vector | undefined;
		const onVector = (made: Vector) => {
			vector = made;
		};
		try {
			const { facts, whole, notes, embeddingProblem } = await distiller.distil(save, {
				signal,
				unattended,
				onVector,
			});
			health.worked();
			this.#waitedInVain = 0;
			if (facts.length === 0) {
				await store.distillation.keepText(save.id, vector);
				const note = "The language model found no fact to take out of it, so the text itself is kept.";
				return { kind: "kept", notes: [...notes, note] };
			}
			const results = await store.distillation.commit(save.id, facts, whole ? undefined : { vector });
			if (!results) return { kind: "overtaken" };
			const partly =
				"The language model's answer was not whole, so the text itself is kept beside its facts.";
			return { kind: "distilled", results, notes: whole ? notes : [...notes, partly], embeddingProblem };
		} catch (error) {
			if (signal.aborted) {
				await store.distillation.release([save.id]);
				throw signal.reason;
			}
			if (error instanceof StoreError) {
				this.#unreleased.add(save.id);
				// What keeps facts from being stored may keep the claim from being given back: later, then.
				await this.giveBack().catch((again: Error) => log.debug(again.message));
				throw error;
			}
			const failure = error instanceof EndpointError ? error : unexpected(error);
			return this.#postpone(save, failure, vector);
		}
	}

	async #postpone(
		save: PendingSave,
		error: EndpointError,
		vector: Vector | undefined,
	): Promise<DistillOutcome> {
		const { store, log, triedWith: model, health } = this.#options;
		const { message: problem, retryAfter = 0 } = error;
		const isItsOwn = this.#isItsOwn(error);
		// A text that is too long says nothing of the model's health.
		if (error.kind !== "too-large") health.failed(problem);
		if (error.kind === "timeout") this.#waitedInVain = this.#options.clock.now();
		this.#notBefore = Math.max(this.#notBefore, this.#options.clock.now() + retryAfter);
		log.warn(`Not distilled: ${problem}`);
		const most = error.kind === "server-error" ? mostServerErrors : mostAttempts;
		const giveUp = error.kind === "too-large" || (isItsOwn && save.attempts + 1 >= most);
		const ownDelay = Math.min(firstDelay * 2 ** save.attempts, longestDelay);
		const concernsEndpoint = error.concernsEndpoint && !isItsOwn;
		// Others that wait have their turn before it.
		const delay = Math.max(retryAfter, concernsEndpoint ? giveWay : ownDelay);
		await store.distillation.postpone(save.id, { problem, model, delay, counts: isItsOwn, giveUp }, vector);
		return { kind: giveUp ? "given-up" : "postponed", problem, retryAfter, concernsEndpoint };
	}

	/**
	 * Whether it is the text that the model fails on. A server that refuses everything is not set up well, and one that
	 * fails with everything is ill; where others have passed meanwhile, it is the text.
	 */
	#isItsOwn({ kind, concernsEndpoint }: EndpointError): boolean {
		const othersPass = this.#options.health.state === "working";
		return kind === "rejected" || kind === "server-error" ? othersPass : !concernsEndpoint;
	}
}

/** Whatever goes wrong with making facts, the text is stored already, and that is what the caller must hear. */
function unexpected(error: unknown): EndpointError {
	const said = error instanceof Error ? error.message : String(error);
	const fields = { role: "chat", url: "", cause: error } as const;
	return new EndpointError(
		"rejected",
		`could not be put to use: ${said.replace(/\.$/, "")}`,
		"Report it if it stays.",
		fields,
	);
}
