import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeCursor } from "../../../src/memory/input.ts";
import { openStore } from "../../../src/store/sqlite/sqliteStore.ts";
import { type StdioClient, stdioClient } from "../../support/fixtures/mcpClient.ts";
import { nearMemories } from "../../support/fixtures/storeFixtures.ts";
import { makeCorpus } from "../corpus.ts";
import { project, timeOf, userId } from "../filledMemory.ts";
import { withScratch } from "../scratch.ts";
import { timed } from "../timed.ts";
import { dimensions, type LargeQuery, largeMemory } from "./largeMemory.ts";
import { peakOf, type RunningCopy, runCommand, runningCopy } from "./runningCopy.ts";
import { type VectorServer, vectorServer } from "./vectorServer.ts";

const warmUp = 30;
const statusCalls = 40;
const pagesEach = 30;
const pageSize = 50;
const imported = 5000;

/** What is measured at one size, by name; ms unless the name says otherwise. */
export interface Measured {
	readonly search: readonly number[];
	readonly firstSearch: readonly number[];
	/** The longest time without an answer to a ping: how long the event loop was held up. */
	readonly heldUpByFirstSearch: readonly number[];
	readonly heldUpBySearch: readonly number[];
	readonly firstPage: readonly number[];
	readonly middlePage: readonly number[];
	readonly lastPage: readonly number[];
	readonly status: readonly number[];
	/** While one memory awaits its vector. */
	readonly statusWithWork: readonly number[];
	readonly export: readonly number[];
	/** Memories a second. */
	readonly imported: readonly number[];
	/** MB of RAM that the server held at most; empty where the system does not tell. */
	readonly peak: readonly number[];
	/** The share of the ten truly nearest that the index finds. */
	readonly recall: readonly number[];
}

export async function measuredAt(count: number): Promise<Measured> {
	const memory = await largeMemory(count);
	const endpoint = await vectorServer(memory.queries);
	try {
		return await withScratch(async (folder) => {
			const copy = await runningCopy(memory, endpoint, folder);
			const served = await overMcp(copy, endpoint, count, memory.queries);
			return { ...served, ...(await byCommands(copy, folder)), recall: await recall(copy, memory.queries) };
		});
	} finally {
		endpoint.close();
	}
}

async function overMcp(
	copy: RunningCopy,
	endpoint: VectorServer,
	count: number,
	queries: readonly LargeQuery[],
) {
	const client = await stdioClient(copy.env, copy.cwd);
	const call = async (tool: string, args: object) => {
		const { content, error } = await client.call<{ note?: string; memories?: unknown[] }>(tool, args);
		if (error ?? content.note) throw new Error(`${tool}: ${error ?? content.note}`);
		return content;
	};
	const times = async <T>(items: readonly T[], work: (item: T) => Promise<unknown>) => {
		const durations: number[] = [];
		for (const item of items) durations.push(await timed(() => work(item)));
		return durations;
	};
	const search = ({ text }: LargeQuery) => call("search_memories", { query: text });
	const pagesFrom = async (index: number) => {
		const cursors = Array.from({ length: pagesEach }, (_, page) => index - page * pageSize);
		return times(cursors, async (at) => {
			const cursor = encodeCursor({ key: timeOf(at), seq: at + 1 });
			const { memories } = await call("get_all_memories", { cursor, limit: pageSize });
			if (memories?.length !== pageSize) throw new Error(`A page has ${memories?.length} memories.`);
		});
	};
	try {
		const [first, ...rest] = queries as [LargeQuery, ...LargeQuery[]];
		let firstSearch = 0;
		const heldUpByFirstSearch = await longestPing(client, async () => {
			firstSearch = await timed(() => search(first));
		});
		await times(rest.slice(0, warmUp), search);
		const heldUpBySearch: number[] = [];
		for (const query of rest.slice(0, warmUp))
			heldUpBySearch.push(await longestPing(client, () => search(query)));
		const measured = {
			firstSearch: [firstSearch],
			heldUpByFirstSearch: [heldUpByFirstSearch],
			heldUpBySearch,
			search: await times(rest.slice(warmUp), search),
			firstPage: await pagesFrom(count - 1),
			middlePage: await pagesFrom(count >> 1),
			lastPage: await pagesFrom((pagesEach + 1) * pageSize),
			status: await times(Array.from({ length: statusCalls }), () => call("memory_status", {})),
		};
		endpoint.away = true;
		await client.call("save_memory", { text: "This memory awaits its vector." });
		const statusWithWork = await times(Array.from({ length: statusCalls }), async () => {
			const { content } = await client.call<{ pending: { embedding: number } }>("memory_status");
			if (content.pending.embedding !== 1) throw new Error("No memory awaits its vector.");
		});
		endpoint.away = false;
		const peak = await peakOf(client.pid);
		return { ...measured, statusWithWork, peak: peak === undefined ? [] : [peak] };
	} finally {
		await client.close();
	}
}

/** ms the slowest of many pings took during `work`. */
async function longestPing({ client }: StdioClient, work: () => Promise<unknown>): Promise<number> {
	let working = true;
	let longest = 0;
	const pinging = (async () => {
		while (working) longest = Math.max(longest, await timed(() => client.ping()));
	})();
	await work();
	working = false;
	await pinging;
	return longest;
}

async function byCommands(copy: RunningCopy, folder: string) {
	const target = join(folder, "export.jsonl");
	const exporting = await runCommand(copy, "export", target);
	await rm(target);
	const source = join(folder, "import.jsonl");
	const { memories } = makeCorpus(imported, 0, { seed: 2, dimensions: 16 });
	await writeFile(source, memories.map(({ text }) => `${JSON.stringify({ text })}\n`).join(""));
	const importing = await runCommand(copy, "import", source);
	return { export: [exporting.duration], imported: [imported / (importing.duration / 1000)] };
}

async function recall({ memoryDir, env }: RunningCopy, queries: readonly LargeQuery[]) {
	const { store } = await openStore(memoryDir);
	const origin = new URL(env.EMBEDDING_BASE_URL as string).origin;
	const space = { provider: "openai", origin, model: env.EMBEDDING_MODEL_CHOICE as string, dimensions };
	const filter = { userId, global: true, projects: [project.id] };
	const shares: number[] = [];
	try {
		for (const { vector, nearest } of queries) {
			const values = Float32Array.from(vector);
			const found = await nearMemories(store, { space, values }, filter, 10);
			const seqs = new Set(found.map(({ memory }) => memory.seq));
			shares.push(nearest.filter((seq) => seqs.has(seq)).length / nearest.length);
		}
	} finally {
		await store.close();
	}
	return shares;
}
