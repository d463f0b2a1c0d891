import type { KeptText } from "../../store/transfers.ts";
import type { MemoryContext } from "../memoryContext.ts";
import { redactedFields, redactSecrets } from "./secretGuard.ts";

/** A kept text that has secrets in it. What they are is not told. */
export interface KeptSecret extends Omit<KeptText, "text"> {
	readonly kinds: readonly string[];
}

export interface KeptSecrets {
	readonly found: readonly KeptSecret[];
	/** Texts that were looked through. */
	readonly texts: number;
	/** Of these texts, those with secrets. */
	readonly affected: number;
	/**
	 * Replaces them as a save would, and erases them for good.
	 * @returns whether nothing is left in the database; false while another process still reads an earlier state.
	 */
	erase(): Promise<boolean>;
}

const pageSize = 500;

/** Looks through every text that the user's memory keeps, history and journal included. */
export async function lookForSecrets(
	{ store, userId }: Pick<MemoryContext, "store" | "userId">,
	report: (texts: number) => void,
	signal: AbortSignal,
): Promise<KeptSecrets> {
	const found: KeptSecret[] = [];
	const replacements = new Map<string, string>();
	let texts = 0;
	let next: string | undefined;
	do {
		signal.throwIfAborted();
		const page = await store.memories.keptTexts(userId, pageSize, next);
		for (const { text, ...place } of page.texts) {
			const { text: by, kinds } = await redacted(text, place.where === "metadata");
			if (kinds.length === 0) continue;
			found.push({ ...place, kinds });
			replacements.set(text, by);
		}
		texts += page.texts.length;
		report(texts);
		// Others of this process get their turn.
		await new Promise((resolve) => setImmediate(resolve));
		next = page.next;
	} while (next !== undefined);
	return {
		found,
		texts,
		affected: found.length,
		erase: () => store.memories.replaceKeptTexts(userId, replacements),
	};
}

async function redacted(text: string, isJson: boolean) {
	if (!isJson) return redactSecrets(text);
	const { value, kinds } = await redactedFields(JSON.parse(text) as unknown);
	return { text: JSON.stringify(value), kinds };
}
