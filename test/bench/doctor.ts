import { examine } from "../../src/doctor/doctor.ts";
import { worstOf } from "../../src/doctor/report.ts";
import { listTools } from "../../src/mcp/selfCheck.ts";
import { envOf, withWorkbench } from "../support/fixtures/brokenSetups.ts";
import { built } from "./builtFiles.ts";
import { withEndpoint } from "./endpointServer.ts";
import type { Figure } from "./figure.ts";
import { withScratch } from "./scratch.ts";
import { timed } from "./timed.ts";

const runs = 5;
/** ms; the default is 10 s, which nobody wants to wait for five times. */
const shortDeadline = 2000;

/** All checks on an endpoint that is well, and how soon one that is not is told of. */
export function measureDoctor(): Promise<readonly Figure[]> {
	return withScratch(async (folder) => {
		const bundles = { embedder: built("dist/embedder.cjs"), mem0: built("dist/mem0.js") };
		const healthy = await withEndpoint({ delay: 0, dimensions: 512 }, async ({ baseUrl }) => {
			const env = envOf(baseUrl, { MEMORY_DIR: folder });
			const all = async () => {
				const mcp = (signal: AbortSignal) => listTools("0.0.0", signal);
				const report = await examine({ env, bundles, mcp });
				if (worstOf(report.findings) !== "ok")
					throw new Error(`The endpoint of the bench is not well: ${JSON.stringify(report.findings)}`);
			};
			// The server's embeddings come from a model that it loads first.
			await all();
			return measured(all);
		});
		const [refused, blackHole] = await withWorkbench(async (bench) => {
			const closed = await bench.closedPort();
			const hole = await bench.blackHole();
			return [
				await measured(() => failing(closed, 10_000)),
				await measured(() => failing(hole, shortDeadline)),
			];
		});
		const figure = (name: string, samples: readonly number[] | undefined, atMost: number): Figure => ({
			name,
			unit: "ms",
			samples: samples ?? [],
			runs: String(runs),
			target: { atMost, of: "p99" },
		});
		return [
			figure("all checks, endpoint well", healthy, 1500),
			figure("refused connection told of", refused, 1000),
			figure(`black hole told of, deadline ${shortDeadline / 1000} s`, blackHole, shortDeadline + 100),
		];
	});
}

async function failing(port: number, deadline: number): Promise<void> {
	const { findings } = await examine({
		env: envOf(`http://127.0.0.1:${port}/v1`),
		roles: ["configuration", "chat", "embedding"],
		deadline,
	});
	const [trouble] = findings.filter(({ status }) => status === "failed");
	if (trouble?.id !== "chat.tcp") throw new Error(`The trouble was found to be ${trouble?.id}.`);
}

async function measured(work: () => Promise<void>): Promise<readonly number[]> {
	const samples: number[] = [];
	for (let run = 0; run < runs; run += 1) samples.push(await timed(work));
	return samples;
}
