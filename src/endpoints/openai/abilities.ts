import type { Calibration } from "../calibration.ts";

/** Keeps what was learned about endpoints between runs. The store implements it. */
export interface AbilityNotes {
	get(key: string): string | undefined;
	put(key: string, value: string): Promise<void>;
}

/** What a language model at an endpoint can do; a field is absent until it is learned. */
export interface ChatAbilities {
	readonly json?: "json_schema" | "json_object" | "text";
	readonly tokens?: "max_tokens" | "max_completion_tokens" | "none";
	/** Whether it takes a temperature. */
	readonly temperature?: boolean;
	/** Tokens. */
	readonly contextLength?: number;
	/** When the context length was learned, in ms since 1970. */
	readonly contextAt?: number;
	/** The most tokens that an answer may have. */
	readonly maxTokens?: number;
}

export interface EmbeddingAbilities {
	/** Measured. */
	readonly width?: number;
	/** Measured; see endpoints/calibration.ts. */
	readonly calibration?: Calibration;
	/** Whether it takes the parameter `dimensions`. */
	readonly dimensions?: boolean;
	/** The most texts in one request. */
	readonly batch?: number;
}

/** ms after which abilities are learned again: servers are updated, and models replaced. */
const validFor = 14 * 86_400_000;

/** The abilities of one model at one endpoint; written through to the notes, if there are any. */
export class Abilities<T extends object> {
	readonly #key: string;
	readonly #notes: AbilityNotes | undefined;
	#known: T | undefined;

	constructor(key: string, notes: AbilityNotes | undefined) {
		this.#key = key;
		this.#notes = notes;
	}

	get known(): T {
		this.#known ??= this.#read();
		return this.#known;
	}

	/** Adds to what is known, or takes it back (undefined). If it cannot be written down, it is learned again. */
	learn(more: { [K in keyof T]?: T[K] | undefined }): void {
		const known = { ...this.known, ...more } as T;
		this.#known = known;
		void this.#notes?.put(this.#key, JSON.stringify({ at: Date.now(), ...known })).catch(() => undefined);
	}

	#read(): T {
		const text = this.#notes?.get(this.#key);
		if (text === undefined) return {} as T;
		try {
			const { at, ...known } = JSON.parse(text) as { at: number };
			return (Date.now() - at < validFor ? known : {}) as T;
		} catch {
			// Another program wrote it.
			return {} as T;
		}
	}
}
