/** How an endpoint did, by what was really asked of it. */
export interface TrafficSummary {
	/** Requests of the last hour. */
	readonly requests: number;
	/** Those of them that failed. */
	readonly failures: number;
	/** ms the last answer took. */
	readonly latency?: number;
	/** When it was last asked, in ms since 1970, and whether it answered. */
	readonly last?: { readonly at: number; readonly ok: boolean };
}

interface Outcome {
	readonly at: number;
	readonly ok: boolean;
}

const hour = 3_600_000;
/** More than can be asked of a model in an hour by one person; it bounds what is kept. */
const mostKept = 5000;

/** The outcomes of the requests to one endpoint, over an hour. */
export class Traffic {
	readonly #now: () => number;
	readonly #listeners = new Set<() => void>();
	#outcomes: Outcome[] = [];
	#latency: number | undefined;

	constructor(now: () => number = Date.now) {
		this.#now = now;
	}

	/** @param duration ms */
	record(ok: boolean, duration: number): void {
		this.#outcomes.push({ at: this.#now(), ok });
		if (this.#outcomes.length > mostKept) this.#outcomes = this.#outcomes.slice(-mostKept / 2);
		if (ok) this.#latency = duration;
		for (const listener of this.#listeners) listener();
	}

	get summary(): TrafficSummary {
		const since = this.#now() - hour;
		const recent = this.#outcomes.filter(({ at }) => at > since);
		const last = this.#outcomes.at(-1);
		return {
			requests: recent.length,
			failures: recent.filter(({ ok }) => !ok).length,
			...(this.#latency === undefined ? {} : { latency: Math.round(this.#latency) }),
			...(last ? { last } : {}),
		};
	}

	/** Calls back after every request. */
	onDidRecord(listener: () => void): { dispose(): void } {
		this.#listeners.add(listener);
		return { dispose: () => this.#listeners.delete(listener) };
	}
}
