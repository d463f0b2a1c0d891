import type { Clock } from "../../config/clock.ts";
import type { Log } from "../../config/log.ts";
import { errorText } from "../errorText.ts";
import type { TeamClient } from "./teamClient.ts";

/** ms until a stream that has ended is opened again; doubled while that fails. */
const firstPause = 1000;
const longestPause = 30_000;
/** ms in which events are told of together. */
const together = 100;

/** Hears from a team's server that memories have changed, as long as somebody listens. */
export class Following {
	readonly #client: TeamClient;
	readonly #log: Log;
	readonly #clock: Clock;
	readonly #listeners = new Set<() => void>();
	#cancelTelling: (() => void) | undefined;
	#stop: AbortController | undefined;
	#running: Promise<void> = Promise.resolve();

	constructor(client: TeamClient, log: Log, clock: Clock) {
		this.#client = client;
		this.#log = log;
		this.#clock = clock;
	}

	add(listener: () => void): { dispose(): void } {
		this.#listeners.add(listener);
		if (!this.#stop) {
			this.#stop = new AbortController();
			this.#running = this.#follow(this.#stop.signal);
		}
		return {
			dispose: () => {
				this.#listeners.delete(listener);
				if (this.#listeners.size === 0) this.#end();
			},
		};
	}

	async #follow(signal: AbortSignal): Promise<void> {
		let pause = firstPause;
		let failures = 0;
		const heard = () => {
			pause = firstPause;
			failures = 0;
			this.#tellSoon();
		};
		while (!signal.aborted) {
			try {
				await this.#client.follow(heard, signal);
			} catch (error) {
				if (signal.aborted) return;
				this.#log.debug(`Changes of other people are not heard of: ${errorText(error)}`);
				failures += 1;
				// A restart of the server takes less; otherwise whoever shows the memory shows now that it is away.
				if (failures === 2) this.tell();
				if (failures > 1) pause = Math.min(2 * pause, longestPause);
			}
			await this.#wait(pause, signal);
		}
	}

	/** Once for many events, however many a server sends. */
	#tellSoon(): void {
		this.#cancelTelling ??= this.#clock.after(together, async () => {
			this.#cancelTelling = undefined;
			this.tell();
		});
	}

	/** Something has changed here, or how the server does. */
	tell(): void {
		for (const listener of this.#listeners) listener();
	}

	#wait(pause: number, signal: AbortSignal): Promise<void> {
		return new Promise((resolve) => {
			const cancel = this.#clock.after(pause, async () => resolve());
			signal.addEventListener(
				"abort",
				() => {
					cancel();
					resolve();
				},
				{ once: true },
			);
		});
	}

	#end(): void {
		this.#cancelTelling?.();
		this.#cancelTelling = undefined;
		this.#stop?.abort(new Error("nobody listens"));
		this.#stop = undefined;
	}

	async dispose(): Promise<void> {
		this.#listeners.clear();
		this.#end();
		await this.#running;
	}
}
