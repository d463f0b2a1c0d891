import type { Clock } from "../config/clock.ts";
import type { EndpointRole } from "../config/endpoints.ts";
import type { Log } from "../config/log.ts";
import type { EndpointHealth, RecordedRequest } from "../endpoints/endpointHealth.ts";
import type { Traffic } from "../store/memoryStore.ts";
import type { DayTraffic } from "../store/usage.ts";
import { errorText } from "./errorText.ts";

/** ms between two writes of what was counted: the database is not written for every request. */
const interval = 20_000;

/** Counts the requests of this process, and adds them to those of the others in the database. */
export class TrafficLog {
	readonly #store: Traffic;
	readonly #clock: Clock;
	readonly #log: Log;
	#counted = new Map<string, DayTraffic>();
	#cancelTimer: (() => void) | undefined;

	constructor(store: Traffic, clock: Clock, log: Log) {
		this.#store = store;
		this.#clock = clock;
		this.#log = log;
	}

	record(role: EndpointRole, request: RecordedRequest): void {
		const { host, ok, duration, inputTokens = 0, outputTokens = 0 } = request;
		const day = localDay(this.#clock.now());
		const [errors, answered] = ok ? [0, duration] : [1, 0];
		this.#count({ day, role, host, requests: 1, errors, inputTokens, outputTokens, duration: answered });
		this.#cancelTimer ??= this.#clock.after(interval, () => this.write());
	}

	#count(row: DayTraffic): void {
		const key = JSON.stringify([row.day, row.role, row.host]);
		const sums = this.#counted.get(key);
		this.#counted.set(key, sums ? sumOf([sums, row]) : row);
	}

	/** Writes down what was counted since the last time; if that fails, it is written with what follows. */
	async write(): Promise<void> {
		this.#cancelTimer?.();
		this.#cancelTimer = undefined;
		const counted = this.#counted;
		if (counted.size === 0) return;
		this.#counted = new Map();
		try {
			await this.#store.add([...counted.values()]);
		} catch (error) {
			for (const row of counted.values()) this.#count(row);
			this.#log.debug(`The number of requests was not written down: ${errorText(error)}`);
		}
	}

	/** The last days, today included, newest first. @param days from 1 */
	async ofDays(days: number): Promise<readonly DayTraffic[]> {
		await this.write();
		return this.#store.since(localDay(this.#clock.now(), days - 1));
	}
}

/** The day of a moment, or some days before it, where the user lives. */
function localDay(at: number, before = 0): string {
	const date = new Date(at);
	date.setDate(date.getDate() - before);
	const two = (number: number) => String(number).padStart(2, "0");
	return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A role's requests to one host, over several days. */
export interface HostTraffic extends Omit<DayTraffic, "day" | "duration"> {
	/** ms an answer took on average; absent if none came. */
	readonly latency?: number;
}

/** The sums over days of each role and host. */
export function byHost(rows: readonly DayTraffic[]): HostTraffic[] {
	const groups = Map.groupBy(rows, ({ role, host }) => `${role} ${host}`);
	return [...groups.values()].map((days) => {
		const { day: _, duration, ...sums } = sumOf(days as [DayTraffic, ...DayTraffic[]]);
		const answered = sums.requests - sums.errors;
		return { ...sums, ...(answered > 0 ? { latency: Math.round(duration / answered) } : {}) };
	});
}

function sumOf(rows: readonly [DayTraffic, ...DayTraffic[]]): DayTraffic {
	const sum = (number: (row: DayTraffic) => number) => rows.reduce((total, row) => total + number(row), 0);
	return {
		...rows[0],
		requests: sum(({ requests }) => requests),
		errors: sum(({ errors }) => errors),
		inputTokens: sum(({ inputTokens }) => inputTokens),
		outputTokens: sum(({ outputTokens }) => outputTokens),
		duration: sum(({ duration }) => duration),
	};
}

/** Calls back after every request to an endpoint. */
export function watchRequests(
	health: Readonly<Record<EndpointRole, EndpointHealth>>,
	listener: () => void,
): { dispose(): void } {
	const watched = Object.values(health).map((each) => each.onDidRecord(() => listener()));
	return {
		dispose: () => {
			for (const each of watched) each.dispose();
		},
	};
}
