import type { EndpointError } from "./endpointError.ts";

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

/** A request, for what is kept of all requests. */
export interface RecordedRequest {
	/** Where it went: a host, or another place in words. */
	readonly host: string;
	readonly ok: boolean;
	/** ms */
	readonly duration: number;
	/** As the server counted them; absent if it did not. */
	readonly inputTokens?: number | undefined;
	readonly outputTokens?: number | undefined;
}

/** A server that gets no requests for now, and why. */
export interface LeftOut {
	readonly url: string;
	readonly problem: string;
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
	/** Absent while all servers are in use. */
	readonly leftOut?: readonly LeftOut[];
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
	readonly #listeners = new Set<(request: RecordedRequest) => void>();
	readonly #leftOut = new Map<string, string>();
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

	leaveOut(url: string, problem: string): void {
		this.#leftOut.set(url, problem);
	}

	takeBack(url: string): void {
		this.#leftOut.delete(url);
	}

	/**
	 * @param duration ms
	 * @param _error of a failed request; subclasses may keep it.
	 */
	record(
		ok: boolean,
		duration: number,
		more: Omit<RecordedRequest, "ok" | "duration">,
		_error?: EndpointError,
	): void {
		this.#outcomes.push({ at: this.#now(), ok });
		if (this.#outcomes.length > mostKept) this.#outcomes = this.#outcomes.slice(-mostKept / 2);
		if (ok) this.#latency = duration;
		for (const listener of this.#listeners) listener({ ...more, ok, duration });
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
			...(this.#leftOut.size > 0
				? { leftOut: [...this.#leftOut].map(([url, problem]) => ({ url, problem })) }
				: {}),
		};
	}

	/** Calls back after every request. */
	onDidRecord(listener: (request: RecordedRequest) => void): { dispose(): void } {
		this.#listeners.add(listener);
		return { dispose: () => this.#listeners.delete(listener) };
	}
}

/** The tokens that an answer of the API reports. */
export function tokensOf(answer: unknown): Pick<RecordedRequest, "inputTokens" | "outputTokens"> {
	const { usage } = (answer ?? {}) as { usage?: unknown };
	const { prompt_tokens, completion_tokens } = (usage ?? {}) as Readonly<Record<string, unknown>>;
	const count = (value: unknown) =>
		typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
	return { inputTokens: count(prompt_tokens), outputTokens: count(completion_tokens) };
}
