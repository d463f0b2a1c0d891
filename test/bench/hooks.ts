import { spawn } from "node:child_process";
import { launcherIn, writeLauncher } from "../../src/agents/launcher.ts";
import { builtinSpace } from "../../src/endpoints/builtin/embedder.ts";
import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import { built } from "./builtFiles.ts";
import { makeCorpus } from "./corpus.ts";
import type { Figure } from "./figure.ts";
import { fill, toDrafts, userId } from "./filledMemory.ts";
import { withScratch } from "./scratch.ts";
import { percentile } from "./statistics.ts";

const sizes = [1000, 100_000];
const runs = 20;
/** ms, of 95 in 100 */
const [warm, cold] = [150, 700];

/**
 * A hook from the start of its process to its end, as a client waits for it: cold, with no other process on the memory,
 * and warm, with a server that runs.
 */
export async function measureHooks(): Promise<readonly Figure[]> {
	const figures: Figure[] = [];
	for (const size of sizes)
		await withScratch(async (folder) => {
			const corpus = makeCorpus(size, runs);
			const { store } = await openStore(folder);
			await fill(store, toDrafts(corpus.memories, { space: builtinSpace }), 500);
			await store.spaces.adopt(userId, builtinSpace);
			await store.close();
			await writeLauncher(built("dist/server.js"), folder);
			const prompts = corpus.queries.map(({ text }) => text);
			const measure = async (name: string, event: string, target: number) => {
				const samples: number[] = [];
				for (const prompt of prompts) samples.push(await runHook(folder, event, prompt));
				const title = `hook, ${name}, ${size.toLocaleString("en")} memories`;
				const runsText = String(samples.length);
				figures.push(
					{ name: title, unit: "ms", samples, runs: runsText },
					{
						name: `${title}, 95 of 100`,
						unit: "ms",
						samples: [percentile(samples, 95)],
						runs: runsText,
						target: { atMost: target, of: "median" },
					},
				);
			};
			await measure("start of a session, cold", "SessionStart", cold);
			await measure("prompt, cold", "UserPromptSubmit", cold);
			const server = spawn(process.execPath, [launcherIn(folder)], {
				env: environmentIn(folder),
				stdio: ["pipe", "ignore", "ignore"],
			});
			try {
				// The first prompts find it starting, and wake its model.
				for (const prompt of prompts.slice(0, 8)) await runHook(folder, "UserPromptSubmit", prompt);
				await measure("start of a session, warm", "SessionStart", warm);
				await measure("prompt, warm", "UserPromptSubmit", warm);
			} finally {
				server.stdin.end();
				await new Promise((closed) => server.once("close", closed));
			}
		});
	return figures;
}

function environmentIn(folder: string): NodeJS.ProcessEnv {
	return {
		PATH: process.env.PATH,
		HOME: folder,
		MEMORY_DIR: folder,
		DEFAULT_USER_ID: userId,
		LOG_LEVEL: "ERROR",
	};
}

/** ms */
function runHook(folder: string, event: string, prompt: string): Promise<number> {
	const begun = performance.now();
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [launcherIn(folder), "hook", "--client", "claude", event], {
			env: environmentIn(folder),
			stdio: ["pipe", "ignore", "inherit"],
		});
		child.stdin.end(
			JSON.stringify({ session_id: `${Math.random()}`, cwd: folder, source: "startup", prompt }),
		);
		child.once("error", reject);
		child.once("close", (code) => {
			if (code === 0) resolve(performance.now() - begun);
			else reject(new Error(`The hook ended with ${code}.`));
		});
	});
}
