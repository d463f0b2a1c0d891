import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../config/log.ts";
import { StoreError } from "../../store/errors.ts";
import type { AddResult, JournalEntry, MemoryStore, PendingSave, Vector } from "../../store/memoryStore.ts";
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
		const draft = checkedMemory(userId, request);
		const distil = formation !== undefined && request.infer !== false;
		const known = distil ? store.distillations.knownFrom(draft) : [];
		if (known.length > 0)
			return this.#answer(
				known.map((memory) => ({ event: "DUPLICATE", memory })),
				"distilled",
			);

		const saveId = randomUUID();
		const entry: JournalEntry = { ...draft, id: saveId };
		if (!distil) return this.#keepVerbatim(entry, request);
		const added = await store.memories.record(entry);
		if (added.event === "DUPLICATE") return this.#answer([added], "verbatim");

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
		const { store } = this.#options;
		const { id: saveId, ...draft } = entry;
		await store.journal.record(entry);
		const known = store.memories.duplicateOf(draft);
		const embedding = known ? undefined : await this.#options.embedder.embed(draft.text);
		const vector = embedding?.vector ? { vector: embedding.vector } : {};
		const added = await store.memories.add({ ...draft, saveId, ...vector });
		const unwanted =
			request.infer === true
				? ["Saved word for word: no language model is configured that could distil it."]
				: [];
		return this.#answer([added], "verbatim", [...unwanted, ...lacking(embedding?.problem)]);
	}

	/** What became of a save that was to be distilled; undefined: the model has not answered yet. */
	#result(added: AddResult, formed: DistillOutcome | undefined): SaveResult {
		if (formed?.kind === "distilled")
			return this.#answer(formed.results, "distilled", [
				...formed.notes,
				...lacking(formed.embeddingProblem),
			]);
		const { id, userId, text } = added.memory;
		const now = this.#options.store.memories.get(id, userId);
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
	#answer(
		results: readonly AddResult[],
		mode: SaveResult["mode"],
		notes: readonly string[] = [],
	): SaveResult {
		const { store, embedder, formation, background } = this.#options;
		const memories = results.map(({ event, memory: { id, userId, text, saveId } }) => {
			const stored = store.memories.get(id, userId);
			if (stored?.text === text) return { event, stored };
			throw new Error(
				`The memory ${id} could not be read back as it was saved. Its text is kept in the journal as ${saveId}.`,
			);
		});
		const awaits = {
			distillation: memories.some(
				({ stored: { saveId } }) => formation && saveId && store.distillations.isPending(saveId),
			),
			embedding: memories.some(({ stored: { seq } }) => store.vectors.awaits(embedder.space, seq)),
		};
		const pending = (["distillation", "embedding"] as const).filter((work) => awaits[work]);
		if (pending.length > 0) background.soon();
		return {
			memories: memories.map(({ event, stored: { id, text } }) => ({ id, text, event })),
			mode,
			pending,
			...(notes.length > 0 ? { note: notes.join(" ") } : {}),
		};
	}

	async #importAll(requests: readonly ImportRequest[]): Promise<readonly ("ADD" | "DUPLICATE")[]> {
		const { store, userId, embedder, background } = this.#options;
		const drafts = requests.map((request) => checkedMemory(userId, request));
		const { vectors, problem } = await embedder.embedAll(
			drafts.map(({ text }) => text),
			undefined,
			importPatience,
		);
		if (problem) background.soon();
		const added = await store.memories.addAll(
			drafts.map((draft, index) => ({ ...draft, ...(vectors ? { vector: vectors[index] as Vector } : {}) })),
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
