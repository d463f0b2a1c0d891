import { setTimeout as sleep } from "node:timers/promises";
import { StoreError, type StoreErrorKind } from "../errors.ts";
import type { MemoryStore } from "../memoryStore.ts";

/** How long, in ms, callers wait for the database. */
export interface Patience {
	readonly start: number;
	readonly read: number;
	readonly write: number;
	/** Until it is looked for again, or a change is brought there again; doubled each time. */
	readonly pause: number;
}

export const usualPatience: Patience = { start: 5000, read: 8000, write: 15_000, pause: 500 };

/** ms that a caller waits for word that a database is back that was away. */
const patienceWhileAway = 300;
/** ms */
const longestPause = 15_000;
/** ms for which a database that has just refused a write gets no other; doubled from twice the pause. */
const longestWritePause = 30_000;

/** With these, the database may take later what it does not take now. */
const awayKinds: ReadonlySet<StoreErrorKind> = new Set(["unreachable", "busy", "not-writable", "full"]);

interface RemoteOptions {
	readonly location: string;
	readonly open: () => Promise<MemoryStore>;
	readonly patience: Patience;
	/** The database answers, for the first time or again. */
	readonly back: () => void;
	/** It does not any more. */
	readonly lost: () => void;
	/** The last of the writes that took too long has ended. */
	readonly settled: () => void;
}

/**
 * A database on another machine, which may be away at any time. While it cannot be reached, nobody waits for it: calls
 * fail at once, and it is looked for in the background.
 */
export class Remote {
	readonly #options: RemoteOptions;
	#store: MemoryStore | undefined;
	#opening: Promise<MemoryStore> | undefined;
	/** Why it cannot be reached or opened. */
	#problem: StoreError | undefined;
	#refusedWrite: { readonly error: StoreError; readonly until: number; readonly times: number } | undefined;
	#looking: Promise<void> | undefined;
	#looks = 0;
	#lookedAt = Number.NEGATIVE_INFINITY;
	#timer: NodeJS.Timeout | undefined;
	/** Writes that took longer than their callers wait, and may still be made. */
	readonly #late = new Set<Promise<unknown>>();
	#closed = false;

	constructor(options: RemoteOptions) {
		this.#options = options;
	}

	/** Undefined until it could be opened. */
	get store(): MemoryStore | undefined {
		return this.#store;
	}

	/** Why nothing, or nothing new, can be had from it or brought there now. */
	get problem(): StoreError | undefined {
		return this.#problem ?? this.#refusedWrite?.error;
	}

	/** Whether writes that took too long are still under way: what they change must not be brought there meanwhile. */
	get isUnderWay(): boolean {
		return this.#late.size > 0;
	}

	/** Whether it can be asked at all. */
	get isReachable(): boolean {
		return this.#problem === undefined;
	}

	/** Opens it. One that is away is looked for from then on. @throws StoreError of any other reason. */
	async start(): Promise<void> {
		try {
			this.#store = await this.#inTime(this.#open(), this.#options.patience.start);
			this.#options.back();
		} catch (error) {
			if (!this.isAway(error)) throw error;
			this.#isLost(error);
		}
	}

	/** Whether an error means that the database is away. */
	isAway(error: unknown): error is StoreError {
		return error instanceof StoreError && (awayKinds.has(error.kind) || error === this.#problem);
	}

	/**
	 * @param patience ms; whoever has none waits as long as the database's own limits allow.
	 * @throws StoreError; see isAway.
	 */
	async ask<T>(work: (store: MemoryStore) => Promise<T>, patience?: number): Promise<T> {
		const store = await this.#reached();
		try {
			return await (patience === undefined ? work(store) : this.#inTime(work(store), patience));
		} catch (error) {
			if (error instanceof StoreError && error.kind === "unreachable") this.#isLost(error);
			throw error;
		}
	}

	/** As `ask`, for what changes the database. @param urgent also if it has just refused another write. */
	async write<T>(work: (store: MemoryStore) => Promise<T>, urgent = false): Promise<T> {
		const refused = this.#refusedWrite;
		if (refused && refused.until > performance.now() && !urgent) throw refused.error;
		try {
			const result = await this.ask((store) => this.#mayBeLate(work(store)), this.#options.patience.write);
			this.#refusedWrite = undefined;
			return result;
		} catch (error) {
			if (this.isAway(error) && this.#problem === undefined) {
				const times = (refused?.times ?? 0) + 1;
				const pause = Math.min(longestWritePause, this.#options.patience.pause * 2 ** times);
				this.#refusedWrite = { error, times, until: performance.now() + pause };
			}
			throw error;
		}
	}

	async close(): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#timer);
		await this.#store?.close();
		// One that opens too late is not needed any more.
		if (!this.#store) void this.#opening?.then((store) => store.close()).catch(() => undefined);
	}

	async #reached(): Promise<MemoryStore> {
		if (this.#problem)
			await Promise.race([this.#lookAgain(), sleep(patienceWhileAway, undefined, { ref: false })]);
		if (this.#problem) throw this.#problem;
		return this.#store as MemoryStore;
	}

	#open(): Promise<MemoryStore> {
		if (!this.#opening) {
			const opening = this.#options.open();
			this.#opening = opening;
			// Whoever waits for it has the error; the next look opens it again.
			opening.catch(() => {
				if (this.#opening === opening) this.#opening = undefined;
			});
		}
		return this.#opening;
	}

	/** Somebody asks: looks whether the database is back, unless that was just done. */
	#lookAgain(): Promise<void> {
		return performance.now() - this.#lookedAt < this.#options.patience.pause
			? (this.#looking ?? Promise.resolve())
			: this.#look();
	}

	/** One look at a time. */
	#look(): Promise<void> {
		this.#looking ??= this.#lookOnce().finally(() => {
			this.#looking = undefined;
			this.#lookedAt = performance.now();
		});
		return this.#looking;
	}

	async #lookOnce(): Promise<void> {
		const { read } = this.#options.patience;
		try {
			if (this.#store) await this.#inTime(this.#store.memories.get("", ""), read);
			else this.#store = await this.#inTime(this.#open(), read);
			if (this.#closed) return;
			this.#problem = undefined;
			this.#looks = 0;
			clearTimeout(this.#timer);
			this.#options.back();
		} catch (error) {
			this.#isLost(error instanceof StoreError ? error : this.#unexpected(error));
		}
	}

	#isLost(error: StoreError): void {
		const isNew = this.#problem === undefined;
		this.#problem = error;
		if (isNew) this.#options.lost();
		clearTimeout(this.#timer);
		if (this.#closed) return;
		const pause = Math.min(longestPause, this.#options.patience.pause * 2 ** this.#looks);
		this.#looks += 1;
		this.#timer = setTimeout(() => void this.#look(), pause).unref();
	}

	/** Notes a write that takes longer than its caller waits, until it has ended. */
	#mayBeLate<T>(work: Promise<T>): Promise<T> {
		const timer = setTimeout(() => {
			this.#late.add(work);
		}, this.#options.patience.write - 1).unref();
		const end = () => {
			clearTimeout(timer);
			if (this.#late.delete(work) && !this.isUnderWay) this.#options.settled();
		};
		work.then(end, end);
		return work;
	}

	/** What comes later is not lost: whoever keeps a change in its place brings it there once. */
	async #inTime<T>(work: Promise<T>, patience: number): Promise<T> {
		const late = new AbortController();
		const timer = sleep(patience, "late" as const, { ref: false, signal: late.signal });
		timer.catch(() => undefined);
		work.catch(() => undefined);
		try {
			const result = await Promise.race([work.then((value) => ({ value })), timer]);
			if (result !== "late") return result.value;
		} finally {
			late.abort();
		}
		const { location } = this.#options;
		throw new StoreError(
			"unreachable",
			location,
			`The memory database ${location} has not answered within ${patience / 1000} s. Check the server and the network.`,
		);
	}

	#unexpected(error: unknown): StoreError {
		const said = error instanceof Error ? error.message : String(error);
		const { location } = this.#options;
		return new StoreError("failed", location, `The memory database ${location} failed: ${said}.`, error);
	}
}
