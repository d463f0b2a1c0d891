import type { Log } from "../../config/log.ts";
import { dotProduct, toBlob, toFloats } from "../../vectors/blob.ts";
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
 * that joins later, or is alone for a while, agrees with the vectors that are stored.
 */
export class Agreement {
	readonly #urls: readonly string[];
	readonly #key: string;
	readonly #notes: AbilityNotes | undefined;
	readonly #log: Log;
	#reference: Float32Array | undefined;
	readonly #differing = new Set<string>();

	/** @param key identifies the embedding space. */
	constructor(urls: readonly string[], key: string, notes: AbilityNotes | undefined, log: Log) {
		this.#urls = urls;
		this.#key = `vector of ${key}`;
		this.#notes = notes;
		this.#log = log;
	}

	/**
	 * @param vector a server's for `agreementText`, of length 1.
	 * @throws EndpointError if it differs from that of the others.
	 */
	check(url: string, vector: Float32Array): void {
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
		if (reference === undefined || replaced) this.#keep(vector);
		else if (this.#differing.has(url)) throw differs(url, cosine);
		if (!replaced) return;
		this.#differing.clear();
		this.#log.warn(`All servers make other vectors than before: another model uses this name.`);
	}

	#keep(vector: Float32Array): void {
		this.#reference = vector;
		const text = Buffer.from(toBlob(vector)).toString("base64");
		// If it cannot be written down, the next start compares anew.
		void this.#notes?.put(this.#key, text).catch(() => undefined);
	}

	#noted(): Float32Array | undefined {
		const text = this.#notes?.get(this.#key);
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
