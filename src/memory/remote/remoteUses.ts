import type { Clock } from "../../config/clock.ts";
import type { Log } from "../../config/log.ts";
import { errorText } from "../errorText.ts";
import type { UserMemory } from "../userMemory.ts";
import type { UseOfClient } from "./requestSchemas.ts";
import type { TeamClient } from "./teamClient.ts";

/** ms between two messages about uses: nobody who asks waits for one. */
const interval = 500;
/** Uses that wait to be sent; of more, the first are lost. */
const mostWaiting = 500;
/** ms: a process that ends waits for it. */
const timeout = 5000;

type RemoteUsesOf = UserMemory["uses"];

/** Tells a team's server who uses the memory, after the answer. What a kill takes away is lost. */
export class RemoteUses implements RemoteUsesOf {
	readonly #call: TeamClient["call"];
	readonly #log: Log;
	readonly #clock: Clock;
	#waiting: UseOfClient[] = [];
	#cancelTimer: (() => void) | undefined;

	constructor(call: TeamClient["call"], log: Log, clock: Clock) {
		this.#call = call;
		this.#log = log;
		this.#clock = clock;
	}

	add({ client, clientVersion, what, project, query, memories }: UseOfClient): void {
		this.#waiting.push({
			client,
			what,
			...(clientVersion === undefined ? {} : { clientVersion }),
			...(project ? { project } : {}),
			...(query === undefined ? {} : { query }),
			...(memories ? { memories } : {}),
		});
		if (this.#waiting.length > mostWaiting) this.#waiting.shift();
		this.#cancelTimer ??= this.#clock.after(interval, () => void this.write());
	}

	async write(): Promise<void> {
		this.#cancelTimer?.();
		this.#cancelTimer = undefined;
		const uses = this.#waiting;
		if (uses.length === 0) return;
		this.#waiting = [];
		try {
			await this.#call("uses.add", [uses], { timeout });
		} catch (error) {
			this.#log.debug(`Uses of the memory were not written down: ${errorText(error)}`);
		}
	}

	async clients() {
		await this.write();
		return this.#call("uses.clients", []);
	}

	async recent(limit: number) {
		await this.write();
		return this.#call("uses.recent", [limit]);
	}
}
