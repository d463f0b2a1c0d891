import { Worker } from "node:worker_threads";
import type { TextVector } from "../../vectors/embeddingSpace.ts";
import { EmbedderError } from "../embedder.ts";
import type { WorkerReply, WorkerRequest } from "./worker.ts";

export interface Task {
	readonly text: string;
	readonly query: boolean;
	readonly resolve: (vector: TextVector | undefined) => void;
	readonly reject: (error: Error) => void;
	attempts: number;
}

interface LaneOptions {
	/** The bundled worker; the model's files are in `model/` beside it. */
	readonly workerFile: string;
	/** ms that one batch may take, including the loading of the model. */
	readonly batchTimeout: number;
	/** The current batch is done. */
	readonly onFree: () => void;
	/** The worker is lost with its current batch. */
	readonly onLost: (batch: readonly Task[], reason: string) => void;
}

/** The built-in model in one worker thread, which reads one batch at a time. The first batch starts the worker. */
export class BuiltinLane {
	readonly #options: LaneOptions;
	#worker: Worker | undefined;
	#batch: readonly Task[] = [];
	#deadline: NodeJS.Timeout | undefined;

	constructor(options: LaneOptions) {
		this.#options = options;
	}

	get isFree(): boolean {
		return this.#batch.length === 0;
	}

	/** Only for a free lane. */
	run(batch: readonly Task[]): void {
		this.#batch = batch;
		const worker = this.#worker ?? this.#start();
		worker.ref();
		this.#deadline = setTimeout(
			() => this.#fail(worker, "it did not answer in time"),
			this.#options.batchTimeout,
		);
		worker.postMessage({ texts: batch.map((task) => task.text) } satisfies WorkerRequest);
	}

	/** Gives up the current batch, and returns it. */
	giveUp(): readonly Task[] {
		return this.#release(this.#worker);
	}

	async dispose(): Promise<void> {
		const worker = this.#worker;
		this.#worker = undefined;
		clearTimeout(this.#deadline);
		await worker?.terminate();
	}

	#start(): Worker {
		// The worker gets its own stdout and stderr, since the process's stdout may carry the MCP protocol and nothing
		// else. Nobody reads them: that would keep the process alive, and the model prints nothing of interest.
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
				`The built-in model could not read the text: ${reply.error}. Reinstall MCP Mem0 if it happens again.`,
			);
			for (const task of batch) task.reject(error);
		} else {
			batch.forEach((task, index) => {
				const vector: TextVector | undefined = reply.vectors[index];
				const words = reply.words[index];
				task.resolve(vector && words ? Object.assign(vector, { words }) : vector);
			});
		}
		this.#options.onFree();
	}

	#fail(worker: Worker, reason: string): void {
		if (worker !== this.#worker) return;
		const batch = this.#release(worker);
		this.#worker = undefined;
		void worker.terminate();
		this.#options.onLost(batch, reason);
	}

	#release(worker: Worker | undefined): readonly Task[] {
		clearTimeout(this.#deadline);
		// An idle worker does not keep the process alive.
		worker?.unref();
		const batch = this.#batch;
		this.#batch = [];
		return batch;
	}
}
