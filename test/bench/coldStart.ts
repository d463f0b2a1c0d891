import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLog } from "../../src/config/log.ts";
import { openMemory } from "../../src/memory/openMemory.ts";
import { built } from "./builtFiles.ts";
import { commandLine } from "./commandLine.ts";
import { shortFacts } from "./facts.ts";
import type { Figure } from "./figure.ts";
import { userId } from "./filledMemory.ts";
import { withScratch } from "./scratch.ts";
import { timed } from "./timed.ts";

const memoryCount = 1000;
const runs = 5;
const query = "Who prefers PostgreSQL for database migrations?";

/** The first answer of a process that has just been started: opening the database and loading the model included. */
export function measureColdStart(): Promise<readonly Figure[]> {
	return withScratch(async (folder) => {
		const workerFile = built("dist/embedder.cjs");
		const file = join(folder, "facts.jsonl");
		const lines = shortFacts(memoryCount).map((text) => JSON.stringify({ text }));
		await writeFile(file, `${lines.join("\n")}\n`);
		await commandLine(folder, "import", file);

		const whole: number[] = [];
		const within: number[] = [];
		for (let run = 0; run < runs; run += 1) {
			whole.push(
				await timed(async () => {
					const answer = await commandLine(folder, "search", query);
					if (!answer.includes("PostgreSQL")) throw new Error(`The search answered: ${answer}`);
				}),
			);
			within.push(await openAndSearch(folder, workerFile));
		}
		const target = { atMost: 800, of: "median" } as const;
		return [
			{ name: "first search, whole process", unit: "ms", samples: whole, runs: String(runs), target },
			{ name: "first search, in process", unit: "ms", samples: within, runs: String(runs), target },
		];
	});
}

async function openAndSearch(memoryDir: string, workerFile: string): Promise<number> {
	const begun = performance.now();
	const memory = await openMemory({
		config: { memoryDir, userId, llm: undefined, embedding: undefined },
		bundles: { embedder: workerFile, mem0: "" },
		log: silentLog,
	});
	try {
		const { memories, note } = await memory.search({ query });
		const duration = performance.now() - begun;
		if (memories.length === 0 || note) throw new Error(note ?? "The search found nothing.");
		return duration;
	} finally {
		await memory.dispose();
	}
}
