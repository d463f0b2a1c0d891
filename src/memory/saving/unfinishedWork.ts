import type { StoredMemory } from "../../store/types.ts";
import { counted, plural } from "../../text/wording.ts";
import type { MemoryContext } from "../memoryContext.ts";
import { embedInSpace, noteVectors } from "../patientEmbedder.ts";
import type { Distiller } from "./distiller.ts";
import type { DistillSave } from "./distillSave.ts";
import { type FailedTexts, keyOf } from "./failedTexts.ts";

/*
 * The tasks of the background. Each may be cut off at any moment, and may run twice.
 */

const embeddedAtOnce = 64;
const distilledAtOnce = 4;

/** The endpoint does not work now, so asking it for the rest would not help. */
function paused(problem: string, retryAfter: number): Error {
	return Object.assign(new Error(problem), { retryAfter });
}

/** Makes memories of texts whose process died between journal and memory. */
export async function finishAbandonedSaves(
	{ store, userId, log }: MemoryContext,
	signal: AbortSignal,
): Promise<void> {
	for (const entry of await store.distillation.abandoned(userId)) {
		signal.throwIfAborted();
		const { results } = await store.saves.store(entry);
		const known = results.every(({ event }) => event === "DUPLICATE");
		log.info(`Finished a save that was cut off (${known ? "already known" : "stored"}).`);
	}
}

export async function distilPending(
	{ store, userId, log }: MemoryContext,
	distillSave: DistillSave,
	signal: AbortSignal,
): Promise<void> {
	if (distillSave.waitTime > 0) throw paused("The language model asked to wait.", distillSave.waitTime);
	await store.distillation.wake(userId, distillSave.triedWith);
	let done = 0;
	// One save first: if the model is still away, the others do not wait for it in vain.
	for (let atOnce = 1; ; atOnce = distilledAtOnce) {
		signal.throwIfAborted();
		const saves = await store.distillation.claim(userId, atOnce);
		if (saves.length === 0) break;
		const outcomes = await Promise.allSettled(saves.map((save) => distillSave.run(save, signal, true)));
		signal.throwIfAborted();
		done += outcomes.filter((each) => each.status === "fulfilled" && each.value.kind === "distilled").length;
		for (const each of outcomes) {
			if (each.status === "rejected") throw each.reason;
			if (each.value.kind === "postponed" && each.value.concernsEndpoint)
				throw paused(each.value.problem, each.value.retryAfter);
		}
	}
	if (done > 0) log.info(`Distilled ${plural(done, "# save", "# saves")} that had waited.`);
}

/**
 * Embeds what has no vector. Texts on which the model fails do not keep the others from theirs, and are left until they
 * are due again.
 */
export async function embedMissing(
	context: MemoryContext,
	failedTexts: FailedTexts,
	signal: AbortSignal,
): Promise<void> {
	const { store, embedder, userId, log } = context;
	if (embedder.space && !(await store.spaces.progress(userId, embedder.space)).inUse)
		await store.spaces.adopt(userId, embedder.space, embedder.origin === "");
	let done = 0;
	let below: number | undefined;
	const seen = new Set<string>();
	for (;;) {
		signal.throwIfAborted();
		// While the width of the vectors is unknown, one text is enough to learn it.
		const size = embedder.space ? embeddedAtOnce : 1;
		const memories = await store.spaces.missing(userId, embedder.space, size, below);
		if (memories.length === 0) break;
		below = memories.at(-1)?.seq;
		for (const memory of memories) seen.add(keyOf(memory));
		const due = memories.filter((memory) => failedTexts.isDue(memory));
		if (due.length > 0) done += await embed(context, due, failedTexts, signal);
	}
	failedTexts.keep(seen);
	if (done > 0) log.info(`Embedded ${counted(done)} that had no vector yet.`);
}

/** @returns how many were embedded. */
async function embed(
	{ store, embedder, health, log }: MemoryContext,
	memories: readonly StoredMemory[],
	failedTexts: FailedTexts,
	signal: AbortSignal,
): Promise<number> {
	try {
		const texts = memories.map(({ text }) => text);
		const { vectors, failed } = await embedInSpace(embedder, texts, { signal });
		const made = memories.flatMap((memory, index) => {
			const vector = vectors[index];
			return vector ? [{ memory, vector }] : [];
		});
		const [first] = made;
		const rows = made.map(({ memory, vector: { values } }) => ({ memory, values }));
		if (first) await store.spaces.addVectors(first.vector.space, rows);
		for (const [index, error] of failed) {
			failedTexts.failed(memories[index] as StoredMemory, error);
			log.warn(`A text was not embedded: ${error.message}`);
		}
		noteVectors(health.embedding);
		return made.length;
	} catch (error) {
		signal.throwIfAborted();
		health.embedding.failed(error instanceof Error ? error.message : String(error));
		throw error;
	}
}

/** Finds the names in memories whose text has changed. */
export async function linkEntities(
	{ store, userId }: MemoryContext,
	distiller: Distiller,
	signal: AbortSignal,
): Promise<void> {
	for (;;) {
		const memories = await store.distillation.unlinked(userId, 100);
		if (memories.length === 0) break;
		for (const memory of memories) {
			signal.throwIfAborted();
			await store.distillation.link(memory, await distiller.entities(memory.text));
		}
	}
}
