/** What operators are told of a server, in Prometheus' text format (version 0.0.4). */

export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

/** Upper bounds, in seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type Labels = Readonly<Record<string, string>>;

/** One number, or several with different labels. */
export interface Metric {
	/** Without the prefix of all of them. */
	readonly name: string;
	readonly help: string;
	readonly type: "counter" | "gauge" | "histogram";
	readonly samples: readonly {
		readonly value: number;
		readonly labels?: Labels;
		/** Of a histogram: `_bucket`, `_sum` or `_count`. */
		readonly suffix?: string;
	}[];
}

/** A call of a tool that was answered. */
export interface ToolCall {
	readonly tool: string;
	readonly ok: boolean;
	/** ms */
	readonly duration: number;
}

interface Durations {
	readonly counts: number[];
	sum: number;
	total: number;
}

/** Counts what a server does. */
export class ServerMetrics {
	readonly #calls = new Map<string, { readonly labels: Labels; count: number }>();
	readonly #durations = new Map<string, Durations>();
	readonly #answers = new Map<number, number>();
	rateLimited = 0;

	called({ tool, ok, duration }: ToolCall): void {
		const status = ok ? "ok" : "error";
		const call = this.#calls.get(`${tool} ${status}`) ?? { labels: { tool, status }, count: 0 };
		this.#calls.set(`${tool} ${status}`, call);
		call.count += 1;
		const seconds = duration / 1000;
		const known = this.#durations.get(tool) ?? { counts: buckets.map(() => 0), sum: 0, total: 0 };
		this.#durations.set(tool, known);
		buckets.forEach((bound, index) => {
			if (seconds <= bound) known.counts[index] = (known.counts[index] ?? 0) + 1;
		});
		known.sum += seconds;
		known.total += 1;
	}

	/** An HTTP request was answered. */
	answered(status: number): void {
		this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
	}

	get all(): readonly Metric[] {
		const histogram = [...this.#durations].flatMap(([tool, { counts, sum, total }]) => [
			...buckets.map((bound, index) => ({
				suffix: "_bucket",
				labels: { tool, le: String(bound) },
				value: counts[index] ?? 0,
			})),
			{ suffix: "_bucket", labels: { tool, le: "+Inf" }, value: total },
			{ suffix: "_sum", labels: { tool }, value: sum },
			{ suffix: "_count", labels: { tool }, value: total },
		]);
		return [
			{
				name: "tool_calls_total",
				help: "Calls of tools that were answered.",
				type: "counter",
				samples: [...this.#calls.values()].map(({ labels, count }) => ({ labels, value: count })),
			},
			{
				name: "tool_duration_seconds",
				help: "How long they took.",
				type: "histogram",
				samples: histogram,
			},
			{
				name: "http_requests_total",
				help: "HTTP requests that were answered, by status.",
				type: "counter",
				samples: [...this.#answers].map(([code, value]) => ({ labels: { code: String(code) }, value })),
			},
			{
				name: "rate_limited_total",
				help: "Requests that were refused since a person made too many.",
				type: "counter",
				samples: [{ value: this.rateLimited }],
			},
		];
	}
}

/** The text of all metrics that have a value. */
export function metricsText(metrics: readonly Metric[]): string {
	return metrics
		.filter(({ samples }) => samples.length > 0)
		.map(({ name, help, type, samples }) => {
			const full = `mcp_mem0_${name}`;
			const lines = samples.map(
				({ value, labels = {}, suffix = "" }) => `${full}${suffix}${labelText(labels)} ${valueText(value)}`,
			);
			return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("\n")}\n`;
		})
		.join("");
}

function labelText(labels: Labels): string {
	const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
	return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
	return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function valueText(value: number): string {
	if (Number.isFinite(value)) return String(value);
	return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
