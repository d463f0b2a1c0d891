import { type EmbeddingEndpoint, originOf, urlsOf } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import { dotProduct, toBlob, toFloats } from "../../vectors/blob.ts";
import { spaceNote } from "../../vectors/embeddingSpace.ts";
import { EndpointError } from "../endpointError.ts";
import type { AbilityNotes } from "./abilities.ts";

/** Whose vectors are compared: in several alphabets, and longer than what a wrong pooling or prefix would leave alike. */
export const agreementText =
	"Ada Lovelace wrote the first program for a machine that was never built; über die Maschine, 解析機関, schrieb sie 1843.";

/**
 * One model in 32, 16 or 8 bits gives cosines above it, and so do other batches and processors. At 0.999, vectors are up
 * to 2.6° apart, which moves the cosine with a third by 0.045 at most: less than a ranking goes by. Four bits beside
 * sixteen, another pooling or another version of a model stay below it.
 */
export const leastCosine = 0.999;

/**
 * Whether the servers of an embedding model make the same vectors. What they are compared with is kept, so that a server
 * that joins later, or is alone for a while, agrees with the vectors that are stored; and who agreed is kept, so that the
 * order of the servers, or the end of one, does not make another space of it.
 */
export class Agreement {
	/** Of the embedding space. */
	readonly origin: string;
	readonly #endpoint: EmbeddingEndpoint;
	readonly #urls: readonly string[];
	readonly #key: string;
	readonly #notes: AbilityNotes | undefined;
	readonly #log: Log;
	#reference: Float32Array | undefined;
	readonly #differing = new Set<string>();
	readonly #kept = new Map<string, string>();

	constructor(endpoint: EmbeddingEndpoint, notes: AbilityNotes | undefined, log: Log) {
		this.#endpoint = endpoint;
		this.#urls = urlsOf(endpoint);
		this.#notes = notes;
		this.#log = log;
		const known = this.#urls.map((url) => notes?.get(this.#noteOf(url))).find(Boolean);
		this.origin = known || originOf(endpoint.baseUrl);
		const { provider, model, dimensions = "" } = endpoint;
		this.#key = `vector of ${provider} ${model} ${dimensions} at ${this.origin}`;
	}

	/** Whether a server is known to agree while it answers with that name of the model. */
	hasAgreed(url: string, name = ""): boolean {
		return this.#get(this.#nameOf(url)) === name;
	}

	/** The name of the model in the space. Servers that agree may each call it by a name of their own. */
	nameInSpace(url: string, name: string | undefined): string | undefined {
		return this.hasAgreed(url, name) ? this.#get(this.#spaceName) || undefined : name;
	}

	/**
	 * @param vector a server's for `agreementText`, of length 1.
	 * @param name of the model, in its answer.
	 * @throws EndpointError if it differs from that of the others.
	 */
	check(url: string, vector: Float32Array, name = ""): void {
		const reference = this.#reference ?? this.#noted();
		const cosine =
			reference === undefined
				? 1
				: reference.length === vector.length
					? dotProduct(reference, vector)
					: Number.NaN;
		if (cosine >= leastCosine) this.#differing.delete(url);
		else this.#differing.add(url);
		// If none agrees any more, another model has taken the name everywhere.
		const replaced = this.#differing.size === this.#urls.length;
		if (reference === undefined || replaced) this.#keep(vector, name);
		else if (this.#differing.has(url)) {
			this.#put(this.#noteOf(url), "");
			throw differs(url, cosine);
		}
		this.#put(this.#noteOf(url), this.origin);
		this.#put(this.#nameOf(url), name);
		if (!replaced) return;
		this.#differing.clear();
		this.#log.warn(`All servers make other vectors than before: another model uses this name.`);
	}

	#keep(vector: Float32Array, name: string): void {
		this.#reference = vector;
		this.#put(this.#spaceName, name);
		this.#put(this.#key, Buffer.from(toBlob(vector)).toString("base64"));
	}

	#noteOf(url: string): string {
		const { provider, model } = this.#endpoint;
		return spaceNote({ provider, model, origin: originOf(url) });
	}

	get #spaceName(): string {
		return `name with ${this.#key}`;
	}

	/** The note of the name by which a server called the model when it agreed. */
	#nameOf(url: string): string {
		return `name of ${this.#endpoint.provider} ${this.#endpoint.model} at ${url}`;
	}

	#get(key: string): string | undefined {
		return this.#kept.get(key) ?? this.#notes?.get(key);
	}

	/** What cannot be written down is found out again. */
	#put(key: string, value: string): void {
		if (this.#get(key) === value) return;
		this.#kept.set(key, value);
		void this.#notes?.put(key, value).catch(() => undefined);
	}

	#noted(): Float32Array | undefined {
		const text = this.#get(this.#key);
		if (text !== undefined) this.#reference = toFloats(new Uint8Array(Buffer.from(text, "base64")));
		return this.#reference;
	}
}

/** How a server's vectors differ from those of the others. @param cosine NaN: they have another width. */
export function differs(url: string, cosine: number): EndpointError {
	const how = Number.isNaN(cosine) ? "of another width" : `at a cosine of ${cosine.toFixed(3)}`;
	return new EndpointError(
		"other-vectors",
		`makes other vectors than the other servers of the list (${how})`,
		"Serve the same model, in the same form, on all servers of EMBEDDING_BASE_URL, or leave this one out.",
		{ role: "embedding", url },
	);
}
