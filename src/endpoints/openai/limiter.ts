/** Limits how many tasks run at the same time; the others wait their turn. */
export class Limiter {
	readonly #most: number;
	readonly #waiting: (() => void)[] = [];
	#running = 0;

	constructor(most: number) {
		this.#most = most;
	}

	/** @throws the signal's reason when it is aborted before the task's turn. */
	async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
		if (this.#running >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve));
		else this.#running += 1;
		try {
			signal?.throwIfAborted();
			return await task();
		} finally {
			const next = this.#waiting.shift();
			// Hands its place over, so that no other task slips in between.
			if (next) next();
			else this.#running -= 1;
		}
	}
}
