/** The requests to an endpoint. */
export interface Traffic {
	/** Requests of the last hour. */
	readonly requests: number;
	/** How many of them failed. */
	readonly failures: number;
	/** ms the last answer took. */
	readonly latency?: number;
	/** When the last request was made, in ms since 1970, and whether it was answered. */
	readonly last?: { readonly at: number; readonly ok: boolean };
}

export interface HealthStatus {
	/** How the model did when it was last used. */
	readonly state: "unused" | "working" | "failing";
	/** In words, while it is failing. */
	readonly problem?: string;
	/** By which way the model is reached, unless directly. */
	readonly way?: string;
	/** Absent before the first request of this process. */
	readonly traffic?: Traffic;
}

const hour = 3_600_000;
/** Outcomes that are kept at most; no person makes so many requests in an hour. */
const mostKept = 5000;

/**
 * How a model does in this process. Its client records each request; its users record whether the model did its work,
 * which may fail although all requests are answered.
 */
export class EndpointHealth {
	/** By which way the model is reached, unless directly. */
	way: string | undefined;
	readonly #now: () => number;
	readonly #listeners = new Set<() => void>();
	#outcomes: { readonly at: number; readonly ok: boolean }[] = [];
	#latency: number | undefined;
	#state: HealthStatus["state"] = "unused";
	#problem: string | undefined;

	constructor(now: () => number = Date.now) {
		this.#now = now;
	}

	worked(): void {
		this.#state = "working";
		this.#problem = undefined;
	}

	failed(problem: string): void {
		this.#state = "failing";
		this.#problem = problem;
	}

	/** @param duration ms */
	record(ok: boolean, duration: number): void {
		this.#outcomes.push({ at: this.#now(), ok });
		if (this.#outcomes.length > mostKept) this.#outcomes = this.#outcomes.slice(-mostKept / 2);
		if (ok) this.#latency = duration;
		for (const listener of this.#listeners) listener();
	}

	get traffic(): Traffic {
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

	/** @param problem that is known from elsewhere, and counts until the model is used. */
	status(problem?: string): HealthStatus {
		const current = this.#problem ?? (this.#state === "unused" ? problem : undefined);
		const { traffic } = this;
		return {
			state: current ? "failing" : this.#state,
			...(current ? { problem: current } : {}),
			...(this.way ? { way: this.way } : {}),
			...(traffic.last ? { traffic } : {}),
		};
	}

	/** Calls back after every request. */
	onDidRecord(listener: () => void): { dispose(): void } {
		this.#listeners.add(listener);
		return { dispose: () => this.#listeners.delete(listener) };
	}
}
