import type { Clock } from "../config/clock.ts";
import type { Log } from "../config/log.ts";
import type { Usage } from "../store/memoryStore.ts";
import type { ClientUse, Use } from "../store/usage.ts";
import { errorText } from "./errorText.ts";
import { cleanName } from "./input.ts";
import type { MemoryContext } from "./memoryContext.ts";

/** ms between two writes: nobody who asks waits for one. Copilot kills its servers as soon as a session is over. */
const interval = 100;
/** Uses that wait to be written; of more, the first are lost. */
const mostWaiting = 500;

export interface UsageLogOptions {
	readonly usage: Usage;
	readonly userId: string;
	/** As it is at each use. */
	readonly asker: Pick<MemoryContext, "team">;
	readonly clock: Clock;
	readonly log: Log;
	/** Whether queries are kept, too. */
	readonly keepsQueries?: boolean;
}

/** Writes down who used the memory, after the answer, and for many at once. What a kill takes away is lost. */
export class UsageLog {
	readonly #options: UsageLogOptions;
	#waiting: Use[] = [];
	#cancelTimer: (() => void) | undefined;
	#writing: Promise<void> = Promise.resolve();

	constructor(options: UsageLogOptions) {
		this.#options = options;
	}

	/** @param use by a client of any name. */
	add({ client, clientVersion, query, ...use }: Omit<Use, "userId" | "at">): void {
		const { userId, asker, clock, keepsQueries } = this.#options;
		const version = cleanName(clientVersion, 50);
		this.#waiting.push({
			...use,
			userId,
			...(asker.team ? { team: true } : {}),
			client: cleanName(client) || "unknown",
			...(version ? { clientVersion: version } : {}),
			...(keepsQueries && query !== undefined ? { query } : {}),
			at: clock.now(),
		});
		if (this.#waiting.length > mostWaiting) this.#waiting.shift();
		this.#cancelTimer ??= clock.after(interval, () => this.write());
	}

	/** Also waits for what is being written. If that fails, they are written with the next ones. */
	write(): Promise<void> {
		this.#writing = this.#writing.then(() => this.#writeNow());
		return this.#writing;
	}

	async #writeNow(): Promise<void> {
		this.#cancelTimer?.();
		this.#cancelTimer = undefined;
		const uses = this.#waiting;
		if (uses.length === 0) return;
		this.#waiting = [];
		try {
			await this.#options.usage.record(uses);
		} catch (error) {
			this.#waiting = [...uses, ...this.#waiting].slice(-mostWaiting);
			this.#options.log.debug(`Uses of the memory were not written down: ${errorText(error)}`);
		}
	}

	/** What each client did and when, the last active first. */
	async clients(): Promise<readonly ClientUse[]> {
		await this.write();
		return this.#options.usage.clients(this.#options.userId);
	}

	/** Newest first. */
	async recent(limit: number): Promise<readonly Use[]> {
		await this.write();
		return this.#options.usage.recent(this.#options.userId, limit);
	}
}
