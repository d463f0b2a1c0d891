import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { launcherIn, writeLauncher } from "../../src/agents/launcher.ts";
import { built } from "./builtFiles.ts";
import { commandLine, commandLineWith } from "./commandLine.ts";
import { shortFacts } from "./facts.ts";
import type { Figure } from "./figure.ts";
import { userId } from "./filledMemory.ts";
import { measureHooks } from "./hooks.ts";
import { withScratch } from "./scratch.ts";
import { type StdioServer, startStdioServer } from "./stdioServer.ts";

const memoryCount = 1000;
const runs = 9;
const query = "Who prefers PostgreSQL for database migrations?";
/** Of English and JSON, in the tokenizers of today's models; an estimate. */
const charactersPerToken = 4;

/** What an agent waits for: our server, started the way a client's entry starts it, and what it costs meanwhile. */
export async function measureAgents(): Promise<readonly Figure[]> {
	return [...(await measureServer()), ...(await measureBrief()), ...(await measureHooks())];
}

function measureServer(): Promise<readonly Figure[]> {
	return withScratch(async (folder) => {
		await importFacts(folder);
		await writeLauncher(built("dist/server.js"), folder);
		const env = { MEMORY_DIR: folder, DEFAULT_USER_ID: userId };
		const start = (more: Readonly<Record<string, string>> = {}) =>
			startStdioServer([launcherIn(folder)], { ...env, ...more });
		// Nobody answers there: as with a model that a window is to be asked, and none is open.
		const noModel = {
			ASK_VSCODE: "embedding",
			EMBEDDING_BASE_URL: "http://127.0.0.1:9/v1",
			EMBEDDING_MODEL_CHOICE: "none",
			EMBEDDING_PROVIDER: "openai",
		};

		const listed: number[] = [];
		const byWords: number[] = [];
		const byMeaning: number[] = [];
		const idle: number[] = [];
		let definitions = "";
		for (let run = 0; run < runs; run += 1) {
			await withServer(start(), async (server) => {
				const { tools } = (await server.request("tools/list")) as { tools: readonly ToolDefinition[] };
				listed.push(performance.now() - server.startedAt);
				definitions = JSON.stringify(tools.map(asModelsGetIt));
				idle.push(await residentMegabytes(server.pid));
			});
			byWords.push(await firstSearch(start(noModel)));
			byMeaning.push(await firstSearch(start()));
		}
		return [
			atMost("agent's server, start to first tools/list", "ms", listed, 400),
			atMost("agent's server, start to first search by words", "ms", byWords, 500),
			atMost("agent's server, start to first search with the built-in model", "ms", byMeaning, 800),
			atMost("agent's server, idle, RAM", "MB", idle, 90),
			{
				...atMost(
					"definitions of all tools",
					"tokens",
					[Math.ceil(definitions.length / charactersPerToken)],
					1500,
				),
				runs: `${definitions.length} characters, ${charactersPerToken} a token`,
			},
		];
	});
}

/** What a session is told at its start, at most as much as is set. */
function measureBrief(): Promise<readonly Figure[]> {
	return withScratch(async (folder) => {
		await importFacts(folder);
		const input = JSON.stringify({ session_id: "bench", cwd: folder, source: "startup" });
		const said = await commandLineWith(folder, input, "hook", "--client", "copilot", "SessionStart");
		const { additionalContext: brief } = JSON.parse(said) as { readonly additionalContext: string };
		const tokens = Math.ceil(brief.length / charactersPerToken);
		return [
			{
				...atMost("brief of a session, 1,000 memories", "tokens", [tokens], 600),
				runs: `${brief.length} characters, ${charactersPerToken} a token`,
			},
		];
	});
}

interface ToolDefinition {
	readonly name: string;
	readonly description: string;
	readonly inputSchema: object;
}

function asModelsGetIt({ name, description, inputSchema }: ToolDefinition) {
	return { type: "function", function: { name, description, parameters: inputSchema } };
}

function atMost(name: string, unit: string, samples: readonly number[], most: number): Figure {
	return { name, unit, samples, runs: String(samples.length), target: { atMost: most, of: "median" } };
}

async function importFacts(folder: string): Promise<void> {
	const file = join(folder, "facts.jsonl");
	await writeFile(
		file,
		shortFacts(memoryCount)
			.map((text) => `${JSON.stringify({ text })}\n`)
			.join(""),
	);
	await commandLine(folder, "import", file);
}

async function withServer(starting: Promise<StdioServer>, work: (server: StdioServer) => Promise<void>) {
	const server = await starting;
	try {
		await work(server);
	} finally {
		await server.close();
	}
}

/** ms from the start of the process to the answer. */
async function firstSearch(starting: Promise<StdioServer>): Promise<number> {
	let duration = Number.NaN;
	await withServer(starting, async (server) => {
		const answer = await server.request("tools/call", { name: "search_memories", arguments: { query } });
		duration = performance.now() - server.startedAt;
		if (!JSON.stringify(answer).includes("PostgreSQL"))
			throw new Error(`The search answered: ${JSON.stringify(answer)}`);
	});
	return duration;
}

async function residentMegabytes(pid: number): Promise<number> {
	if (process.platform === "win32") {
		const { stdout } = await promisify(execFile)("tasklist", ["/fi", `PID eq ${pid}`, "/fo", "csv", "/nh"]);
		return Number(stdout.split('","')[4]?.replace(/\D/g, "")) / 1024;
	}
	const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
	return Number(stdout) / 1024;
}
