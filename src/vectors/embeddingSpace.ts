/** Two vectors are comparable only within one space, even if their widths are equal. */
export interface EmbeddingSpace {
	/** `builtin`, `openai`, `ollama`, … */
	readonly provider: string;
	/** The origin of the endpoint's URL; empty for the built-in model. */
	readonly origin: string;
	readonly model: string;
	readonly dimensions: number;
}

/** A vector of length 1. */
export interface TextVector extends Float32Array {
	/** The model of its space, where the server names the model in its answer. */
	model?: string | undefined;
	/** The signs of the text's words, if the model provides them (see vectors/wordSigns.ts). */
	words?: Uint8Array;
}
