import * as l10n from "@vscode/l10n";
import type { Clock } from "../../config/clock.ts";
import type { StoredMemory } from "../../store/types.ts";
import { plural } from "../../text/wording.ts";
import { textPause } from "./retrySchedule.ts";

/** Memories that have no vector because the embedding model fails on their texts. */
export interface NotEmbedded {
	readonly count: number;
	/** The last error, for people. */
	readonly problem: string;
}

interface FailedText {
	readonly attempts: number;
	/** On the clock's monotonic time. */
	readonly due: number;
	readonly problem: string;
}

/** The texts on which the embedding model has failed in this process although it works, and when to try each again. */
export class FailedTexts {
	readonly #clock: Clock;
	#texts = new Map<string, FailedText>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	isDue(memory: StoredMemory): boolean {
		return (this.#texts.get(keyOf(memory))?.due ?? 0) <= this.#clock.elapsed();
	}

	failed(memory: StoredMemory, error: Error): void {
		const { attempts = 0 } = this.#texts.get(keyOf(memory)) ?? {};
		const { retryAfter = 0 } = error as { readonly retryAfter?: number | undefined };
		this.#texts.set(keyOf(memory), {
			attempts: attempts + 1,
			due: this.#clock.elapsed() + textPause(attempts, retryAfter),
			problem: error.message,
		});
	}

	/** Forgets all but these, which still lack a vector. */
	keep(memories: ReadonlySet<string>): void {
		this.#texts = new Map([...this.#texts].filter(([key]) => memories.has(key)));
	}

	/** Makes all of them due. */
	retryAll(): void {
		for (const [key, text] of this.#texts) this.#texts.set(key, { ...text, due: 0 });
	}

	/** ms until the next is due; undefined if there is none. */
	get untilDue(): number | undefined {
		const next = Math.min(...[...this.#texts.values()].map(({ due }) => due));
		return Number.isFinite(next) ? Math.max(0, next - this.#clock.elapsed()) : undefined;
	}

	get state(): NotEmbedded | undefined {
		const last = [...this.#texts.values()].at(-1);
		return last && { count: this.#texts.size, problem: last.problem };
	}
}

/** A text that was changed is another. */
export function keyOf({ seq, updatedAt }: StoredMemory): string {
	return `${seq} ${updatedAt}`;
}

/** What to tell people of memories whose texts could not be embedded. */
export function notEmbeddedNotice({ count, problem }: NotEmbedded): string {
	const what = plural(
		count,
		l10n.t("# memory has no vector, because the embedding model fails on its text."),
		l10n.t("# memories have no vector, because the embedding model fails on their texts."),
	);
	const advice = plural(
		count,
		l10n.t(
			"It is found by words, and tried again later. Shorten or reword its text, or use another embedding model.",
		),
		l10n.t(
			"They are found by words, and tried again later. Shorten or reword their texts, or use another embedding model.",
		),
	);
	return `${what} ${problem} ${advice}`;
}
