import type { Calibration } from "../calibration.ts";

/** What was learned of an endpoint and is kept between runs. The store implements it. */
export interface AbilityNotes {
	get(key: string): string | undefined;
	put(key: string, value: string): Promise<void>;
}

/** What is known of a model at an endpoint; absent where nothing was learned yet. */
export interface ChatAbilities {
	readonly json?: "json_schema" | "json_object" | "text";
	readonly tokens?: "max_tokens" | "max_completion_tokens" | "none";
	/** Whether a temperature is taken. */
	readonly temperature?: boolean;
	/** Tokens. */
	readonly contextLength?: number;
	/** When that was learned, in ms since 1970. */
	readonly contextAt?: number;
	/** Most tokens of an answer. */
	readonly maxTokens?: number;
}

export interface EmbeddingAbilities {
	/** Measured. */
	readonly width?: number;
	/** Measured; see endpoints/calibration.ts. */
	readonly calibration?: Calibration;
	/** Whether the parameter `dimensions` is taken. */
	readonly dimensions?: boolean;
	readonly batch?: number;
}

/** Servers are updated and models replaced: what was learned is forgotten after this long, in ms. */
const remembered = 14 * 86_400_000;

/** What is known of one model at one endpoint; kept in memory, and written through where there is a place for it. */
export class Abilities<T extends object> {
	readonly #key: string;
	readonly #learned: AbilityNotes | undefined;
	#known: T | undefined;

	constructor(key: string, learned: AbilityNotes | undefined) {
		this.#key = key;
		this.#learned = learned;
	}

	get known(): Readonly<Partial<T>> {
		this.#known ??= this.#read();
		return this.#known;
	}

	/** Adds to what is known, or takes back; a failure to write it down costs only that it is learned again. */
	learn(more: { [K in keyof T]?: T[K] | undefined }): void {
		const known = { ...this.known, ...more } as T;
		this.#known = known;
		void this.#learned?.put(this.#key, JSON.stringify({ at: Date.now(), ...known })).catch(() => undefined);
	}

	#read(): T {
		const text = this.#learned?.get(this.#key);
		if (text === undefined) return {} as T;
		try {
			const { at, ...known } = JSON.parse(text) as { at: number };
			return (Date.now() - at < remembered ? known : {}) as T;
		} catch {
			// Written by something else: nothing is known.
			return {} as T;
		}
	}
}
