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

/**
 * The answer of a memory that this process opens to read from it. It is not closed: the process ends.
 * @throws StoreError if there is none, or one that has to be mended or brought up to date first.
 */
export async function ownReply(
	{ config, notConfigured, bundles }: OwnMemory,
	question: Question,
): Promise<Reply | undefined> {
	const memory = await openMemory({
		// What is only read is not distilled.
		config: { ...config, llm: undefined },
		bundles,
		log: silentLog,
		notConfigured: notConfigured.embedding === undefined ? {} : { embedding: notConfigured.embedding },
		reading: { busyTimeout },
	});
	return replyTo(memory, question, config.briefTokens);
}
