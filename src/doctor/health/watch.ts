import type { HealthCheck } from "./healthCheck.ts";

/** An endpoint that is looked at; both roles may share one. */
export interface WatchedEndpoint {
	/** The same for the same endpoint, key included; another for any other. */
	readonly key: string;
	/** Costs no tokens. */
	look(signal: AbortSignal): Promise<HealthCheck>;
	/** The last real request, in ms since 1970. */
	lastRequest(): { readonly at: number; readonly ok: boolean } | undefined;
}

/** Time, so that tests need not wait. */
export interface Clock {
	/** ms since 1970 */
	now(): number;
	/** @returns what takes the timer back. */
	after(ms: number, callback: () => void): () => void;
	/** 0..1 */
	random(): number;
}

export const systemClock: Clock = {
	now: Date.now,
	after: (ms, callback) => {
		const timer = setTimeout(callback, ms);
		timer.unref();
		return () => clearTimeout(timer);
	},
	random: Math.random,
};

export interface WatchOptions {
	/** ms between looks at an endpoint that nothing else asks; 0: none, ever. */
	readonly interval: number;
	readonly clock?: Clock;
	/** A look has told something, or one has begun. */
	readonly onDidLook: () => void;
}

/** ms: the window comes first, and settings that are being changed are looked at when they are. */
const settleTime = 3000;
/** ms after a request has failed; what is tried again at once has its chance. */
const afterError = 5000;
/** ms between two looks for whatever reason. */
const leastPause = 60_000;
/** The pause between looks at an endpoint that fails grows so many times, by two. */
const doublings = 3;

interface State {
	readonly endpoint: WatchedEndpoint;
	/** When it is looked at next; infinite while there is no reason to. */
	due: number;
	lookedAt: number;
	/** Looks in a row that have failed. */
	failures: number;
	look: HealthCheck | undefined;
	under: boolean;
}

/**
 * Looks at endpoints while nothing else tells how they do: at the start, after a change, after an error, and every
 * few minutes with a growing pause while it fails. What is really asked counts as a look, so that an endpoint in use
 * is not looked at at all. Nothing is done while the window is not focused.
 */
export class Watch {
	readonly #options: WatchOptions;
	readonly #clock: Clock;
	readonly #stop = new AbortController();
	#states = new Map<string, State>();
	#focused = true;
	#cancelTimer: (() => void) | undefined;

	constructor(options: WatchOptions) {
		this.#options = options;
		this.#clock = options.clock ?? systemClock;
	}

	/** What the last look at an endpoint told, if there was one. */
	lastLook(key: string): HealthCheck | undefined {
		return this.#states.get(key)?.look;
	}

	/** Whether an endpoint is looked at for the first time just now. */
	get looking(): boolean {
		return [...this.#states.values()].some(({ under, look }) => under && look === undefined);
	}

	/** The endpoints that are configured now. Those that were before keep what is known of them. */
	watch(endpoints: readonly WatchedEndpoint[]): void {
		const now = this.#clock.now();
		this.#states = new Map(
			endpoints.map((endpoint) => {
				const known = this.#states.get(endpoint.key);
				const state: State = known
					? { ...known, endpoint }
					: {
							endpoint,
							due: now + settleTime * (1 + this.#clock.random()),
							lookedAt: Number.NEGATIVE_INFINITY,
							failures: 0,
							look: undefined,
							under: false,
						};
				return [endpoint.key, state];
			}),
		);
		this.#schedule();
	}

	/** A request was made of one of the endpoints, by somebody else. */
	asked(): void {
		const now = this.#clock.now();
		for (const state of this.#states.values()) {
			const last = state.endpoint.lastRequest();
			if (!last || last.at <= state.lookedAt) continue;
			if (last.ok) {
				state.failures = 0;
				state.due = last.at + this.#pause(state);
			} else if (state.look === undefined || state.look.problem === undefined) {
				// It answered when it was last looked at: is it gone, or was it that request only?
				state.due = Math.min(state.due, Math.max(now + afterError, state.lookedAt + leastPause));
			}
		}
		this.#schedule();
	}

	/** Somebody else has looked at an endpoint. */
	tell(key: string, look: HealthCheck): void {
		const state = this.#states.get(key);
		if (!state) return;
		state.look = look;
		state.lookedAt = this.#clock.now();
		state.failures = look.problem === undefined ? 0 : 1;
		state.due = state.lookedAt + this.#pause(state);
		this.#options.onDidLook();
		this.#schedule();
	}

	set focused(focused: boolean) {
		// Who comes back may have mended what failed.
		if (focused && !this.#focused)
			for (const state of this.#states.values())
				if (state.failures > 0) state.due = Math.min(state.due, state.lookedAt + leastPause);
		this.#focused = focused;
		this.#schedule();
	}

	dispose(): void {
		this.#cancelTimer?.();
		this.#stop.abort(new Error("shutting down"));
		this.#states.clear();
	}

	#schedule(): void {
		this.#cancelTimer?.();
		this.#cancelTimer = undefined;
		if (this.#options.interval === 0 || !this.#focused || this.#stop.signal.aborted) return;
		const due = Math.min(...[...this.#states.values()].filter(({ under }) => !under).map(({ due }) => due));
		if (!Number.isFinite(due)) return;
		this.#cancelTimer = this.#clock.after(Math.max(0, due - this.#clock.now()), () => this.#lookAtDue());
	}

	#lookAtDue(): void {
		const now = this.#clock.now();
		for (const state of this.#states.values()) if (!state.under && state.due <= now) void this.#look(state);
		this.#schedule();
	}

	async #look(state: State): Promise<void> {
		const { endpoint } = state;
		// Somebody has asked it meanwhile: that tells as much.
		const last = endpoint.lastRequest();
		const pause = this.#pause(state);
		if (last?.ok && last.at + this.#options.interval > this.#clock.now()) {
			state.due = last.at + pause;
			this.#schedule();
			return;
		}
		state.under = true;
		state.lookedAt = this.#clock.now();
		this.#options.onDidLook();
		try {
			const look = await endpoint.look(this.#stop.signal);
			const current = this.#states.get(endpoint.key);
			if (!current) return;
			current.look = look;
			current.lookedAt = state.lookedAt;
			current.failures = look.problem === undefined ? 0 : current.failures + 1;
			current.due = state.lookedAt + this.#pause(current);
		} catch (error) {
			if (!this.#stop.signal.aborted) throw error;
		} finally {
			const current = this.#states.get(endpoint.key);
			if (current) current.under = false;
			if (!this.#stop.signal.aborted) {
				this.#options.onDidLook();
				this.#schedule();
			}
		}
	}

	/** Longer than the interval by a part left to chance, so that windows and machines do not ask in step. */
	#pause({ failures }: State): number {
		const backoff = 2 ** Math.min(failures, doublings);
		return this.#options.interval * backoff * (1 + 0.2 * this.#clock.random());
	}
}
