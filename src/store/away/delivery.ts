import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Log } from "../../config/log.ts";
import type { MemoryStore } from "../memoryStore.ts";
import type { Destinations } from "../types.ts";
import { type Delivered, deliver } from "./deliver.ts";
import type { Kept } from "./kept.ts";
import type { KeptFile, WaitingChange } from "./outbox.ts";
import type { Remote } from "./remote.ts";

/** One process of this machine delivers for all of them. */
const lease = "delivery";
const leaseTime = 60_000;
/** ms that a call waits for what is delivered before it. */
const moment = 1000;
/** ms until the next attempt; doubled up to it. */
const longestPause = 60_000;

interface DeliveryOptions {
	readonly remote: Remote;
	readonly kept: Kept;
	readonly destinations: Destinations;
	/** Opens the database for the work of a process with other endpoints. */
	readonly open: (destinations: Destinations) => Promise<MemoryStore>;
	readonly log: Log;
	/** ms until the first attempt. */
	readonly pause: number;
}

/** Brings what waits on this machine to the database: in order, each change once, as soon as the database takes it. */
export class Delivery {
	readonly #options: DeliveryOptions;
	#running: Promise<void> | undefined;
	#timer: NodeJS.Timeout | undefined;
	/** When the next attempt may begin. */
	#due = 0;
	#failures = 0;
	#closed = false;
	/** Saves that this process has claimed and not yet released. */
	readonly #claimed: string[] = [];
	/** Why a change could not be delivered though the database answers, for people. */
	#stuck: string | undefined;

	constructor(options: DeliveryOptions) {
		this.#options = options;
	}

	get stuck(): string | undefined {
		return this.#stuck;
	}

	/** The database is back. */
	now(): void {
		this.#failures = 0;
		this.#due = 0;
		void this.#run();
	}

	/** Something waits. */
	soon(): void {
		this.#schedule(Math.max(this.#options.pause, this.#due - performance.now()));
	}

	/** Gives what waits a moment to be delivered, so that the call that follows finds it there. */
	async first(): Promise<void> {
		const { kept, remote } = this.#options;
		if (!(await kept.waiting())) return;
		// Another process may have what this one does not know of.
		if (!this.#timer && !this.#running) this.soon();
		if (!remote.isReachable || performance.now() < this.#due) return;
		await Promise.race([this.#run(), sleep(moment, undefined, { ref: false })]);
	}

	/** Finishes the change under way. */
	async close(): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#timer);
		await this.#running;
	}

	#schedule(pause: number): void {
		clearTimeout(this.#timer);
		if (this.#closed) return;
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			void this.#run();
		}, pause).unref();
	}

	#run(): Promise<void> {
		if (this.#closed) return Promise.resolve();
		this.#running ??= this.#attempt().finally(() => {
			this.#running = undefined;
		});
		return this.#running;
	}

	async #attempt(): Promise<void> {
		const { kept, remote, log } = this.#options;
		let left = true;
		try {
			await this.#release();
			const file = await kept.waiting();
			left = file !== undefined && (!remote.isReachable || (await this.#deliverInTurn(file)));
			if (remote.isReachable && left === false) this.#failures = 0;
			else this.#failures += 1;
		} catch (error) {
			this.#failures += 1;
			log.debug(`What waits on this machine is not delivered now: ${textOf(error)}`);
		}
		if (!left) return;
		const pause = Math.min(longestPause, this.#options.pause * 2 ** Math.min(this.#failures, 10));
		this.#due = performance.now() + pause;
		this.#schedule(pause);
	}

	/** @returns whether something is left. */
	async #deliverInTurn(file: KeptFile): Promise<boolean> {
		const { leases } = file.store;
		if (!(await leases.acquire(lease, leaseTime))) return true;
		const renewal = setInterval(() => {
			// One that cannot be renewed expires: then two processes may deliver the same, which the database has once.
			void leases.acquire(lease, leaseTime).catch(() => undefined);
		}, leaseTime / 3).unref();
		try {
			return await this.#deliverAll(file);
		} finally {
			clearInterval(renewal);
			// Otherwise it expires.
			await leases.release(lease).catch(() => undefined);
		}
	}

	async #deliverAll(file: KeptFile): Promise<boolean> {
		const { log } = this.#options;
		const counts: Record<Delivered, number> = { delivered: 0, conflict: 0 };
		const others = new Others(this.#options.open);
		this.#stuck = undefined;
		/** Memories with a change that cannot be delivered: the changes behind it wait for it. */
		const blocked = new Set<string>();
		const underWay = new Map<string, boolean>();
		try {
			for (let change = file.outbox.next(0); change && !this.#closed; change = file.outbox.next(change.seq)) {
				if (blocked.has(change.memoryId)) continue;
				const { owner } = change;
				if (!underWay.has(owner)) underWay.set(owner, await this.#isUnderWay(owner, file));
				const outcome = underWay.get(owner) ? undefined : await this.#deliverOne(change, file, others);
				if (outcome === undefined) blocked.add(change.memoryId);
				else counts[outcome] += 1;
			}
		} finally {
			await others.close();
			await this.#release();
			if (counts.delivered > 0)
				log.info(
					`Changes that were kept on this machine and have reached the database: ${counts.delivered}.`,
				);
			if (counts.conflict > 0)
				log.warn(
					`Changes made while the database was away, of what was changed there meanwhile: ${counts.conflict}. They wait for review.`,
				);
		}
		if (file.outbox.count() > 0) return true;
		await file.outbox.erase();
		return false;
	}

	/** Whether the process that has kept a change may still bring it there itself, by a request that took too long. */
	async #isUnderWay(owner: string, { outbox }: KeptFile): Promise<boolean> {
		const { kept, remote } = this.#options;
		return owner === outbox.owner ? remote.isUnderWay : kept.isUnderWay(owner);
	}

	/** Undefined if the database does not take it. @throws StoreError if it is away. */
	async #deliverOne(change: WaitingChange, file: KeptFile, others: Others): Promise<Delivered | undefined> {
		const { remote, destinations, log } = this.#options;
		try {
			return await remote.write(async (store) => {
				if (isDeepStrictEqual(change.destinations, { ...destinations }))
					return deliver(change, file, store, (id) => this.#claimed.push(id));
				const other = await others.of(change.destinations);
				return deliver(change, file, other.store, (id) => other.claimed.push(id));
			}, true);
		} catch (error) {
			if (remote.isAway(error)) throw error;
			this.#stuck = textOf(error);
			log.warn(`A change that was kept on this machine could not be delivered: ${this.#stuck}`);
			return undefined;
		}
	}

	/** When all changes of their memories are there. Those that cannot be released now are so later. */
	async #release(): Promise<void> {
		if (this.#claimed.length === 0) return;
		try {
			await this.#options.remote.write((store) => store.distillation.release(this.#claimed), true);
			this.#claimed.length = 0;
		} catch (error) {
			this.#options.log.debug(textOf(error));
		}
	}
}

interface OtherStore {
	readonly store: MemoryStore;
	readonly claimed: string[];
}

/** The database as opened for processes with other endpoints. */
class Others {
	readonly #open: (destinations: Destinations) => Promise<MemoryStore>;
	readonly #stores = new Map<string, OtherStore>();

	constructor(open: (destinations: Destinations) => Promise<MemoryStore>) {
		this.#open = open;
	}

	async of(destinations: Destinations): Promise<OtherStore> {
		const key = JSON.stringify(destinations);
		const known = this.#stores.get(key);
		if (known) return known;
		const opened = { store: await this.#open(destinations), claimed: [] };
		this.#stores.set(key, opened);
		return opened;
	}

	/** Claims that cannot be released end by themselves. */
	async close(): Promise<void> {
		for (const { store, claimed } of this.#stores.values()) {
			await store.distillation.release(claimed).catch(() => undefined);
			await store.close();
		}
	}
}

function textOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
