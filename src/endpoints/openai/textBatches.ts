import type { Log } from "../../config/log.ts";
import type { TextVector } from "../../vectors/embeddingSpace.ts";
import { calibrationTexts } from "../calibration.ts";
import type { EmbedOptions } from "../embedder.ts";
import { EndpointError, type EndpointErrorKind } from "../endpointError.ts";
import type { Abilities, EmbeddingAbilities } from "./abilities.ts";
import { LimitError } from "./limiter.ts";
import { windowsOf } from "./windows.ts";

const firstBatch = 64;
/** How often a text that is too long is halved at most; its vector is the average of its parts'. */
const halvings = 7;
/** Characters of a part of a text. */
const shortestPart = 200;
/** Characters that a token has at most: a longer text is surely too long. */
const longestToken = 5;
/** A token's characters, in texts that have few of them. */
const usualToken = 3;

/** Errors that a single text may cause, or the number of texts; the others are the endpoint's. */
const mayBeTheTexts: readonly EndpointErrorKind[] = [
	"rejected",
	"server-error",
	"rate-limited",
	"connection-lost",
	"timeout",
	"no-api",
	"bad-answer",
	"bad-vectors",
];
/** Any model can embed it. */
const [plainText = ""] = calibrationTexts;

const tooLongForParts = new EndpointError("too-large", "cannot take a text this long", "Shorten the text.", {
	role: "embedding",
	url: "",
});

/** The vector of a text, or why it has none although others have. */
type Result = TextVector | EndpointError;

export interface BatchOptions extends EmbedOptions {
	/** Of each request. */
	readonly attempts?: number | undefined;
}

type Request = (texts: readonly string[], options: BatchOptions) => Promise<TextVector[]>;

/**
 * Embeds texts in requests that the server takes: of so many texts, each so long. Finds the texts on which it fails, so
 * that the others get their vectors.
 */
export class TextBatches {
	readonly #abilities: Abilities<EmbeddingAbilities>;
	readonly #log: Log;
	readonly #request: Request;
	readonly #timeLimit: number;
	readonly #inputLength: number | undefined;
	/** How many texts the server embeds within the time limit of a request, as far as is known. */
	#inTime = firstBatch;

	/**
	 * @param request makes one request, which may take `timeLimit` ms.
	 * @param inputLength tokens that the model reads of a text; undefined: not known.
	 */
	constructor(
		abilities: Abilities<EmbeddingAbilities>,
		log: Log,
		timeLimit: number,
		request: Request,
		inputLength?: number,
	) {
		this.#inputLength = inputLength;
		this.#abilities = abilities;
		this.#log = log;
		this.#request = request;
		this.#timeLimit = timeLimit;
	}

	/** @throws EndpointError if the server fails on any text; the signal's reason. */
	async embed(texts: readonly string[], options: EmbedOptions): Promise<Result[]> {
		const windows = texts.map((text) => windowsOf(text, this.#inputLength));
		const results = await this.#all(windows.flat(), options);
		return windows.map(({ length }) => {
			const own = results.splice(0, length);
			const vectors = own.filter((each): each is TextVector => !(each instanceof EndpointError));
			return own.find((each) => each instanceof EndpointError) ?? average(vectors);
		});
	}

	async #all(texts: readonly string[], options: BatchOptions): Promise<Result[]> {
		const results: Result[] = [];
		while (results.length < texts.length) {
			const { batch = firstBatch, tooLong = Number.POSITIVE_INFINITY } = this.#abilities.known;
			const next = texts.slice(results.length, results.length + Math.min(batch, this.#inTime));
			const long = next.findIndex((text) => text.length >= tooLong);
			const part = long > 0 ? next.slice(0, long) : next;
			if (long === 0) results.push(await this.#inParts(next[0] as string, undefined, options));
			else results.push(...(await this.#batch(part, options)));
		}
		return results;
	}

	async #batch(texts: readonly string[], options: BatchOptions): Promise<Result[]> {
		try {
			const begun = performance.now();
			const vectors = await this.#request(texts, options);
			if (texts.length >= this.#inTime && performance.now() - begun < this.#timeLimit / 4)
				this.#inTime = Math.min(firstBatch, 2 * this.#inTime);
			return vectors;
		} catch (error) {
			// Whoever would wait long for the next minute of a limit does not ask at all.
			if (!(error instanceof EndpointError) || error instanceof LimitError) throw error;
			const count = texts.length;
			if (error.kind === "too-large" || error.kind === "batch-too-large") {
				if (count === 1) return [await this.#inParts(texts[0] as string, error, options)];
				if (error.kind === "batch-too-large" && error.limit !== undefined) {
					this.#learnBatch(Math.min(error.limit, count - 1));
					return this.#all(texts, options);
				}
				return this.#halves(texts, error, options);
			}
			if (!mayBeTheTexts.includes(error.kind)) throw error;
			if (count > 1 && error.kind === "timeout" && error.status === undefined) {
				// A slow machine may be fast enough for a few.
				this.#inTime = Math.max(1, count >> 2);
				return this.#all(texts, options);
			}
			if (!(await this.#works(options))) throw error;
			return count === 1 ? [error] : this.#halves(texts, error, { ...options, attempts: 1 });
		}
	}

	/** Finds the texts on which a request failed, and learns if it was their number. */
	async #halves(
		texts: readonly string[],
		{ kind, status }: EndpointError,
		options: BatchOptions,
	): Promise<Result[]> {
		const half = Math.ceil(texts.length / 2);
		const results = await this.#all(texts.slice(0, half), options);
		results.push(...(await this.#all(texts.slice(half), options)));
		// Of a text that is too long, or a body that is too large for a proxy, the number of texts tells nothing.
		const byNumber = kind !== "too-large" && status !== 413;
		if (byNumber && !results.some((each) => each instanceof EndpointError)) this.#learnBatch(half);
		return results;
	}

	#learnBatch(size: number): void {
		const { batch = firstBatch } = this.#abilities.known;
		if (size < batch) this.#abilities.learn({ batch: Math.max(1, size) });
	}

	/** Whether the server embeds a text that any server can. */
	async #works(options: BatchOptions): Promise<boolean> {
		try {
			await this.#request([plainText], { ...options, attempts: 1 });
			return true;
		} catch (error) {
			options.signal?.throwIfAborted();
			this.#log.debug(`The embedding model fails on any text: ${String(error)}`);
			return false;
		}
	}

	/**
	 * A text that is too long gets the average of its parts' vectors.
	 * @param refused the error of the whole text.
	 */
	async #inParts(text: string, refused: EndpointError | undefined, options: BatchOptions): Promise<Result> {
		let error = refused;
		let { tooLong = Number.POSITIVE_INFINITY } = this.#abilities.known;
		if (refused) {
			const length = refused.limit === undefined ? text.length : longestToken * refused.limit;
			tooLong = Math.max(shortestPart, Math.min(tooLong, length));
			this.#abilities.learn({ tooLong });
		}
		const few = Math.ceil((text.length * longestToken) / (tooLong * usualToken));
		for (let pieces = Math.max(2, Math.min(few, 2 ** halvings)); pieces <= 2 ** halvings; pieces *= 2) {
			const length = Math.ceil(text.length / pieces);
			if (length < shortestPart) break;
			const parts = Array.from({ length: pieces }, (_, index) =>
				text.slice(wholeCharacters(text, index * length), wholeCharacters(text, (index + 1) * length)),
			);
			try {
				const vectors: TextVector[] = [];
				for (const part of parts.filter((each) => each.trim() !== ""))
					vectors.push(...(await this.#request([part], options)));
				this.#log.debug(`A text of ${text.length} characters was embedded in ${vectors.length} parts.`);
				return average(vectors);
			} catch (again) {
				if (!(again instanceof EndpointError)) throw again;
				if (again.kind !== "too-large" && again.kind !== "batch-too-large") {
					if (mayBeTheTexts.includes(again.kind) && (await this.#works(options))) return again;
					throw again;
				}
				error = again;
			}
		}
		return error ?? tooLongForParts;
	}
}

/** The last place up to `at` that is not within a character: servers refuse halves of one. */
function wholeCharacters(text: string, at: number): number {
	return /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(at - 1, at + 1)) ? at - 1 : at;
}

function average(vectors: readonly TextVector[]): TextVector {
	if (vectors.length === 1) return vectors[0] as TextVector;
	const sum = new Float32Array(vectors[0]?.length ?? 0);
	for (const vector of vectors)
		for (let i = 0; i < sum.length; i += 1) (sum[i] as number) += vector[i] as number;
	const length = Math.hypot(...sum);
	if (length === 0) return vectors[0] as TextVector;
	return Object.assign(
		sum.map((value) => value / length),
		{ model: vectors[0]?.model },
	);
}
