import type { Embedder } from "../../src/endpoints/embedder.ts";
import type { EmbeddingSpace } from "../../src/vectors/embeddingSpace.ts";
import { standardDimensions } from "./corpus.ts";

/** Knows its texts' vectors beforehand and answers at once, so that a figure holds everything but the embedding. */
export class StubEmbedder implements Embedder {
	readonly description = "stub";
	readonly origin = "";
	readonly calibration = { unrelated: 0.2, same: 0.8 };
	readonly space: EmbeddingSpace;
	readonly #vectors = new Map<string, Float32Array>();

	constructor(dimensions: number = standardDimensions) {
		this.space = { provider: "bench", origin: "", model: "prepared", dimensions };
	}

	prepare(texts: readonly { readonly text: string; readonly vector: Float32Array }[]): void {
		for (const { text, vector } of texts) this.#vectors.set(text, vector);
	}

	async embed(texts: readonly string[]): Promise<Float32Array[]> {
		return texts.map((text) => {
			const vector = this.#vectors.get(text);
			if (!vector) throw new Error(`No vector was prepared for: ${text}`);
			return vector;
		});
	}

	dispose(): Promise<void> {
		return Promise.resolve();
	}
}
