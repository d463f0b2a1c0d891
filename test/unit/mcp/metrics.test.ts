import assert from "node:assert/strict";
import { metricsText, ServerMetrics } from "../../../src/mcp/metrics.ts";

/** The samples of a text in Prometheus' format 0.0.4, which it must follow to the letter. */
function parse(text: string): ReadonlyMap<string, number> {
	const samples = new Map<string, number>();
	let type: string | undefined;
	let name = "";
	assert.ok(text.endsWith("\n"));
	for (const line of text.slice(0, -1).split("\n")) {
		const help = /^# HELP ([a-z_][a-z0-9_]*) (\S.*)$/.exec(line);
		const typed = /^# TYPE ([a-z_][a-z0-9_]*) (counter|gauge|histogram)$/.exec(line);
		if (help) {
			assert.notEqual(help[1], name, "a metric stands in one place");
			name = help[1] ?? "";
			type = undefined;
		} else if (typed) {
			assert.equal(typed[1], name);
			type = typed[2];
			if (type === "counter") assert.match(name, /_total$/);
		} else {
			const label = String.raw`[a-z_]+="(?:[^"\\\n]|\\["\\n])*"`;
			const sample = new RegExp(
				String.raw`^([a-z_0-9]+)(\{${label}(?:,${label})*\})? (-?[0-9.e+-]+|[+-]Inf|NaN)$`,
			).exec(line);
			assert.ok(sample && type, line);
			const suffix = sample[1]?.slice(name.length) ?? "";
			assert.ok(sample[1]?.startsWith(name), line);
			assert.ok((type === "histogram" ? ["_bucket", "_sum", "_count"] : [""]).includes(suffix), line);
			const key = `${sample[1]}${sample[2] ?? ""}`;
			assert.ok(!samples.has(key), `${key} twice`);
			samples.set(key, Number(sample[3]?.replace("Inf", "Infinity")));
		}
	}
	return samples;
}

describe("Metrics", () => {
	it("count calls by tool and outcome, with a histogram that adds up", () => {
		const metrics = new ServerMetrics();
		for (const duration of [1, 5, 7, 80, 70_000])
			metrics.called({ tool: "search_memories", ok: true, duration });
		metrics.called({ tool: "save_memory", ok: false, duration: 20 });
		metrics.answered(200);
		metrics.answered(429);
		metrics.answered(200);
		const samples = parse(metricsText(metrics.all));
		const calls = (tool: string, status: string) =>
			samples.get(`mcp_mem0_tool_calls_total{tool="${tool}",status="${status}"}`);
		assert.deepEqual([calls("search_memories", "ok"), calls("save_memory", "error")], [5, 1]);
		const bucket = (le: string) =>
			samples.get(`mcp_mem0_tool_duration_seconds_bucket{tool="search_memories",le="${le}"}`);
		assert.deepEqual(["0.005", "0.01", "0.1", "60", "+Inf"].map(bucket), [2, 3, 4, 4, 5]);
		assert.equal(samples.get('mcp_mem0_tool_duration_seconds_count{tool="search_memories"}'), 5);
		assert.equal(samples.get('mcp_mem0_http_requests_total{code="200"}'), 2);
		assert.equal(samples.get('mcp_mem0_http_requests_total{code="429"}'), 1);
	});

	it("keep the format whatever stands in a label or a value", () => {
		const value = 'a"b\\c\nd';
		const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-7, 1e21, -3];
		const samples = parse(
			metricsText([
				{
					name: "odd",
					help: "Odd ones.",
					type: "gauge",
					samples: odd.map((each, at) => ({ labels: { value, at: String(at) }, value: each })),
				},
				{ name: "none", help: "Nothing.", type: "gauge", samples: [] },
			]),
		);
		assert.deepEqual([...samples.values()], odd);
	});
});
