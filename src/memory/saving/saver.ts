import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as l10n from "@vscode/l10n";
import { StoreError } from "../../store/errors.ts";
import type { AddResult, JournalEntry, PendingSave } from "../../store/types.ts";
import { visibilityOfNew, waitsNote } from "../access/sharing.ts";
import { errorText } from "../errorText.ts";
import { keptHereNote } from "../keptHere.ts";
import type { MemoryContext } from "../memoryContext.ts";
import { checkedMemory, type SaveRequest, type SaveResult } from "../requests.ts";
import type { BackgroundWork } from "./backgroundWork.ts";
import type { DistillOutcome, DistillSave } from "./distillSave.ts";
import { saveIdOf } from "./saveId.ts";

/** How long, in ms, a save waits for the language model before the background takes over: MCP clients give up after 60 s. */
const patience = 45_000;

/** Saves: stores the text before it asks any model, and reports as saved only what it has read back. */
export class Saver {
	readonly #context: MemoryContext;
	readonly #background: BackgroundWork;
	readonly #distillSave: DistillSave | undefined;
	readonly #stop = new AbortController();
	/** Work that `dispose` waits for. */
	readonly #underWay = new Set<Promise<unknown>>();

	/** @param distillSave undefined if no language model is configured. */
	constructor(context: MemoryContext, background: BackgroundWork, distillSave: DistillSave | undefined) {
		this.#context = context;
		this.#background = background;
		this.#distillSave = distillSave;
	}

	save(request: SaveRequest): Promise<SaveResult> {
		return this.tracked(this.#save(request));
	}

	/** A later process finishes the saves that the model has not answered. */
	stopWaiting(): void {
		this.#stop.abort(new Error("shutting down"));
	}

	/** Waits for saves under way. */
	async dispose(): Promise<void> {
		await Promise.allSettled(this.#underWay);
	}

	async #save(request: SaveRequest): Promise<SaveResult> {
		const { guard, userId } = this.#context;
		const checked = checkedMemory(userId, request);
		const shared = visibilityOfNew(this.#context, request.visibility, checked.project);
		const distillSave = this.#distillSave;
		const { value, note } = await guard.memory({ ...checked, ...shared });
		const entry: JournalEntry = {
			...value,
			id: request.id === undefined ? randomUUID() : saveIdOf(userId, request.id),
		};
		const saved = await (distillSave && request.infer !== false
			? this.#distil(entry, request, distillSave)
			: this.#keepVerbatim(entry, request));
		const notes = [note, saved.note, waitsNote(shared)].filter((each) => each !== undefined);
		return notes.length === 0 ? saved : { ...saved, note: notes.join(" ") };
	}

	async #distil(entry: JournalEntry, { id }: SaveRequest, distillSave: DistillSave): Promise<SaveResult> {
		const { store } = this.#context;
		const named = id === undefined ? {} : { memoryId: id };
		const { results, knownFacts } = await store.saves.store(entry, { distil: true, ...named });
		const [added] = results;
		// The database distils what it has.
		if (added?.memory.keptHere) return this.#answer(results, "verbatim");
		if (added?.event !== "ADD") return this.#answer(results, knownFacts ? "distilled" : "verbatim");
		const pending = { ...entry, attempts: 0 };
		const outcome = (await distillSave.defer(pending)) ?? (await this.#inTime(distillSave, pending));
		return this.#result(added, outcome);
	}

	/** Undefined if the model takes longer than people wait; the work goes on all the same. */
	async #inTime(distillSave: DistillSave, save: PendingSave): Promise<DistillOutcome | undefined> {
		const distilling = this.tracked(distillSave.run(save, this.#stop.signal, false)).catch(
			(error: unknown) => {
				if (this.#stop.signal.aborted) return undefined;
				if (!(error instanceof StoreError)) throw error;
				// The text itself is already stored.
				this.#context.log.error(error.message);
				const problem = l10n.t(
					"The facts could not be stored, because the memory database was busy or failed.",
				);
				return { kind: "postponed", problem, retryAfter: 0, concernsEndpoint: false } as const;
			},
		);
		const late = sleep(patience, "late" as const, { ref: false });
		const outcome = await Promise.race([distilling, late]);
		if (outcome !== "late") return outcome;
		distillSave.notInTime();
		// Nobody waits for the result any more; the store and the log have it.
		distilling.catch((error: unknown) => this.#context.log.error(errorText(error)));
		return undefined;
	}

	async #keepVerbatim(entry: JournalEntry, request: SaveRequest): Promise<SaveResult> {
		const { store, patientEmbedder } = this.#context;
		const known = await store.saves.record(entry);
		const { vector, problem } = known ? {} : await patientEmbedder.embed(entry.text);
		const named = request.id === undefined ? {} : { memoryId: request.id };
		const { results } = await store.saves.store(entry, { ...named, ...(vector ? { vector } : {}) });
		const unwanted =
			request.infer === true
				? [l10n.t("Saved word for word: no language model is configured that could distil it.")]
				: [];
		return this.#answer(results, "verbatim", [...unwanted, ...lacksVector(problem)]);
	}

	/** The result of a save that was to be distilled; `outcome` is undefined if the model has not answered yet. */
	async #result(added: AddResult, outcome: DistillOutcome | undefined): Promise<SaveResult> {
		if (outcome?.kind === "distilled")
			return this.#answer(outcome.results, "distilled", [
				...outcome.notes,
				...lacksVector(outcome.embeddingProblem),
			]);
		const { id, userId, text } = added.memory;
		const now = await this.#context.store.memories.get(id, userId);
		if (now?.text !== text)
			return this.#answer(now ? [{ event: "ADD", memory: now }] : [], "verbatim", [
				l10n.t("Somebody else changed or deleted it while it was being saved."),
			]);
		return this.#answer([added], "verbatim", this.#notesOn(outcome));
	}

	#notesOn(outcome: Exclude<DistillOutcome, { kind: "distilled" }> | undefined): readonly string[] {
		const later = l10n.t("The text is kept word for word and can be found now; its facts follow later.");
		switch (outcome?.kind) {
			case "kept":
				return outcome.notes;
			case "postponed":
				return [outcome.problem, later];
			case "given-up":
				return [outcome.problem, l10n.t("The text is kept word for word.")];
			case "overtaken":
				return [l10n.t("Another process is distilling it, or the same was saved word for word meanwhile.")];
			case undefined:
				return this.#stop.signal.aborted
					? [l10n.t("The memory is being closed."), later]
					: [l10n.t`The language model has not answered within ${patience / 1000} s.`, later];
		}
	}

	/** Reads back what was stored, and which work is pending on it. */
	async #answer(
		results: readonly AddResult[],
		mode: SaveResult["mode"],
		notes: readonly string[] = [],
	): Promise<SaveResult> {
		const { store, embedder } = this.#context;
		const memories = results.map(({ memory }) => memory);
		const back = await store.saves.readBack(memories, embedder.space);
		for (const [index, { id, text, saveId }] of memories.entries())
			if (back[index]?.memory?.text !== text)
				throw new Error(
					`The memory ${id} could not be read back as it was saved. Its text is kept in the journal as ${saveId}.`,
				);
		const awaits = {
			distillation: this.#distillSave !== undefined && back.some(({ distilling }) => distilling),
			embedding: back.some(({ awaitsVector }) => awaitsVector),
		};
		const pending = (["distillation", "embedding"] as const).filter((work) => awaits[work]);
		if (pending.length > 0) this.#background.soon();
		const here = keptHereNote(memories);
		const note = [here ?? [], ...notes].flat().join(" ");
		return {
			memories: results.map(({ event, memory: { id, text } }) => ({ id, text, event })),
			mode,
			pending,
			...(here === undefined ? {} : { keptHere: true }),
			...(note === "" ? {} : { note }),
		};
	}

	/** Runs work that `dispose` waits for. */
	async tracked<T>(work: Promise<T>): Promise<T> {
		this.#underWay.add(work);
		try {
			return await work;
		} finally {
			this.#underWay.delete(work);
		}
	}
}

function lacksVector(problem: string | undefined): string[] {
	return problem ? [problem, l10n.t("It can be found by its words now, and by its meaning later.")] : [];
}
