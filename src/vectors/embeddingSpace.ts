/**
 * What makes two vectors comparable. Vectors of different spaces are never compared, whatever their width.
 */
export interface EmbeddingSpace {
	/** `builtin`, `openai`, `ollama`, … */
	readonly provider: string;
	/** Origin of the endpoint's URL; empty for the built-in model. */
	readonly origin: string;
	readonly model: string;
	readonly dimensions: number;
}

/**
 * A vector of length 1. Of models that tell, `words` says what each word of the text means where it stands (see
 * vectors/wordSigns.ts).
 */
export interface TextVector extends Float32Array {
	words?: Uint8Array;
}
