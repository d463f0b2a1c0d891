/** Two vectors are comparable only within one space, even if their widths are equal. */
export interface EmbeddingSpace {
	/** `builtin`, `openai`, `ollama`, … */
	readonly provider: string;
	/** The origin of the endpoint's URL; empty for the built-in model. */
	readonly origin: string;
	readonly model: string;
	readonly dimensions: number;
	/** What the model reads before queries and documents, if anything (see config/embeddingPrefixes.ts). */
	readonly prefixes?: string;
}

/** A vector of length 1. `words`: the signs of the text's words, if the model provides them (see vectors/wordSigns.ts). */
export interface TextVector extends Float32Array {
	words?: Uint8Array;
}
