import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../config/log.ts";
import { StoreError } from "../../store/errors.ts";
import type { MemoryStore } from "../../store/memoryStore.ts";
import type { AddResult, JournalEntry, PendingSave, Vector } from "../../store/types.ts";
import { errorText } from "../errorText.ts";
import type { PatientEmbedder } from "../patientEmbedder.ts";
import { checkedMemory, type ImportRequest, type SaveRequest, type SaveResult } from "../requests.ts";
import type { BackgroundWork } from "./backgroundWork.ts";
import type { DistillOutcome, DistillSave } from "./distillSave.ts";

export interface SaverOptions {
	readonly store: MemoryStore;
	readonly embedder: PatientEmbedder;
	readonly userId: string;
	readonly background: BackgroundWork;
	/** Undefined where no language model is configured. */
	readonly formation: DistillSave | undefined;
	readonly log: Log;
}

/** Longest a save waits for the language model, in ms, before it answers and the work goes on behind it: MCP clients give up after 60 s. */
const patience = 45_000;

/** Longest an import waits for one batch of vectors, in ms. */
const importPatience = 600_000;

/** Saves: the text is safe before any model is asked, and nothing is called saved that was not read back. */
export class Saver {
	readonly #options: SaverOptions;
	readonly #stop = new AbortController();
	/** Saves and formations under way. */
	readonly #underWay = new Set<Promise<unknown>>();

	constructor(options: SaverOptions) {
		this.#options = options;
	}

	save(request: SaveRequest): Promise<SaveResult> {
		return this.tracked(this.#save(request));
	}

	/** @throws InputError for the first request that is not valid, before anything is stored. */
	importAll(requests: readonly ImportRequest[]): Promise<readonly ("ADD" | "DUPLICATE")[]> {
		return this.tracked(this.#importAll(requests));
	}

	/** Waits for saves under way; what their models have not answered is left to the next process. */
	async dispose(): Promise<void> {
		this.#stop.abort(new Error("shutting down"));
		await Promise.allSettled(this.#underWay);
	}

	async #save(request: SaveRequest): Promise<SaveResult> {
		const { store, userId, formation } = this.#options;
		const entry: JournalEntry = { ...checkedMemory(userId, request), id: randomUUID() };
		if (!formation || request.infer === false) return this.#keepVerbatim(entry, request);

		const { results, knownFacts } = await store.saves.store(entry, { distil: true });
		const [added] = results;
		if (added?.event !== "ADD") return this.#answer(results, knownFacts ? "distilled" : "verbatim");
		const pending = { ...entry, attempts: 0 };
		const formed = (await formation.defer(pending)) ?? (await this.#inTime(formation, pending));
		return this.#result(added, formed);
	}

	/** Undefined where the model takes longer than people wait; it is worked on all the same. */
	async #inTime(formation: DistillSave, save: PendingSave): Promise<DistillOutcome | undefined> {
		const forming = this.tracked(formation.run(save, this.#stop.signal, false)).catch((error: unknown) => {
			if (this.#stop.signal.aborted) return undefined;
			if (!(error instanceof StoreError)) throw error;
			// The text itself is stored since before.
			this.#options.log.error(error.message);
			const problem = "The facts could not be stored, as the memory database was busy or failed.";
			return { kind: "postponed", problem, retryAfter: 0, concernsEndpoint: false } as const;
		});
		const answered = new AbortController();
		const late = sleep(patience, "late" as const, { signal: answered.signal, ref: false }).catch(
			() => undefined,
		);
		const formed = await Promise.race([forming, late]);
		answered.abort();
		if (formed !== "late") return formed;
		formation.notInTime();
		// Nobody waits for it any more; what becomes of it is in the store, and in the log.
		forming.catch((error: unknown) => this.#options.log.error(errorText(error)));
		return undefined;
	}

	async #keepVerbatim(entry: JournalEntry, request: SaveRequest): Promise<SaveResult> {
		const { store, embedder } = this.#options;
		const known = await store.saves.record(entry);
		const { vector, problem } = known ? {} : await embedder.embed(entry.text);
		const { results } = await store.saves.store(entry, vector ? { vector } : {});
		const unwanted =
			request.infer === true
				? ["Saved word for word: no language model is configured that could distil it."]
				: [];
		return this.#answer(results, "verbatim", [...unwanted, ...lacking(problem)]);
	}

	/** What became of a save that was to be distilled; undefined: the model has not answered yet. */
	async #result(added: AddResult, formed: DistillOutcome | undefined): Promise<SaveResult> {
		if (formed?.kind === "distilled")
			return this.#answer(formed.results, "distilled", [
				...formed.notes,
				...lacking(formed.embeddingProblem),
			]);
		const { id, userId, text } = added.memory;
		const now = await this.#options.store.memories.get(id, userId);
		if (now?.text !== text)
			return this.#answer(now ? [{ event: "ADD", memory: now }] : [], "verbatim", [
				"It was changed or deleted by somebody else while it was being saved.",
			]);
		return this.#answer([added], "verbatim", this.#notesOn(formed));
	}

	#notesOn(formed: Exclude<DistillOutcome, { kind: "distilled" }> | undefined): readonly string[] {
		switch (formed?.kind) {
			case "kept":
				return formed.notes;
			case "postponed":
				return [
					formed.problem,
					"The text is kept word for word and can be found now; facts are taken out of it later.",
				];
			case "given-up":
				return [formed.problem, "The text is kept word for word."];
			case "overtaken":
				return ["Another process is at work on it."];
			case undefined:
				return [
					this.#stop.signal.aborted
						? "The memory is being closed. The text is kept word for word; facts are taken out of it later."
						: `The language model has not answered within ${patience / 1000} s. The text is kept word for word and can be found now; facts are taken out of it in the background.`,
				];
		}
	}

	/** Reads back what was stored, and what is still to be done with it. */
	async #answer(
		results: readonly AddResult[],
		mode: SaveResult["mode"],
		notes: readonly string[] = [],
	): Promise<SaveResult> {
		const { store, embedder, formation, background } = this.#options;
		const back = await store.saves.readBack(
			results.map(({ memory }) => memory),
			embedder.space,
		);
		for (const [index, { memory }] of results.entries())
			if (back[index]?.memory?.text !== memory.text)
				throw new Error(
					`The memory ${memory.id} could not be read back as it was saved. Its text is kept in the journal as ${memory.saveId}.`,
				);
		const awaits = {
			distillation: formation !== undefined && back.some(({ distilling }) => distilling),
			embedding: back.some(({ awaitsVector }) => awaitsVector),
		};
		const pending = (["distillation", "embedding"] as const).filter((work) => awaits[work]);
		if (pending.length > 0) background.soon();
		return {
			memories: results.map(({ event, memory: { id, text } }) => ({ id, text, event })),
			mode,
			pending,
			...(notes.length > 0 ? { note: notes.join(" ") } : {}),
		};
	}

	async #importAll(requests: readonly ImportRequest[]): Promise<readonly ("ADD" | "DUPLICATE")[]> {
		const { store, userId, embedder, background } = this.#options;
		const memories = requests.map((request) => checkedMemory(userId, request));
		const { vectors, problem } = await embedder.embedAll(
			memories.map(({ text }) => text),
			undefined,
			importPatience,
		);
		if (problem) background.soon();
		const added = await store.saves.addAll(
			memories.map((memory, index) => ({
				...memory,
				...(vectors ? { vector: vectors[index] as Vector } : {}),
			})),
		);
		return added.map(({ event }) => event);
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

function lacking(problem: string | undefined): string[] {
	return problem ? [`${problem} It can be found by its words now, and by its meaning later.`] : [];
}
