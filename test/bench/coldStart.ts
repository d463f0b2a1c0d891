import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLog } from "../../src/config/log.ts";
import { openMemory } from "../../src/memory/openMemory.ts";
import { built } from "./builtFiles.ts";
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
		const target = { atMost: 1000, of: "median" } as const;
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

/** Runs the command-line program on the memory in `folder` and answers what it wrote to stdout. */
function commandLine(folder: string, ...args: string[]): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [built("dist/server.js"), ...args], {
			// A folder without a `.env` of the person who runs this.
			cwd: folder,
			env: { PATH: process.env.PATH, MEMORY_DIR: folder, DEFAULT_USER_ID: userId },
			stdio: ["ignore", "pipe", "pipe"],
		});
		let out = "";
		let problems = "";
		child.stdout.on("data", (chunk: Buffer) => {
			out += chunk.toString();
		});
		child.stderr.on("data", (chunk: Buffer) => {
			problems += chunk.toString();
		});
		child.once("error", reject);
		child.once("close", (code) => {
			if (code === 0) resolve(out);
			else reject(new Error(`mcp-mem0 ${args[0]} ended with ${code}: ${problems}`));
		});
	});
}
