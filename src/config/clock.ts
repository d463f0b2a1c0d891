/** Time, which tests move on without waiting. */
export interface Clock {
	/** ms since 1970, by a clock that somebody may set. */
	now(): number;
	/** ms since some moment, whatever happens to the clock: for waits within the process. */
	elapsed(): number;
	/**
	 * Calls back after `ms`, without keeping the process alive.
	 * @param callback may return a promise, so that tests can wait for the work that it starts.
	 * @returns what cancels it.
	 */
	after(ms: number, callback: () => unknown): () => void;
}

export const systemClock: Clock = {
	now: Date.now,
	elapsed: () => performance.now(),
	after: (ms, callback) => {
		const timer = setTimeout(callback, ms).unref();
		return () => clearTimeout(timer);
	},
};
