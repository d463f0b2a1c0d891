import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BuiltinEmbedder } from "../../../src/endpoints/builtin/embedder.ts";
import { isReadable } from "../../../src/endpoints/builtin/tokens.ts";
import type { Embedder } from "../../../src/endpoints/embedder.ts";
import type { TextVector } from "../../../src/vectors/embeddingSpace.ts";
import { cacheFolder } from "../../support/cache.ts";
import { built } from "../builtFiles.ts";

/**
 * The built-in model with a memory on disk, outside the project: what it has read once it need not read again, so that
 * an idea about ranking is tried in seconds.
 */
export class RememberingEmbedder implements Embedder {
	readonly #model = new BuiltinEmbedder({ workerFile: built("dist/embedder.cjs"), batchTimeout: 600_000 });
	readonly space = this.#model.space;
	readonly description = this.#model.description;
	readonly origin = this.#model.origin;
	readonly calibration = this.#model.calibration;
	readonly namesDistract = this.#model.namesDistract;
	readonly #file = join(cacheFolder, `vectors-and-words-${this.#model.space.model}.json`);
	readonly #known: Map<string, string>;
	#changed = false;

	constructor() {
		const kept = existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, "utf8")) as object) : {};
		this.#known = new Map(Object.entries(kept));
	}

	async embed(texts: readonly string[]): Promise<(TextVector | undefined)[]> {
		const unknown = [...new Set(texts)].filter((text) => !this.#known.has(text));
		if (unknown.length > 0) {
			const vectors = await this.#model.embed(unknown);
			unknown.forEach((text, index) => {
				const vector = vectors[index];
				const parts = vector ? [new Uint8Array(vector.buffer), vector.words ?? new Uint8Array()] : [];
				this.#known.set(text, parts.map((part) => Buffer.from(part).toString("base64")).join(" "));
			});
			this.#changed = true;
		}
		return texts.map((text) => {
			// What it has read may be from a time when it read more.
			if (!isReadable(text)) return undefined;
			const [numbers, words] = (this.#known.get(text) ?? "").split(" ").map(bytesOf);
			if (!numbers || numbers.length === 0) return undefined;
			return Object.assign(new Float32Array(numbers.buffer), words ? { words } : {});
		});
	}

	async dispose(): Promise<void> {
		await this.#model.dispose();
		if (!this.#changed) return;
		this.#changed = false;
		await mkdir(dirname(this.#file), { recursive: true });
		await writeFile(this.#file, JSON.stringify(Object.fromEntries(this.#known)));
	}
}

/** Not of a pool: aligned. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
	return new Uint8Array(Buffer.from(base64, "base64"));
}
