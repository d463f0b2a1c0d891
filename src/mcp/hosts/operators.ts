import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Metric, metricsText, metricsType, ServerMetrics } from "../metrics.ts";

/** ms the database may take to show that it is there. */
const patience = 3000;
/** ms for which an answer counts: anybody may ask. */
const currentFor = 1000;

export interface OperatorOptions {
	/** Makes a request to the database. Absent: there is none. */
	readonly askDatabase?: (() => Promise<unknown>) | undefined;
	/** What the server knows beside its own counts. */
	readonly gauges?: (() => Promise<readonly Metric[]>) | undefined;
}

/** What operators are told: whether the server can work, to anybody; and its metrics. */
export class Operators {
	readonly counts = new ServerMetrics();
	readonly #options: OperatorOptions;
	#health: { readonly at: number; readonly ok: Promise<boolean> } | undefined;

	constructor(options: OperatorOptions) {
		this.#options = options;
	}

	async answerHealth(response: ServerResponse, ending: boolean): Promise<void> {
		const status = ending ? "ending" : (await this.#isHealthy()) ? "ok" : "database away";
		response.writeHead(status === "ok" ? 200 : 503, {
			"Content-Type": "application/json",
			"Cache-Control": "no-store",
		});
		response.end(JSON.stringify({ status }));
	}

	async answerMetrics(response: ServerResponse, sessions: number): Promise<void> {
		const began = performance.now();
		const up = await this.#ask();
		const roundTrip = (performance.now() - began) / 1000;
		const gauges = up ? ((await this.#options.gauges?.()) ?? []) : [];
		const text = metricsText([
			...this.counts.all,
			gauge("sessions", "Open MCP sessions.", sessions),
			gauge("database_up", "Whether the database answers.", up ? 1 : 0),
			...(up ? [gauge("database_round_trip_seconds", "How long it took just now.", roundTrip)] : []),
			gauge("resident_memory_bytes", "Memory of this process.", process.memoryUsage.rss()),
			gauge(
				"start_time_seconds",
				"When this process began, since 1970.",
				Date.now() / 1000 - process.uptime(),
			),
			...gauges,
		]);
		response.writeHead(200, { "Content-Type": metricsType, "Cache-Control": "no-store" });
		response.end(text);
	}

	#isHealthy(): Promise<boolean> {
		const now = performance.now();
		if (!this.#health || now - this.#health.at > currentFor) this.#health = { at: now, ok: this.#ask() };
		return this.#health.ok;
	}

	async #ask(): Promise<boolean> {
		const asked = this.#options.askDatabase?.() ?? Promise.resolve();
		const answered = asked.then(
			() => true,
			() => false,
		);
		return Promise.race([answered, sleep(patience, false, { ref: false })]);
	}
}

export function gauge(name: string, help: string, value: number): Metric {
	return { name, help, type: "gauge", samples: [{ value }] };
}
