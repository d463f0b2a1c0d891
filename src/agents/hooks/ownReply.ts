import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../config/config.ts";
import { silentLog } from "../../config/log.ts";
import { type Bundles, openMemory } from "../../memory/openMemory.ts";
import { type Question, type Reply, replyTo } from "./question.ts";

/** ms to wait for another process's lock. */
const busyTimeout = 300;

export interface OwnMemory {
	readonly config: Config;
	readonly notConfigured: { readonly embedding?: string };
	readonly bundles: Bundles;
}

/** ms after the start of the process. */
export interface Times {
	/** Until then the prompt's vector is waited for. */
	readonly vector: number;
	/** What is known by then is the answer. */
	readonly answer: number;
}

/**
 * The answer of a memory that this process opens to read from it. It is not closed: the process ends. A prompt is first
 * searched for by words, so that there is an answer whatever becomes of the model.
 * @throws StoreError if there is none, or one that has to be mended or brought up to date first.
 */
export async function ownReply(
	{ config, notConfigured, bundles }: OwnMemory,
	question: Question,
	until: Times,
): Promise<Reply | undefined> {
	const memory = await openMemory({
		// What is only read is not distilled.
		config: { ...config, llm: undefined },
		bundles,
		log: silentLog,
		notConfigured: notConfigured.embedding === undefined ? {} : { embedding: notConfigured.embedding },
		reading: { busyTimeout },
	});
	const ask = (patience: number) => replyTo(memory, { ...question, patience }, config);
	const left = (time: number) => Math.round(time - performance.now());
	// Its models are warm, and a second question costs another way there and back.
	if (config.teamServer) return ask(Math.max(0, left(until.vector)));
	const byWords = await ask(0);
	const [forVector, forAll] = [left(until.vector), left(until.answer)];
	if (question.prompt === undefined || !forVector || forVector <= 0) return byWords;
	return Promise.race([ask(forVector), sleep(forAll, byWords)]);
}
