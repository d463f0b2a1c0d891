import { prefixesInSpace } from "../../config/embeddingPrefixes.ts";
import { type EmbeddingEndpoint, originsOf, urlsOf } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import { type Calibration, calibrate, calibrationTexts } from "../calibration.ts";
import type { Embedder, EmbedOptions } from "../embedder.ts";
import { EndpointError } from "../endpointError.ts";
import { Abilities, type AbilityNotes, type EmbeddingAbilities } from "./abilities.ts";
import { Agreement, agreementText } from "./agreement.ts";
import type { OpenAiClient, RequestOptions } from "./client.ts";
import { Servers, type ServersOptions } from "./servers.ts";
import { requestUrl } from "./urls.ts";
import { readVectors } from "./vectorAnswer.ts";

const firstBatch = 64;
/** ms for one request, however long chat requests may take. */
const longestRequest = 60_000;
/** ms that a server may take before another one is asked: with one text, for each further one, while it loads its model; and for the next minute. */
const waits = { first: 5000, further: 500, loading: 10_000, turn: 5000 };
/** How often a text that is too long is halved at most; its vector is the average of its parts'. */
const halvings = 7;

/** An embedding model behind an OpenAI-compatible endpoint. */
export class OpenAiEmbedder implements Embedder {
	readonly description: string;
	readonly origin: string;
	readonly #endpoint: EmbeddingEndpoint;
	readonly #servers: Servers;
	readonly #agreement: Agreement;
	readonly #abilities: Abilities<EmbeddingAbilities>;
	readonly #log: Log;
	/** How many texts the server embeds within the time limit of a request, as far as is known. */
	#inTime = firstBatch;

	constructor(endpoint: EmbeddingEndpoint, log: Log, notes?: AbilityNotes, options?: ServersOptions) {
		this.#endpoint = endpoint;
		this.#log = log;
		this.#servers = new Servers(endpoint, "embedding", log, {
			...options,
			examine: (...server) => this.#examine(...server),
		});
		this.#abilities = new Abilities(
			`embeddings ${endpoint.baseUrl} ${endpoint.model} ${endpoint.dimensions ?? ""}${prefixesInSpace(endpoint.prefixes).prefixes ?? ""}`,
			notes,
		);
		this.description = `${endpoint.model} at ${urlsOf(endpoint).join(", ")}`;
		this.origin = originsOf(endpoint);
		this.#agreement = new Agreement(endpoint, notes, log);
	}

	/** That with which all servers agree. Undefined until the width of its vectors is known. */
	get space(): EmbeddingSpace | undefined {
		const dimensions = this.#endpoint.dimensions ?? this.#abilities.known.width;
		if (dimensions === undefined) return undefined;
		return {
			provider: this.#endpoint.provider,
			origin: this.#agreement.origin,
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

	embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Float32Array[]> {
		const prefix = this.#endpoint.prefixes[options.purpose ?? "document"];
		return this.#embedAll(prefix ? texts.map((text) => prefix + text) : texts, options);
	}

	async #embedAll(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]> {
		const vectors: Float32Array[] = [];
		while (vectors.length < texts.length) {
			const size = Math.min(this.#abilities.known.batch ?? firstBatch, this.#inTime);
			vectors.push(...(await this.#batch(texts.slice(vectors.length, vectors.length + size), options)));
		}
		return vectors;
	}

	/** The runtime owns the connections, and closes idle ones. */
	dispose(): Promise<void> {
		this.#servers.dispose();
		return Promise.resolve();
	}

	/** @throws EndpointError if a server's vectors are not those of the others. */
	async #examine(server: OpenAiClient, signal: AbortSignal, hasOthers: boolean): Promise<void> {
		const timeout = Math.min(this.#endpoint.timeout, hasOthers ? waits.loading : longestRequest);
		const turn = { signal, urgent: true, patience: waits.turn, attempts: 2, timeout };
		const [vector] = await this.#ask(server, [agreementText], turn);
		this.#agreement.check(server.endpoint.baseUrl, vector as Float32Array);
	}

	/** @param fewer whether the texts are part of a batch that took too long. */
	async #batch(texts: readonly string[], options: EmbedOptions, fewer = false): Promise<Float32Array[]> {
		// The abilities that the request assumed; another request may have learned better ones since.
		let sent: EmbeddingAbilities = {};
		try {
			return await this.#request(texts, options, (known) => {
				sent = known;
			});
		} catch (error) {
			if (!(error instanceof EndpointError)) throw error;
			if (error.parameter === "dimensions" && (sent.dimensions ?? true)) {
				this.#abilities.learn({ dimensions: false });
				return this.#batch(texts, options);
			}
			// A slow machine may be fast enough for a few.
			if (error.kind === "timeout" && texts.length > 1 && !fewer) {
				this.#inTime = Math.max(1, texts.length >> 2);
				const first = await this.#batch(texts.slice(0, this.#inTime), options, true);
				return [...first, ...(await this.#embedAll(texts.slice(first.length), options))];
			}
			const saysLimit = error.limit !== undefined || error.status !== 413;
			if (texts.length > 1 && error.kind === "batch-too-large" && saysLimit) {
				const most = Math.min(error.limit ?? Math.ceil(texts.length / 2), texts.length - 1);
				this.#abilities.learn({
					batch: Math.max(1, Math.min(most, this.#abilities.known.batch ?? firstBatch)),
				});
				return this.#embedAll(texts, options);
			}
			if (!isTooMuch(error)) throw error;
			if (texts.length === 1) return [await this.#inParts(texts[0] as string, error, options)];
			const half = texts.length >> 1;
			const first = await this.#batch(texts.slice(0, half), options);
			return [...first, ...(await this.#batch(texts.slice(half), options))];
		}
	}

	/** A text that is too long gets the average of its parts' vectors. */
	async #inParts(text: string, error: EndpointError, options: EmbedOptions): Promise<Float32Array> {
		for (let pieces = 2; pieces <= 2 ** halvings; pieces *= 2) {
			const length = Math.ceil(text.length / pieces);
			if (length < 200) break;
			const parts = Array.from({ length: pieces }, (_, index) =>
				text.slice(index * length, (index + 1) * length),
			);
			try {
				const vectors: Float32Array[] = [];
				for (const part of parts.filter((each) => each.trim() !== ""))
					vectors.push(...(await this.#request([part], options)));
				this.#log.debug(`A text of ${text.length} characters was embedded in ${vectors.length} parts.`);
				return average(vectors);
			} catch (again) {
				if (!(again instanceof EndpointError) || !isTooMuch(again)) throw again;
			}
		}
		throw error;
	}

	/** @param onSend gets the abilities that the request assumes, each time it is sent. */
	async #request(
		texts: readonly string[],
		{ signal, purpose, patience }: EmbedOptions,
		onSend?: (known: EmbeddingAbilities) => void,
	): Promise<Float32Array[]> {
		const begun = performance.now();
		const timeout = Math.min(this.#endpoint.timeout, longestRequest);
		const timeoutOfFirst = Math.min(timeout, waits.first + waits.further * (texts.length - 1));
		const turn = { signal, urgent: purpose === "query", patience, timeout, timeoutOfFirst };
		const vectors = await this.#ask(this.#servers, texts, turn, onSend);
		if (texts.length >= this.#inTime && performance.now() - begun < timeout / 4)
			this.#inTime = Math.min(firstBatch, 2 * this.#inTime);
		this.#check((vectors[0] as Float32Array).length);
		return vectors;
	}

	async #ask(
		servers: Pick<Servers, "request">,
		texts: readonly string[],
		turn: RequestOptions,
		onSend?: (known: EmbeddingAbilities) => void,
	): Promise<Float32Array[]> {
		const { model, dimensions } = this.#endpoint;
		// A single text is sent as a string: some small servers take nothing else.
		const input = texts.length === 1 ? (texts[0] as string) : [...texts];
		const answer = await servers.request((client, options) => {
			const { known } = this.#abilities;
			onSend?.(known);
			const wanted = dimensions !== undefined && (known.dimensions ?? true) ? { dimensions } : {};
			return client.embeddings.create({ model, input, encoding_format: "float", ...wanted }, options);
		}, turn);
		return readVectors(answer, texts.length, requestUrl(this.#endpoint, "embedding"));
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
