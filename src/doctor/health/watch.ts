import { type Clock, systemClock } from "../../config/clock.ts";
import type { HealthCheck } from "./healthCheck.ts";

/** An endpoint whose health is checked; both roles may share one. */
export interface WatchedEndpoint {
	/** Identifies the endpoint together with its key. */
	readonly key: string;
	/** Spends no tokens. */
	check(signal: AbortSignal): Promise<HealthCheck>;
	/** The last real request, in ms since 1970. */
	lastRequest(): { readonly at: number; readonly ok: boolean } | undefined;
}

interface WatchOptions {
	/** ms between health checks of an idle endpoint; 0 turns them off. */
	readonly interval: number;
	readonly clock?: Clock;
	/** 0..1 */
	readonly random?: () => number;
	/** A check has begun or ended. */
	readonly onDidCheck: () => void;
}

/** ms before the first check: the window comes first, and settings may still be changing. */
const settleTime = 3000;
/** ms after a failed request, which may be repeated at once and succeed. */
const afterError = 5000;
/** ms between two checks, whatever the reason. */
const leastPause = 60_000;
/** How often the pause between checks of a failing endpoint doubles at most. */
const doublings = 3;

interface State {
	readonly endpoint: WatchedEndpoint;
	/** When the next check is due. */
	due: number;
	checkedAt: number;
	/** Failed checks in a row. */
	failures: number;
	lastCheck: HealthCheck | undefined;
	running: boolean;
}

/**
 * Checks the health of endpoints: at the start, after a change, after an error, and every few minutes with a growing
 * pause while they fail. A real request that succeeds counts as a check, so an endpoint in use is not checked at all.
 * Nothing happens while the window has no focus.
 */
export class Watch {
	readonly #options: WatchOptions;
	readonly #clock: Clock;
	readonly #random: () => number;
	readonly #stop = new AbortController();
	#states = new Map<string, State>();
	#focused = true;
	#cancelTimer: (() => void) | undefined;

	constructor(options: WatchOptions) {
		this.#options = options;
		this.#clock = options.clock ?? systemClock;
		this.#random = options.random ?? Math.random;
	}

	lastCheck(key: string): HealthCheck | undefined {
		return this.#states.get(key)?.lastCheck;
	}

	/** Whether the first check of an endpoint is running. */
	get checking(): boolean {
		return [...this.#states.values()].some(({ running, lastCheck }) => running && lastCheck === undefined);
	}

	/** Sets the configured endpoints. What is known about those that stay is kept. */
	watch(endpoints: readonly WatchedEndpoint[]): void {
		const first = {
			due: this.#clock.now() + settleTime * (1 + this.#random()),
			checkedAt: Number.NEGATIVE_INFINITY,
			failures: 0,
			lastCheck: undefined,
			running: false,
		};
		this.#states = new Map(
			endpoints.map((endpoint) => [endpoint.key, { ...first, ...this.#states.get(endpoint.key), endpoint }]),
		);
		this.#schedule();
	}

	/** One of the endpoints got a real request. */
	recordRequest(): void {
		const now = this.#clock.now();
		for (const state of this.#states.values()) {
			const last = state.endpoint.lastRequest();
			if (!last || last.at <= state.checkedAt) continue;
			if (last.ok) {
				state.failures = 0;
				state.due = last.at + this.#pause(state);
			} else if (state.lastCheck?.problem === undefined)
				// The endpoint was well at its last check: find out whether it is gone, or only that request failed.
				state.due = Math.min(state.due, Math.max(now + afterError, state.checkedAt + leastPause));
		}
		this.#schedule();
	}

	/** An endpoint was checked elsewhere. */
	recordCheck(key: string, check: HealthCheck): void {
		const state = this.#states.get(key);
		if (!state) return;
		state.failures = 0;
		this.#record(state, check, this.#clock.now());
		this.#options.onDidCheck();
		this.#schedule();
	}

	set focused(focused: boolean) {
		// A user who comes back may have fixed what failed.
		if (focused && !this.#focused)
			for (const state of this.#states.values())
				if (state.failures > 0) state.due = Math.min(state.due, state.checkedAt + leastPause);
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
		const idle = [...this.#states.values()].filter(({ running }) => !running);
		if (idle.length === 0) return;
		const due = Math.min(...idle.map((state) => state.due));
		this.#cancelTimer = this.#clock.after(Math.max(0, due - this.#clock.now()), () => this.#checkDue());
	}

	#checkDue(): void {
		const now = this.#clock.now();
		for (const state of this.#states.values())
			if (!state.running && state.due <= now) void this.#check(state);
		this.#schedule();
	}

	async #check(state: State): Promise<void> {
		const { endpoint } = state;
		const begun = this.#clock.now();
		// A request that succeeded meanwhile tells as much.
		const last = endpoint.lastRequest();
		if (last?.ok && last.at + this.#options.interval > begun) {
			state.due = last.at + this.#pause(state);
			this.#schedule();
			return;
		}
		state.running = true;
		state.checkedAt = begun;
		this.#options.onDidCheck();
		try {
			const check = await endpoint.check(this.#stop.signal);
			// `watch` may have replaced the state.
			const current = this.#states.get(endpoint.key);
			if (current) this.#record(current, check, begun);
		} catch (error) {
			if (!this.#stop.signal.aborted) throw error;
		} finally {
			const current = this.#states.get(endpoint.key);
			if (current) current.running = false;
			if (!this.#stop.signal.aborted) {
				this.#options.onDidCheck();
				this.#schedule();
			}
		}
	}

	#record(state: State, check: HealthCheck, at: number): void {
		state.lastCheck = check;
		state.checkedAt = at;
		state.failures = check.problem === undefined ? 0 : state.failures + 1;
		state.due = at + this.#pause(state);
	}

	/** A random part keeps windows and machines from asking in step. */
	#pause({ failures }: State): number {
		const backoff = 2 ** Math.min(failures, doublings);
		return this.#options.interval * backoff * (1 + 0.2 * this.#random());
	}
}
