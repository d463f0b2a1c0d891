import { setTimeout as sleep } from "node:timers/promises";
import { EndpointError, type EndpointErrorFields } from "../endpointError.ts";

/** Shares the requests that a server takes in a minute among the programs that use it. The store implements it. */
export interface RequestBudget {
	/**
	 * Takes one of the `most` requests that may begin within any `window` ms.
	 * @returns 0; or, if none is left, ms after which one may be.
	 */
	take(server: string, most: number, window: number): Promise<number>;
}

export interface LimiterOptions {
	/** Requests at the same time. */
	readonly atOnce: number;
	/** Requests in any minute. Default: no limit. */
	readonly perMinute?: number | undefined;
	/** Whether background work leaves some of both to urgent requests. */
	readonly reserves?: boolean;
	readonly server: Pick<EndpointErrorFields, "role" | "url">;
	/** Default: this process has the server to itself. */
	readonly budget?: RequestBudget | undefined;
}

export interface Turn {
	readonly signal?: AbortSignal | undefined;
	/** It overtakes background work. */
	readonly urgent?: boolean | undefined;
	/** The longest wait for the next minute, in ms, after which the caller does without. Default: as long as it takes. */
	readonly patience?: number | undefined;
}

/** ms. A second more than a minute: a request that began first may arrive later than others. */
const minute = 61_000;

interface Waiting {
	readonly urgent: boolean;
	readonly patience: number;
	readonly start: () => void;
	readonly refuse: (error: LimitError) => void;
}

/** A server has had the requests of a minute that it may get. The request was not sent. */
export class LimitError extends EndpointError {
	constructor(server: LimiterOptions["server"], perMinute: number, retryAfter: number) {
		const variable = `${server.role === "chat" ? "LLM" : "EMBEDDING"}_REQUESTS_PER_MINUTE`;
		const what = `has had as many requests as ${variable} allows in a minute (${perMinute})`;
		super("rate-limited", what, "The request is sent later.", { ...server, retryAfter });
	}
}

/** Holds requests to one server back until it takes one more; urgent ones come first. */
export class Limiter {
	readonly #options: LimiterOptions;
	readonly #own = ownBudget();
	#waiting: Waiting[] = [];
	#running = 0;
	#admitting = false;
	#wake: (() => void) | undefined;

	constructor(options: LimiterOptions) {
		this.#options = options;
	}

	/** Requests that run or wait. */
	get load(): number {
		return this.#running + this.#waiting.length;
	}

	/** @throws LimitError; the signal's reason if it is aborted before the task's turn. */
	async run<T>(task: () => Promise<T>, turn: Turn = {}): Promise<T> {
		turn.signal?.throwIfAborted();
		await this.#turn(turn);
		try {
			return await task();
		} finally {
			this.#running -= 1;
			void this.#admit();
		}
	}

	#turn({ signal, urgent = false, patience = Number.POSITIVE_INFINITY }: Turn): Promise<void> {
		return new Promise((resolve, reject) => {
			const leave = () => {
				this.#waiting = this.#waiting.filter((each) => each !== waiting);
				this.#wake?.();
				reject(signal?.reason);
			};
			const stay = () => signal?.removeEventListener("abort", leave);
			const start = () => {
				stay();
				resolve();
			};
			const refuse = (error: LimitError) => {
				stay();
				reject(error);
			};
			const waiting = { urgent, patience, start, refuse };
			signal?.addEventListener("abort", leave, { once: true });
			this.#waiting.push(waiting);
			this.#wake?.();
			void this.#admit();
		});
	}

	/** Starts requests one after the other, as long as there is room. */
	async #admit(): Promise<void> {
		if (this.#admitting) return;
		this.#admitting = true;
		for (let next = this.#next(); next; next = this.#next()) {
			const wait = await this.#take(next.urgent);
			if (wait === 0) this.#start(next);
			else if (!this.#refuse(wait)) await this.#pause(wait);
		}
		this.#admitting = false;
	}

	#next(): Waiting | undefined {
		const next = this.#waiting.find(({ urgent }) => urgent) ?? this.#waiting[0];
		return next && this.#running < this.#atOnce(next.urgent) ? next : undefined;
	}

	/** An urgent request that came meanwhile goes first; one that was cancelled meanwhile is gone. */
	#start(taken: Waiting): void {
		const first = this.#waiting.find(({ urgent }) => urgent) ?? this.#waiting[0];
		const next = first?.urgent || !this.#waiting.includes(taken) ? first : taken;
		if (!next) return;
		this.#waiting = this.#waiting.filter((each) => each !== next);
		this.#running += 1;
		next.start();
	}

	/** @returns whether some requests do not wait so long. */
	#refuse(wait: number): boolean {
		const { server, perMinute = 0 } = this.#options;
		const refused = this.#waiting.filter(({ patience }) => patience < wait);
		this.#waiting = this.#waiting.filter(({ patience }) => patience >= wait);
		for (const each of refused) each.refuse(new LimitError(server, perMinute, wait));
		return refused.length > 0;
	}

	#atOnce(urgent: boolean): number {
		const { atOnce, reserves } = this.#options;
		return urgent || !reserves ? atOnce : atOnce - Math.floor(atOnce / 4);
	}

	async #take(urgent: boolean): Promise<number> {
		const { perMinute, reserves, server, budget = this.#own } = this.#options;
		if (perMinute === undefined) return 0;
		const { role, url } = server;
		const name = `${role} ${new URL(url).origin}`;
		const most = urgent || !reserves ? perMinute : Math.max(1, perMinute - Math.ceil(perMinute / 10));
		// Without the database, this process at least keeps to the limit.
		return budget.take(name, most, minute).catch(() => this.#own.take(name, most, minute));
	}

	/** Ends early when something changes. */
	async #pause(ms: number): Promise<void> {
		const over = new AbortController();
		this.#wake = () => over.abort();
		await sleep(ms, undefined, { signal: over.signal }).catch(() => undefined);
		this.#wake = undefined;
	}
}

/** For a process that has the server to itself. */
export function ownBudget(now: () => number = () => performance.now()): RequestBudget {
	const starts = new Map<string, number[]>();
	return {
		async take(server, most, window) {
			const time = now();
			const recent = (starts.get(server) ?? []).filter((at) => at > time - window);
			const last = recent.at(-most);
			if (last === undefined) recent.push(time);
			starts.set(server, recent);
			return last === undefined ? 0 : last + window - time;
		},
	};
}
