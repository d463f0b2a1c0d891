import type { MemoryService } from "../../src/memory/memoryService.ts";
import { beside, type Contest, openContest, quiet } from "./contest.ts";
import { type Endpoint, withEndpoint } from "./endpointServer.ts";
import { shortFacts } from "./facts.ts";
import type { Figure } from "./figure.ts";
import { userId } from "./filledMemory.ts";
import { measureSearchBesideMem0 } from "./mem0Search.ts";
import { busyTime, inSequence } from "./spans.ts";
import { timed } from "./timed.ts";

const warmUp = 8;
/** As many as a 99th percentile needs. */
const saves = 100;
const questions = 20;

/** Saves that a language model distils, and searches, against an endpoint that answers at once or after 50 ms. */
export async function measureEndpoints(): Promise<readonly Figure[]> {
	return [...(await measureWith(0)), ...(await measureWith(50)), ...(await measureSearchBesideMem0())];
}

function measureWith(delay: number): Promise<readonly Figure[]> {
	return withEndpoint({ delay, dimensions: 512 }, (endpoint) =>
		openContest(endpoint, { dimensions: 512, distils: true }, async (contest) => [
			...(await measureSaves(endpoint, contest, `at ${delay} ms`)),
			...(await measureRoundTrips(endpoint, contest, `at ${delay} ms`)),
		]),
	);
}

/** What one side of the contest took, a sample a turn. */
class Tally {
	/** ms of wall time. */
	readonly wall: number[] = [];
	/** ms of it in which no request was at the server. */
	readonly overhead: number[] = [];
	readonly requests: number[] = [];
	/** Requests that follow one another; those at the same time are one. */
	readonly roundTrips: number[] = [];

	async add(endpoint: Endpoint, work: () => Promise<unknown>): Promise<void> {
		await endpoint.take();
		const wall = await timed(work);
		const spans = await endpoint.take();
		this.wall.push(wall);
		this.overhead.push(wall - busyTime(spans));
		this.requests.push(spans.length);
		this.roundTrips.push(inSequence(spans).length);
	}
}

/** Both save the same texts in turn. */
async function measureSaves(
	endpoint: Endpoint,
	{ service, mem0 }: Contest,
	at: string,
): Promise<readonly Figure[]> {
	const facts = shortFacts(2 * (warmUp + saves));
	const text = (turn: number) => `${facts[2 * turn]} ${facts[2 * turn + 1]}`;
	const saveBoth = async (turn: number, ours: Tally, theirs: Tally) => {
		await ours.add(endpoint, () => saveOurs(service, text(turn)));
		if (mem0) await theirs.add(endpoint, () => saveTheirs(mem0, text(turn)));
	};
	for (let turn = 0; turn < warmUp; turn += 1) await saveBoth(turn, new Tally(), new Tally());
	await quiet(endpoint, service);
	const ours = new Tally();
	const theirs = new Tally();
	for (let turn = warmUp; turn < warmUp + saves; turn += 1) await saveBoth(turn, ours, theirs);
	return [
		{
			name: `distilled save ${at}, less the server's time`,
			unit: "ms",
			samples: ours.overhead,
			target: { atMost: 15, of: "median" },
			...beside(
				mem0,
				theirs.overhead,
				`${saves}; wall time without that from a request's arrival to its answer's end`,
			),
		},
		{
			name: `distilled save ${at}, whole`,
			unit: "ms",
			samples: ours.wall,
			...beside(mem0, theirs.wall, String(saves)),
		},
		{
			name: `requests of a distilled save ${at}`,
			unit: "",
			samples: ours.requests,
			...beside(mem0, theirs.requests, String(saves)),
		},
		{
			name: `round trips of a distilled save ${at}`,
			unit: "",
			samples: ours.roundTrips,
			...beside(mem0, theirs.roundTrips, String(saves)),
		},
	];
}

async function saveOurs(service: MemoryService, text: string): Promise<void> {
	const { mode, pending } = await service.save({ text });
	if (mode !== "distilled" || pending.length > 0) throw new Error(`A save was answered ${mode}.`);
}

/** It answers an empty list when something has failed. */
async function saveTheirs(mem0: NonNullable<Contest["mem0"]>, text: string): Promise<void> {
	const { results } = await mem0.memory.add([{ role: "user", content: text }], { userId });
	if (results.length === 0) throw new Error("mem0ai saved nothing.");
}

/** mem0ai embeds the names in a question by themselves, after the question. */
async function measureRoundTrips(
	endpoint: Endpoint,
	contest: Contest,
	at: string,
): Promise<readonly Figure[]> {
	const named = await ask(endpoint, contest, (index) => `What does Marta prefer for task number ${index}?`);
	const nameless = await ask(endpoint, contest, (index) => `what is preferred for task number ${index}?`);
	const target = (atMost: number) => ({ atMost, of: "p99" as const });
	const trips = (name: string, samples: readonly number[], theirs: Tally, atMost: number) => ({
		name: `round trips of a search ${name} ${at}`,
		unit: "",
		samples,
		target: target(atMost),
		...beside(contest.mem0, theirs.roundTrips, String(questions)),
	});
	return [
		trips("with a name", named.fresh.roundTrips, named.theirs, 1),
		trips("without a name", nameless.fresh.roundTrips, nameless.theirs, 1),
		trips("asked again", [...named.again.roundTrips, ...nameless.again.roundTrips], named.theirsAgain, 0),
		{
			name: `search with a name ${at}, whole`,
			unit: "ms",
			samples: named.fresh.wall,
			...beside(contest.mem0, named.theirs.wall, String(questions)),
		},
		{
			name: `search asked again ${at}, whole`,
			unit: "ms",
			samples: named.again.wall,
			...beside(contest.mem0, named.theirsAgain.wall, String(questions)),
		},
	];
}

/** Every question twice of both. */
async function ask(endpoint: Endpoint, { service, mem0 }: Contest, question: (index: number) => string) {
	const tallies = { fresh: new Tally(), again: new Tally(), theirs: new Tally(), theirsAgain: new Tally() };
	for (let index = 0; index < questions; index += 1) {
		const query = question(index);
		for (const into of [tallies.fresh, tallies.again])
			await into.add(endpoint, async () => {
				const { note } = await service.search({ query });
				if (note) throw new Error(note);
			});
		if (!mem0) continue;
		for (const into of [tallies.theirs, tallies.theirsAgain])
			await into.add(endpoint, () => mem0.memory.search(query, { filters: { user_id: userId }, topK: 5 }));
	}
	return tallies;
}
