import { isDeepStrictEqual } from "node:util";
import { prefixesInSpace } from "../../config/embeddingPrefixes.ts";
import { type EmbeddingEndpoint, type HttpEndpoint, originsOf, urlsOf } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import type { EmbeddingSpace, TextVector } from "../../vectors/embeddingSpace.ts";
import { type Calibration, calibrate, calibrationTexts } from "../calibration.ts";
import { type Embedder, type EmbedOptions, TextsNotEmbedded } from "../embedder.ts";
import { EndpointError } from "../endpointError.ts";
import { Abilities, type AbilityNotes, type EmbeddingAbilities } from "./abilities.ts";
import { Agreement, agreementText } from "./agreement.ts";
import type { OpenAiClient, RequestOptions } from "./client.ts";
import { answeringModel, spaceModel } from "./modelNames.ts";
import { embeddingForms, negotiate } from "./requestForms.ts";
import { Servers, type ServersOptions } from "./servers.ts";
import { type BatchOptions, TextBatches } from "./textBatches.ts";
import { requestUrl } from "./urls.ts";
import { readVectors } from "./vectorAnswer.ts";
import { inputLength } from "./windows.ts";

/** ms for one request, however long chat requests may take. */
const longestRequest = 60_000;
/** ms that a server may take before another one is asked: with one text, for each further one, while it loads its model; and for the next minute. */
const waits = { first: 5000, further: 500, loading: 10_000, turn: 5000 };

/** An embedding model behind an OpenAI-compatible endpoint. */
export class OpenAiEmbedder implements Embedder {
	readonly description: string;
	readonly origin: string;
	readonly #endpoint: EmbeddingEndpoint;
	readonly #servers: Servers;
	readonly #agreement: Agreement;
	/** Of the model; the forms of requests are those of its first server … */
	readonly #abilities: Abilities<EmbeddingAbilities>;
	/** … and the others have their own, by their URLs. */
	readonly #abilitiesAt: ReadonlyMap<string, Abilities<EmbeddingAbilities>>;
	readonly #batches: TextBatches;
	readonly #log: Log;
	/** ms for one request. */
	readonly #timeout: number;

	constructor(endpoint: EmbeddingEndpoint, log: Log, notes?: AbilityNotes, options?: ServersOptions) {
		this.#endpoint = endpoint;
		this.#log = log;
		this.#servers = new Servers(endpoint, "embedding", log, {
			...options,
			examine: (...server) => this.#examine(...server),
		});
		const { model, dimensions = "", prefixes } = endpoint;
		const abilitiesAt = (url: string) =>
			new Abilities<EmbeddingAbilities>(
				`embeddings ${url} ${model} ${dimensions}${prefixesInSpace(prefixes).prefixes ?? ""}`,
				notes,
			);
		this.#abilitiesAt = new Map(urlsOf(endpoint).map((url) => [url, abilitiesAt(url)]));
		this.#abilities = this.#abilitiesAt.get(endpoint.baseUrl) ?? abilitiesAt(endpoint.baseUrl);
		this.#timeout = Math.min(endpoint.timeout, longestRequest);
		this.#batches = new TextBatches(
			this.#abilities,
			log,
			this.#timeout,
			(texts, options) => this.#request(texts, options),
			inputLength(endpoint.model),
		);
		this.description = `${endpoint.model} at ${urlsOf(endpoint).join(", ")}`;
		this.origin = originsOf(endpoint);
		this.#agreement = new Agreement(endpoint, notes, log);
	}

	/** That with which all servers agree. Undefined until the width of its vectors is known. */
	get space(): EmbeddingSpace | undefined {
		const { width, answeredBy } = this.#abilities.known;
		const dimensions = this.#endpoint.dimensions ?? width;
		if (dimensions === undefined) return undefined;
		return {
			provider: this.#endpoint.provider,
			origin: this.#agreement.origin,
			model: spaceModel(this.#endpoint, answeredBy),
			dimensions,
			...prefixesInSpace(this.#endpoint.prefixes),
		};
	}

	get remark(): string | undefined {
		const { answeredBy } = this.#abilities.known;
		if (answeredBy === undefined || spaceModel(this.#endpoint, answeredBy) === this.#endpoint.model)
			return undefined;
		return `The server at ${this.#endpoint.baseUrl} was asked for ${this.#endpoint.model} and answers with ${answeredBy}. Vectors of the two are kept apart. If that is the model you want, set EMBEDDING_MODEL_CHOICE to ${answeredBy}.`;
	}

	get calibration(): Calibration | undefined {
		return this.#abilities.known.calibration;
	}

	async calibrate(signal: AbortSignal): Promise<void> {
		if (this.calibration) return;
		const vectors = await this.embed(calibrationTexts, { signal });
		this.#abilities.learn({ calibration: calibrate(vectors.filter((vector) => vector !== undefined)) });
	}

	async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<(TextVector | undefined)[]> {
		const results = await this.#batches.embed(texts, options);
		const failed = new Map(
			[...results.entries()].filter(
				(each): each is [number, EndpointError] => each[1] instanceof EndpointError,
			),
		);
		const vectors = results.map((each) => (each instanceof EndpointError ? undefined : each));
		if (failed.size > 0) throw new TextsNotEmbedded(vectors, failed);
		return vectors;
	}

	/** The runtime owns the connections, and closes idle ones. */
	dispose(): Promise<void> {
		this.#servers.dispose();
		return Promise.resolve();
	}

	/** @throws EndpointError if a server's vectors are not those of the others. */
	async #examine(server: OpenAiClient, signal: AbortSignal | undefined, hasOthers: boolean): Promise<void> {
		const timeout = Math.min(this.#timeout, hasOthers ? waits.loading : longestRequest);
		const turn = { signal, urgent: true, patience: waits.turn, attempts: 2, timeout };
		const { vectors, name } = await this.#ask(server, [agreementText], turn);
		const [vector] = vectors as [TextVector];
		this.#checkWidth(vector.length, server.endpoint);
		this.#agreement.check(server.endpoint.baseUrl, vector, name);
	}

	async #request(
		texts: readonly string[],
		{ signal, purpose, patience, attempts }: BatchOptions,
	): Promise<TextVector[]> {
		const timeoutOfFirst = Math.min(this.#timeout, waits.first + waits.further * (texts.length - 1));
		const turn = { signal, urgent: purpose === "query", patience, timeout: this.#timeout, timeoutOfFirst };
		const asked = attempts === undefined ? turn : { ...turn, attempts };
		const prefix = this.#endpoint.prefixes[purpose ?? "document"];
		const sent = prefix ? texts.map((text) => prefix + text) : texts;
		const { answer, server } = await this.#servers.request(async (client, options) => {
			const given = await this.#send(client, sent, options);
			const { baseUrl } = client.endpoint;
			// Another model may have taken the server's name.
			if (this.#abilitiesAt.size > 1 && !this.#agreement.hasAgreed(baseUrl, answeringModel(given)))
				await this.#examine(client, options.signal, false);
			return { answer: given, server: client.endpoint };
		}, asked);
		const { vectors, name: own } = this.#read(answer, texts.length, server);
		const name = this.#agreement.nameInSpace(server.baseUrl, own);
		this.#check((vectors[0] as Float32Array).length, name, server);
		for (const vector of vectors) vector.model = spaceModel(this.#endpoint, name);
		return vectors;
	}

	async #ask(server: OpenAiClient, texts: readonly string[], turn: RequestOptions) {
		return this.#read(await this.#send(server, texts, turn), texts.length, server.endpoint);
	}

	/** @returns the answer as it came. */
	async #send(server: OpenAiClient, texts: readonly string[], turn: RequestOptions): Promise<unknown> {
		const { model, dimensions } = this.#endpoint;
		// A single text is sent as a string: some small servers take nothing else.
		const request = { model, input: texts.length === 1 ? (texts[0] as string) : texts, dimensions };
		const abilities = this.#abilitiesAt.get(server.endpoint.baseUrl) ?? this.#abilities;
		const { forms: learned = {} } = abilities.known;
		const { answer, forms } = await negotiate(
			learned,
			(tried) =>
				// Not `embeddings.create`, which asks for base64 where no format is named.
				server.request(
					(client, options) =>
						client.post<unknown>("/embeddings", { body: embeddingForms.body(request, tried), ...options }),
					turn,
				),
			({ parameter }, tried) => parameter && embeddingForms.after(request, tried, parameter),
		);
		if (!isDeepStrictEqual(learned, forms)) abilities.learn({ forms });
		return answer;
	}

	/** @returns also the model that the answer names. */
	#read(answer: unknown, inputs: number, server: HttpEndpoint) {
		const vectors: TextVector[] = readVectors(answer, inputs, requestUrl(server, "embedding"));
		return { vectors, name: answeringModel(answer) };
	}

	#checkWidth(width: number, server: HttpEndpoint): void {
		const { dimensions, model } = this.#endpoint;
		if (dimensions !== undefined && width !== dimensions)
			throw new EndpointError(
				"dimensions",
				`gives vectors of ${width} numbers for ${model}, but EMBEDDING_MODEL_DIMS is ${dimensions}`,
				`Set EMBEDDING_MODEL_DIMS to ${width}, or unset it to have the width measured.`,
				{ role: "embedding", url: requestUrl(server, "embedding") },
			);
	}

	/** @param answeredBy the model that the answer names. */
	#check(width: number, answeredBy: string | undefined, server: HttpEndpoint): void {
		this.#checkWidth(width, server);
		const before = this.#abilities.known;
		const sameModel =
			spaceModel(this.#endpoint, before.answeredBy) === spaceModel(this.#endpoint, answeredBy);
		if (before.width === width && sameModel) return;
		const { width: was } = before;
		if (was !== undefined && was !== width)
			this.#log.warn(
				`${this.description} gave vectors of ${was} numbers before and gives ${width} now: another model uses this name. Its vectors are kept apart.`,
			);
		// Another model may be behind another server, too.
		const other = { calibration: undefined, batch: undefined, tooLong: undefined };
		this.#abilities.learn({ ...(was === undefined ? {} : other), width, answeredBy });
		if (!sameModel && this.remark) this.#log.warn(this.remark);
	}
}
