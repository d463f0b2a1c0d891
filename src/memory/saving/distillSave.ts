import * as l10n from "@vscode/l10n";
import { EndpointError } from "../../endpoints/endpointError.ts";
import { StoreError } from "../../store/errors.ts";
import type { AddResult, PendingSave, Vector } from "../../store/types.ts";
import type { MemoryContext } from "../memoryContext.ts";
import type { Distiller } from "./distiller.ts";
import { nextAttempt, noWaitTime } from "./retrySchedule.ts";

/**
 * - `distilled`: the facts have replaced the text.
 * - `kept`: the model found no fact, so the text stays the memory.
 * - `postponed`: the text is the memory for now; distilling is tried again later.
 * - `given-up`: the text stays the memory; trying again would not help.
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
			/** Whether other texts would fail, too. */
			readonly concernsEndpoint: boolean;
	  }
	| { readonly kind: "overtaken" };

/** Takes a claimed save to its end: facts, or the text itself, or a later attempt. */
export class DistillSave {
	/** Model, place and configured context: a save that failed with one may succeed with another. */
	readonly triedWith: string;
	readonly #context: MemoryContext;
	readonly #distiller: Distiller;
	/** Model and place, for people. */
	readonly #model: string;
	/** Claims that could not be released. */
	readonly #unreleased = new Set<string>();
	/** When somebody last waited for the model in vain. */
	#waitedInVain = Number.NEGATIVE_INFINITY;
	/** The endpoint asked for no requests before this time. */
	#notBefore = 0;

	/** @param contextLength tokens, if configured. */
	constructor(
		context: MemoryContext,
		distiller: Distiller,
		model: string,
		contextLength: number | undefined,
	) {
		this.#context = context;
		this.#distiller = distiller;
		this.#model = model;
		this.triedWith = [model, contextLength ?? []].flat().join(", ");
	}

	/**
	 * Postpones a claimed save without trying if the model has just kept somebody waiting in vain, so that the next one
	 * does not wait as long. Undefined if there is no reason to.
	 */
	async defer(save: PendingSave): Promise<DistillOutcome | undefined> {
		const { store, clock, health } = this.#context;
		const { problem } = health.chat.status();
		const { waitTime } = this;
		if (problem === undefined || (waitTime === 0 && clock.elapsed() > this.#waitedInVain + noWaitTime))
			return undefined;
		const setback = { problem, model: this.triedWith, delay: waitTime, counts: false, giveUp: false };
		await store.distillation.postpone(save.id, setback);
		return { kind: "postponed", problem, retryAfter: waitTime, concernsEndpoint: true };
	}

	/** Releases claims on which work has stopped. @throws StoreError */
	async releaseClaims(): Promise<void> {
		await this.#context.store.distillation.release([...this.#unreleased]);
		this.#unreleased.clear();
	}

	/** ms until the endpoint may be asked again; 0 if it may be asked now. */
	get waitTime(): number {
		return Math.max(0, this.#notBefore - this.#context.clock.elapsed());
	}

	/** Records that the model has not answered in the time that people wait. */
	notInTime(): void {
		this.#waitedInVain = this.#context.clock.elapsed();
		this.#context.health.chat.failed(`${this.#model} does not answer in time.`);
	}

	/** @throws StoreError; the signal's reason when aborted, after releasing the claim. */
	async run(save: PendingSave, signal: AbortSignal, unattended: boolean): Promise<DistillOutcome> {
		const { store, health, log } = this.#context;
		let vector: Vector | undefined;
		const onVector = (made: Vector) => {
			vector = made;
		};
		try {
			const distilled = await this.#distiller.distil(save, { signal, unattended }, onVector);
			const { facts, whole, covering, unrelated, notes, embeddingProblem } = distilled;
			health.chat.worked();
			this.#waitedInVain = Number.NEGATIVE_INFINITY;
			if (facts.length === 0) {
				await store.distillation.keepText(save.id, vector);
				const why = unrelated
					? l10n.t("The language model's facts have nothing to do with the text, so the text itself is kept.")
					: l10n.t("The language model found no fact in the text, so the text itself is kept.");
				return { kind: "kept", notes: [...notes, why] };
			}
			const keepText = whole && covering ? undefined : { vector };
			const results = await store.distillation.commit(save.id, facts, keepText);
			if (!results) return { kind: "overtaken" };
			const why = whole
				? l10n.t(
						"The language model's facts do not cover the whole text, so the text itself is kept beside its facts.",
					)
				: l10n.t("The language model's answer was incomplete, so the text itself is kept beside its facts.");
			const replaced = results.flatMap((result) => result.replaced ?? []).join(", ");
			const superseded = replaced && l10n.t`Superseded by what was saved: ${replaced}.`;
			const all = [...notes, ...(keepText ? [why] : []), ...(superseded ? [superseded] : [])];
			return { kind: "distilled", results, notes: all, embeddingProblem };
		} catch (error) {
			if (signal.aborted) {
				await store.distillation.release([save.id]);
				throw signal.reason;
			}
			if (error instanceof StoreError) {
				this.#unreleased.add(save.id);
				// The reason why facts cannot be stored may also keep the claim from being released: then later.
				await this.releaseClaims().catch((again: Error) => log.debug(again.message));
				throw error;
			}
			return this.#postpone(save, error instanceof EndpointError ? error : unexpected(error), vector);
		}
	}

	async #postpone(
		save: PendingSave,
		error: EndpointError,
		vector: Vector | undefined,
	): Promise<DistillOutcome> {
		const { store, log, health, clock } = this.#context;
		const { message: problem } = error;
		const othersSucceed = health.chat.status().state === "working";
		const { concernsEndpoint, retryAfter, ...next } = nextAttempt(error, save.attempts, othersSucceed);
		// A text that is too long says nothing about the model's health.
		if (error.kind !== "too-large") health.chat.failed(problem);
		if (error.kind === "timeout") this.#waitedInVain = clock.elapsed();
		this.#notBefore = Math.max(this.#notBefore, clock.elapsed() + retryAfter);
		log.warn(`Not distilled: ${problem}`);
		await store.distillation.postpone(save.id, { problem, model: this.triedWith, ...next }, vector);
		return { kind: next.giveUp ? "given-up" : "postponed", problem, retryAfter, concernsEndpoint };
	}
}

/** Whatever else goes wrong: the text is already stored, and that is what the caller must hear. */
function unexpected(error: unknown): EndpointError {
	const said = (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
	const fields = { role: "chat", url: "", cause: error } as const;
	return new EndpointError(
		"rejected",
		`could not be used: ${said}`,
		"Report it if it happens again.",
		fields,
	);
}
