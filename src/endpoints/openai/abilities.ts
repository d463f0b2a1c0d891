import type { Calibration } from "../calibration.ts";
import type { Forms } from "./requestForms.ts";

/** Keeps what was learned about endpoints between runs. The store implements it. */
export interface AbilityNotes {
	get(key: string): string | undefined;
	put(key: string, value: string): Promise<void>;
}

/** What a model at an endpoint can do; a field is absent until it is learned. */
interface ModelAbilities {
	/** How requests must be formed. */
	readonly forms?: Forms;
	/** The model that its answers name. */
	readonly answeredBy?: string;
}

export interface ChatAbilities extends ModelAbilities {
	/** Tokens. */
	readonly contextLength?: number;
	/** When the context length was learned, in ms since 1970. */
	readonly contextAt?: number;
	/** The most tokens that an answer may have. */
	readonly maxTokens?: number;
}

export interface EmbeddingAbilities extends ModelAbilities {
	/** Measured. */
	readonly width?: number;
	/** Measured; see endpoints/calibration.ts. */
	readonly calibration?: Calibration;
	/** The most texts in one request. */
	readonly batch?: number;
	/** A text of so many characters is surely too long for one request. */
	readonly tooLong?: number;
}

/** ms after which abilities are learned again: servers are updated, and models replaced. */
const validFor = 14 * 86_400_000;

/** The abilities of one model at one endpoint; written through to the notes, if there are any. */
export class Abilities<T extends object> {
	readonly #key: string;
	readonly #notes: AbilityNotes | undefined;
	#known: T | undefined;
	/** When the first of them was learned, in ms since 1970. */
	#since = Date.now();

	constructor(key: string, notes: AbilityNotes | undefined) {
		this.#key = key;
		this.#notes = notes;
	}

	get known(): T {
		this.#known ??= this.#read();
		if (isRecent(this.#since)) return this.#known;
		this.#since = Date.now();
		this.#known = {} as T;
		return this.#known;
	}

	/** Adds to what is known, or takes it back (undefined). If it cannot be written down, it is learned again. */
	learn(more: { [K in keyof T]?: T[K] | undefined }): void {
		const known = { ...this.known, ...more } as T;
		this.#known = known;
		void this.#notes?.put(this.#key, JSON.stringify({ since: this.#since, ...known })).catch(() => undefined);
	}

	#read(): T {
		const text = this.#notes?.get(this.#key);
		if (text === undefined) return {} as T;
		try {
			const { since, ...known } = JSON.parse(text) as { since: number };
			if (!isRecent(since)) return {} as T;
			this.#since = since;
			return known as T;
		} catch {
			// Another program wrote it.
			return {} as T;
		}
	}
}

/** The clock may have been ahead when it was learned. */
function isRecent(since: number): boolean {
	return Math.abs(Date.now() - since) < validFor;
}
