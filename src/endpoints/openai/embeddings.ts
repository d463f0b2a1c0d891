import { prefixesInSpace } from "../../config/embeddingPrefixes.ts";
import { type EmbeddingEndpoint, originOf } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import { type Calibration, calibrate, calibrationTexts } from "../calibration.ts";
import type { Embedder, EmbedOptions } from "../embedder.ts";
import { EndpointError } from "../endpointError.ts";
import type { EndpointHealth } from "../endpointHealth.ts";
import { Abilities, type AbilityNotes, type EmbeddingAbilities } from "./abilities.ts";
import { OpenAiClient } from "./client.ts";
import { limiter } from "./limiter.ts";
import { requestUrl } from "./urls.ts";
import { readVectors } from "./vectorAnswer.ts";

const atOnce = 4;
const firstBatch = 64;
/** ms for one request, however long chat requests may take. */
const longestRequest = 60_000;
/** How often a text that is too long is halved at most; its vector is the average of its parts'. */
const halvings = 7;

/** An embedding model behind an OpenAI-compatible endpoint. */
export class OpenAiEmbedder implements Embedder {
	readonly description: string;
	readonly origin: string;
	readonly #endpoint: EmbeddingEndpoint;
	readonly #client: OpenAiClient;
	readonly #abilities: Abilities<EmbeddingAbilities>;
	readonly #limited = limiter(atOnce);
	readonly #log: Log;
	/** How many texts the server embeds within the time limit of a request, as far as is known. */
	#inTime = firstBatch;

	constructor(endpoint: EmbeddingEndpoint, log: Log, notes?: AbilityNotes, health?: EndpointHealth) {
		this.#endpoint = endpoint;
		this.#log = log;
		this.#client = new OpenAiClient(endpoint, "embedding", log, health);
		this.#abilities = new Abilities(
			`embeddings ${endpoint.baseUrl} ${endpoint.model} ${endpoint.dimensions ?? ""}${prefixesInSpace(endpoint.prefixes).prefixes ?? ""}`,
			notes,
		);
		this.description = `${endpoint.model} at ${endpoint.baseUrl}`;
		this.origin = originOf(endpoint.baseUrl);
	}

	/** Undefined until the width of its vectors is known. */
	get space(): EmbeddingSpace | undefined {
		const dimensions = this.#endpoint.dimensions ?? this.#abilities.known.width;
		if (dimensions === undefined) return undefined;
		return {
			provider: this.#endpoint.provider,
			origin: this.origin,
			model: this.#endpoint.model,
			dimensions,
			...prefixesInSpace(this.#endpoint.prefixes),
		};
	}

	get calibration(): Calibration | undefined {
		return this.#abilities.known.calibration;
	}

	async calibrate(signal: AbortSignal): Promise<void> {
		if (this.calibration) return;
		this.#abilities.learn({ calibration: calibrate(await this.embed(calibrationTexts, { signal })) });
	}

	embed(texts: readonly string[], { signal, purpose = "document" }: EmbedOptions = {}) {
		const prefix = this.#endpoint.prefixes[purpose];
		return this.#embedAll(prefix ? texts.map((text) => prefix + text) : texts, signal);
	}

	async #embedAll(texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
		const vectors: Float32Array[] = [];
		while (vectors.length < texts.length) {
			const size = Math.min(this.#abilities.known.batch ?? firstBatch, this.#inTime);
			vectors.push(...(await this.#batch(texts.slice(vectors.length, vectors.length + size), signal)));
		}
		return vectors;
	}

	/** The runtime owns the connections, and closes idle ones. */
	dispose(): Promise<void> {
		return Promise.resolve();
	}

	/** @param fewer whether the texts are part of a batch that took too long. */
	async #batch(
		texts: readonly string[],
		signal: AbortSignal | undefined,
		fewer = false,
	): Promise<Float32Array[]> {
		// The abilities that the request assumed; another request may have learned better ones since.
		let sent: EmbeddingAbilities = {};
		try {
			return await this.#limited(() => {
				sent = this.#abilities.known;
				return this.#request(texts, signal);
			}, signal);
		} catch (error) {
			if (!(error instanceof EndpointError)) throw error;
			if (error.parameter === "dimensions" && (sent.dimensions ?? true)) {
				this.#abilities.learn({ dimensions: false });
				return this.#batch(texts, signal);
			}
			// A slow machine may be fast enough for a few.
			if (error.kind === "timeout" && texts.length > 1 && !fewer) {
				this.#inTime = Math.max(1, texts.length >> 2);
				const first = await this.#batch(texts.slice(0, this.#inTime), signal, true);
				return [...first, ...(await this.#embedAll(texts.slice(first.length), signal))];
			}
			const saysLimit = error.limit !== undefined || error.status !== 413;
			if (texts.length > 1 && error.kind === "batch-too-large" && saysLimit) {
				const most = Math.min(error.limit ?? Math.ceil(texts.length / 2), texts.length - 1);
				this.#abilities.learn({
					batch: Math.max(1, Math.min(most, this.#abilities.known.batch ?? firstBatch)),
				});
				return this.#embedAll(texts, signal);
			}
			if (!isTooMuch(error)) throw error;
			if (texts.length === 1) return [await this.#inParts(texts[0] as string, error, signal)];
			const half = texts.length >> 1;
			const first = await this.#batch(texts.slice(0, half), signal);
			return [...first, ...(await this.#batch(texts.slice(half), signal))];
		}
	}

	/** A text that is too long gets the average of its parts' vectors. */
	async #inParts(text: string, error: EndpointError, signal: AbortSignal | undefined): Promise<Float32Array> {
		for (let pieces = 2; pieces <= 2 ** halvings; pieces *= 2) {
			const length = Math.ceil(text.length / pieces);
			if (length < 200) break;
			const parts = Array.from({ length: pieces }, (_, index) =>
				text.slice(index * length, (index + 1) * length),
			);
			try {
				const vectors: Float32Array[] = [];
				for (const part of parts.filter((each) => each.trim() !== ""))
					vectors.push(...(await this.#limited(() => this.#request([part], signal), signal)));
				this.#log.debug(`A text of ${text.length} characters was embedded in ${vectors.length} parts.`);
				return average(vectors);
			} catch (again) {
				if (!(again instanceof EndpointError) || !isTooMuch(again)) throw again;
			}
		}
		throw error;
	}

	async #request(texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
		const { model, dimensions, timeout } = this.#endpoint;
		const wanted =
			dimensions !== undefined && (this.#abilities.known.dimensions ?? true) ? { dimensions } : {};
		// A single text is sent as a string: some small servers take nothing else.
		const input = texts.length === 1 ? (texts[0] as string) : [...texts];
		const begun = performance.now();
		const within = Math.min(timeout, longestRequest);
		const answer = await this.#client.request(
			(client, options) =>
				client.embeddings.create({ model, input, encoding_format: "float", ...wanted }, options),
			{ signal, timeout: within },
		);
		if (texts.length >= this.#inTime && performance.now() - begun < within / 4)
			this.#inTime = Math.min(firstBatch, 2 * this.#inTime);
		const vectors = readVectors(answer, texts.length, requestUrl(this.#endpoint, "embedding"));
		this.#check((vectors[0] as Float32Array).length);
		return vectors;
	}

	#check(width: number): void {
		const { dimensions, model } = this.#endpoint;
		if (dimensions !== undefined && width !== dimensions)
			throw new EndpointError(
				"dimensions",
				`gives vectors of ${width} numbers for ${model}, but EMBEDDING_MODEL_DIMS is ${dimensions}`,
				`Set EMBEDDING_MODEL_DIMS to ${width}, or unset it to have the width measured.`,
				{ role: "embedding", url: requestUrl(this.#endpoint, "embedding") },
			);
		const { width: before } = this.#abilities.known;
		if (before === width) return;
		if (before !== undefined)
			this.#log.warn(
				`${this.description} gave vectors of ${before} numbers before and gives ${width} now: another model uses this name. Its vectors are kept apart.`,
			);
		this.#abilities.learn({ width, calibration: undefined });
	}
}

/** Whether a proxy or the model refused a batch, or a single text, for its size. */
function isTooMuch({ kind }: EndpointError): boolean {
	return kind === "too-large" || kind === "batch-too-large";
}

function average(vectors: readonly Float32Array[]): Float32Array {
	const sum = new Float32Array(vectors[0]?.length ?? 0);
	for (const vector of vectors)
		for (let i = 0; i < sum.length; i += 1) (sum[i] as number) += vector[i] as number;
	const length = Math.hypot(...sum);
	return length === 0 ? (vectors[0] as Float32Array) : sum.map((value) => value / length);
}
