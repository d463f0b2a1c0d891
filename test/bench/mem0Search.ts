import { setImmediate as nextTurn } from "node:timers/promises";
import { openStore } from "../../src/store/sqlite/sqliteStore.ts";
import { beside, type Contest, openContest, quiet } from "./contest.ts";
import { type Corpus, makeCorpus, type SyntheticMemory } from "./corpus.ts";
import { type Endpoint, withEndpoint } from "./endpointServer.ts";
import type { Figure } from "./figure.ts";
import { fill, toDrafts, userId } from "./filledMemory.ts";
import type { PlainMem0 } from "./plainMem0.ts";
import { median } from "./statistics.ts";
import { timed, within } from "./timed.ts";

const memoryCount = 5000;
/** Of the vectors: those of text-embedding-3-small. */
const dimensions = 1536;
const timesFaster = 50;
const warmUp = 30;
const queryCount = 100;
/** mem0ai takes a second or so for a query. */
const theirWarmUp = 2;
/** ms for the queries that both are asked. */
const budget = 45_000;
const limit = 5;

/**
 * A search of the same 5,000 memories by both: with the query's embedding, by a server that answers at once, and asked
 * again, when neither asks the server. The memories' vectors are made up, as neither scan depends on their values.
 */
export function measureSearchBesideMem0(): Promise<readonly Figure[]> {
	const corpus = makeCorpus(memoryCount, warmUp + queryCount);
	const memories = corpus.memories.map(widened);
	return withEndpoint({ delay: 0, dimensions }, (endpoint) => {
		const fillOurs = async (folder: string) => {
			const { origin } = new URL(endpoint.baseUrl);
			const { store } = await openStore(folder);
			const space = { provider: "openai", origin, model: "test-embed", dimensions };
			await fill(store, toDrafts(memories, { space }), 500);
			await store.close();
		};
		return openContest(endpoint, { dimensions, distils: false, fill: fillOurs }, async (contest) => {
			if (contest.mem0) await fillTheirs(contest.mem0, memories);
			return measure(endpoint, contest, corpus.queries);
		});
	});
}

async function measure(
	endpoint: Endpoint,
	{ service, mem0 }: Contest,
	queries: Corpus["queries"],
): Promise<readonly Figure[]> {
	const searchOurs = async (query: string) => (await service.search({ query, limit, scope: "all" })).memories;
	const searchTheirs = async (query: string) => {
		const filters = { user_id: userId };
		return mem0 ? (await mem0.memory.search(query, { filters, topK: limit })).results : [];
	};
	const [ours, oursAgain, theirs, theirsAgain] = [[], [], [], []] as [number[], number[], number[], number[]];
	const turns = [
		{ search: searchOurs, samples: ours, asksServer: true },
		{ search: searchOurs, samples: oursAgain, asksServer: false },
		...(mem0
			? [
					{ search: searchTheirs, samples: theirs, asksServer: true },
					{ search: searchTheirs, samples: theirsAgain, asksServer: false },
				]
			: []),
	];
	for (const { text } of queries.slice(0, warmUp)) await searchOurs(text);
	for (const { text } of queries.slice(0, theirWarmUp)) await searchTheirs(text);
	await quiet(endpoint, service);
	let found = 0;
	const asked = await within(budget, queries.slice(warmUp), async ({ text }) => {
		// Its model takes its time for a text it has not seen, and then it keeps the vector: whoever asks first would pay.
		await fetch(`${endpoint.baseUrl}/embeddings`, {
			method: "POST",
			body: JSON.stringify({ model: "test-embed", input: text }),
		}).then((response) => response.arrayBuffer());
		for (const { search, samples, asksServer } of turns) {
			await endpoint.take();
			let results: readonly unknown[] = [];
			samples.push(await timed(async () => (results = await search(text))));
			const requests = await endpoint.take();
			if (requests.length > 0 !== asksServer) throw new Error(`A search made ${requests.length} requests.`);
			if (results.length > 0) found += 1;
			await nextTurn();
		}
	});
	// A search that finds nothing is fast, and not what is measured here.
	if (found < 0.9 * asked * turns.length)
		throw new Error(`Of ${asked * turns.length} searches only ${found} found something.`);
	const figure = (name: string, own: readonly number[], peer: readonly number[]): Figure => ({
		name,
		unit: "ms",
		samples: own,
		...(mem0 ? { target: { atMost: Math.round((10 * median(peer)) / timesFaster) / 10, of: "median" } } : {}),
		...beside(mem0, peer, `${asked}; the target is a ${timesFaster}th of mem0ai's`),
	});
	return [
		figure("search at 5,000 × 1536, server at 0 ms", ours, theirs),
		figure("the same without embedding the query", oursAgain, theirsAgain),
	];
}

/** The corpus has vectors of 512 numbers; three times the same, brought to length 1, has the same cosines. */
function widened({ text, vector }: SyntheticMemory): SyntheticMemory {
	const times = dimensions / vector.length;
	const wide = Float32Array.from(
		{ length: dimensions },
		(_, index) => (vector[index % vector.length] as number) / Math.sqrt(times),
	);
	return { text, vector: wide };
}

/** Puts memories in as `add` does, and keeps the vectors of what was asked, as ours does. */
async function fillTheirs({ memory }: PlainMem0, memories: readonly SyntheticMemory[]): Promise<void> {
	await memory.vectorStore.insert(
		memories.map(({ vector }) => Array.from(vector)),
		memories.map((_, index) => `memory-${index}`),
		memories.map(({ text }) => ({
			data: text,
			textLemmatized: text.toLowerCase(),
			user_id: userId,
			createdAt: new Date().toISOString(),
		})),
	);
	const { embedder } = memory;
	const one = remembering((text: string) => embedder.embed(text));
	const several = remembering((texts: readonly string[]) => embedder.embedBatch(texts));
	memory.embedder = { embed: one, embedBatch: several };
}

function remembering<A, T>(work: (of: A) => Promise<T>): (of: A) => Promise<T> {
	const known = new Map<string, T>();
	return async (of) => {
		const key = JSON.stringify(of);
		const result = known.get(key) ?? (await work(of));
		known.set(key, result);
		return result;
	};
}
