import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BuiltinEmbedder } from "../../src/endpoints/builtinEmbedder.ts";
import type { Embedder } from "../../src/endpoints/embedder.ts";
import { cacheFolder } from "../support/cache.ts";
import { built } from "./builtFiles.ts";

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
	readonly #file = join(cacheFolder, `vectors-${this.#model.space.model}.json`);
	readonly #known: Map<string, string>;
	#changed = false;

	constructor() {
		const kept = existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, "utf8")) as object) : {};
		this.#known = new Map(Object.entries(kept));
	}

	async embed(texts: readonly string[]): Promise<(Float32Array | undefined)[]> {
		const unknown = [...new Set(texts)].filter((text) => !this.#known.has(text));
		if (unknown.length > 0) {
			const vectors = await this.#model.embed(unknown);
			unknown.forEach((text, index) => {
				const vector = vectors[index];
				this.#known.set(text, vector ? Buffer.from(vector.buffer).toString("base64") : "");
			});
			this.#changed = true;
		}
		return texts.map((text) => {
			const bytes = Buffer.from(this.#known.get(text) ?? "", "base64");
			return bytes.length === 0 ? undefined : new Float32Array(new Uint8Array(bytes).buffer);
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
