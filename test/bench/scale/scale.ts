import type { Figure, Target } from "../figure.ts";
import { dimensions } from "./largeMemory.ts";
import { type Measured, measuredAt } from "./measuredAt.ts";

const sizes: readonly number[] = [20_000, 100_000, 500_000];

interface Row {
	readonly name: string;
	readonly unit: string;
	/** At the largest size, or at all if `everywhere`. */
	readonly target?: Target;
	readonly everywhere?: boolean;
	/** Of the exponent of its growth: 1 is linear. */
	readonly growth?: Target;
}

const atMost = (limit: number, of: "median" | "p99" = "median"): Target => ({ atMost: limit, of });

const rows: Readonly<Record<keyof Measured, Row>> = {
	search: { name: "search", unit: "ms", target: atMost(25) },
	firstSearch: { name: "first search of a process", unit: "ms" },
	heldUpBySearch: { name: "longest ping during a search", unit: "ms", target: atMost(16) },
	heldUpByFirstSearch: { name: "longest ping during the first search", unit: "ms", target: atMost(16) },
	firstPage: { name: "page of the list, at the start", unit: "ms", target: atMost(10) },
	middlePage: { name: "page of the list, in the middle", unit: "ms", target: atMost(10) },
	lastPage: { name: "page of the list, at the end", unit: "ms", target: atMost(10) },
	status: { name: "status", unit: "ms", target: atMost(20) },
	statusWithWork: { name: "status while a memory awaits its vector", unit: "ms", target: atMost(20) },
	export: { name: "export", unit: "ms", target: atMost(40_000), growth: atMost(1.1) },
	imported: { name: "import, embedded", unit: "memories/s" },
	peak: { name: "most RAM of the server", unit: "MB", target: atMost(300) },
	recall: { name: "vector recall@10", unit: "", target: { atLeast: 0.99 }, everywhere: true },
};

/**
 * What grows with the number of memories, and how: measured from outside, over MCP and by commands, at three sizes.
 * `BENCH_SIZES=20000,100000` measures less.
 */
export async function measureScale(): Promise<readonly Figure[]> {
	const asked = process.env.BENCH_SIZES?.split(",").map(Number) ?? sizes;
	const measured: { readonly count: number; readonly at: Measured }[] = [];
	for (const count of asked) {
		console.error(`  ${count.toLocaleString("en")} × ${dimensions} …`);
		measured.push({ count, at: await measuredAt(count) });
	}
	const [smallest, largest] = [measured[0], measured.at(-1)];
	return Object.entries(rows).flatMap(([key, { name, unit, target, everywhere, growth }]) => {
		const samplesOf = (at: Measured) => at[key as keyof Measured];
		if (measured.some(({ at }) => samplesOf(at).length === 0)) return [];
		const figures = measured.map(({ count, at }): Figure => {
			const samples = key === "recall" ? [mean(samplesOf(at))] : samplesOf(at);
			return {
				name: `${name} at ${count.toLocaleString("en")}`,
				unit,
				samples,
				runs: String(samplesOf(at).length),
				...(target && (everywhere || count === Math.max(...sizes)) ? { target } : {}),
			};
		});
		if (!smallest || !largest || smallest === largest || key === "recall") return figures;
		// Of the fastest calls: whatever else the machine does makes none faster.
		const ratio = Math.min(...samplesOf(largest.at)) / Math.min(...samplesOf(smallest.at));
		const exponent: Figure = {
			name: `${name}, exponent of its growth`,
			unit: "",
			samples: [Math.log(ratio) / Math.log(largest.count / smallest.count)],
			runs: `${smallest.count.toLocaleString("en")} to ${largest.count.toLocaleString("en")}`,
			...(growth ? { target: growth } : {}),
		};
		return [...figures, exponent];
	});
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
