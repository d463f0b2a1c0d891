/** Two vectors are comparable only within one space, even if their widths are equal. */
export interface EmbeddingSpace {
	/** `builtin`, `openai`, `ollama`, … */
	readonly provider: string;
	/** The origin of the endpoint's URL, or of a server that makes the same vectors; empty for the built-in model. */
	readonly origin: string;
	readonly model: string;
	readonly dimensions: number;
	/** What the model reads before queries and documents, if anything (see config/embeddingPrefixes.ts). */
	readonly prefixes?: string;
}

/** A vector of length 1. */
export interface TextVector extends Float32Array {
	/** The model of its space, where the server names the model in its answer. */
	model?: string | undefined;
	/** The signs of the text's words, if the model provides them (see vectors/wordSigns.ts). */
	words?: Uint8Array;
}

/** The key of the note that names the origin of the space which the vectors of a server belong to; empty: its own. */
export function spaceNote({ provider, model, origin }: Omit<EmbeddingSpace, "dimensions">): string {
	return `space of ${provider} ${model} at ${origin}`;
}
