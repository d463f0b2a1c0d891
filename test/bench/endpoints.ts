import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../../src/config/config.ts";
import { silentLog } from "../../src/config/log.ts";
import type { MemoryService } from "../../src/memory/memoryService.ts";
import { openMemory } from "../../src/memory/openMemory.ts";
import { type Endpoint, withEndpoint } from "./endpointServer.ts";
import { shortFacts } from "./facts.ts";
import type { Figure } from "./figure.ts";
import { openPlainMem0, type PlainMem0 } from "./plainMem0.ts";
import { withScratch } from "./scratch.ts";
import { timed } from "./timed.ts";

const warmUp = 8;
const saves = 60;
const userId = "bench";
const peerName = "plain mem0ai";

/** Saves that a language model distils, and searches, against an endpoint that answers at once or after 50 ms. */
export async function measureEndpoints(): Promise<readonly Figure[]> {
	return [...(await measureWith(0)), ...(await measureWith(50))];
}

function measureWith(delay: number): Promise<readonly Figure[]> {
	return withEndpoint({ delay, dimensions: 512 }, (endpoint) =>
		withScratch(async (folder) => {
			const service = await openOurs(folder, endpoint.baseUrl);
			const mem0 = await openPlainMem0(folder, endpoint.baseUrl, 512);
			try {
				return [
					...(await measureSaves(endpoint, service, mem0, delay)),
					...(await measureRoundTrips(endpoint, service, mem0, delay)),
				];
			} finally {
				await service.dispose();
			}
		}),
	);
}

export function openOurs(folder: string, baseUrl: string): Promise<MemoryService> {
	const { config } = readConfig({
		MEMORY_DIR: folder,
		DEFAULT_USER_ID: userId,
		LLM_PROVIDER: "openai",
		LLM_BASE_URL: baseUrl,
		LLM_CHOICE: "test-chat",
		EMBEDDING_MODEL_CHOICE: "test-embed",
	});
	const bundles = { embedder: resolve("dist/embedder.cjs"), mem0: resolve("dist/mem0.js") };
	return openMemory({ config, bundles, log: silentLog });
}

/** Both save the same texts in turn; requests of a save follow one another, so that their times add up. */
async function measureSaves(
	endpoint: Endpoint,
	service: MemoryService,
	mem0: PlainMem0,
	delay: number,
): Promise<readonly Figure[]> {
	const facts = shortFacts(2 * (warmUp + saves));
	const ours = { overhead: [] as number[], wall: [] as number[], requests: [] as number[] };
	const peer = { overhead: [] as number[], wall: [] as number[], requests: [] as number[] };
	for (let i = 0; i < warmUp + saves; i += 1) {
		const text = `${facts[2 * i]} ${facts[2 * i + 1]}`;
		// The model's range of cosines is measured once, in the background: not while something is timed.
		if (i === warmUp) await calibrated(endpoint, service);
		for (const [into, save] of [
			[ours, () => ourSave(service, text)],
			[peer, () => mem0.add([{ role: "user", content: text }], { userId })],
		] as const) {
			await endpoint.take();
			const wall = await timed(save);
			const busy = await endpoint.take();
			if (i < warmUp) continue;
			into.wall.push(wall);
			into.overhead.push(wall - busy.reduce((sum, each) => sum + each, 0));
			into.requests.push(busy.length);
		}
	}
	const at = `at ${delay} ms`;
	const runs = String(saves);
	return [
		{
			name: `distilled save ${at}, beyond the endpoint's time`,
			unit: "ms",
			samples: ours.overhead,
			runs,
			target: { atMost: 15, of: "median" },
			peer: { name: peerName, samples: peer.overhead },
		},
		{
			name: `distilled save ${at}, whole`,
			unit: "ms",
			samples: ours.wall,
			runs,
			peer: { name: peerName, samples: peer.wall },
		},
		{
			name: `requests for a distilled save ${at}`,
			unit: "",
			samples: ours.requests,
			runs,
			peer: { name: peerName, samples: peer.requests },
		},
	];
}

async function calibrated(endpoint: Endpoint, service: MemoryService): Promise<void> {
	await endpoint.take();
	service.workSoon();
	while ((await endpoint.take()).length === 0) await sleep(100);
	await sleep(500);
}

async function ourSave(service: MemoryService, text: string): Promise<void> {
	const { mode, pending } = await service.save({ text });
	if (mode !== "distilled" || pending.length > 0) throw new Error(`A save was answered ${mode}.`);
}

/** Questions that name somebody, as people's do: mem0ai embeds names by themselves. */
async function measureRoundTrips(
	endpoint: Endpoint,
	service: MemoryService,
	mem0: PlainMem0,
	delay: number,
): Promise<readonly Figure[]> {
	const questions = Array.from(
		{ length: 20 },
		(_, index) => `What does Marta prefer for task number ${index}?`,
	);
	const fresh = { trips: [] as number[], wall: [] as number[] };
	const cached = { trips: [] as number[], wall: [] as number[] };
	const peer = { trips: [] as number[], wall: [] as number[] };
	for (const query of questions) {
		for (const [into, search] of [
			[fresh, () => service.search({ query })],
			[cached, () => service.search({ query })],
			[peer, () => mem0.search(query, { filters: { user_id: userId }, topK: 5 })],
		] as const) {
			await endpoint.take();
			into.wall.push(await timed(search));
			into.trips.push((await endpoint.take()).length);
		}
	}
	const at = `at ${delay} ms`;
	const runs = String(questions.length);
	const target = (atMost: number) => ({ atMost, of: "p99" as const });
	const trips = { name: peerName, samples: peer.trips };
	const wall = { name: peerName, samples: peer.wall };
	return [
		{
			name: `round trips of a search ${at}`,
			unit: "",
			samples: fresh.trips,
			runs,
			target: target(1),
			peer: trips,
		},
		{
			name: `the same, asked again, ${at}`,
			unit: "",
			samples: cached.trips,
			runs,
			target: target(0),
			peer: trips,
		},
		{ name: `search ${at}, whole`, unit: "ms", samples: fresh.wall, runs, peer: wall },
		{ name: `the same, asked again, ${at}, whole`, unit: "ms", samples: cached.wall, runs, peer: wall },
	];
}
