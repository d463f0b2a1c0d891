import type { Embedder } from "../../src/endpoints/embedder.ts";
import type { Figure } from "./figure.ts";
import { type Conversation, readLocomo, type Variant, variants } from "./locomo.ts";
import { withLocomoMemory } from "./locomoMemory.ts";
import { ourName, searchesOf } from "./qualityPeers.ts";
import { cutoffs, Evidence, mean, type Outcome } from "./recall.ts";
import { RememberingEmbedder } from "./rememberingEmbedder.ts";

const categories = ["", "several facts", "time", "inference", "one fact", "wrongly put"];
const most = Math.max(...cutoffs);

/** Least recall that is aimed at, by variant and cutoff. */
const targets: Readonly<Record<Variant, Readonly<Record<number, number>>>> = {
	facts: { 5: 0.66, 10: 0.72 },
	turns: { 10: 0.72 },
};

/**
 * Recall and mean reciprocal rank on LoCoMo through the public memory service, beside BM25 alone, vectors alone and
 * mem0ai's own search, all with the built-in model; and how often a question that nothing answers gets an answer.
 */
export async function measureQuality(): Promise<readonly Figure[]> {
	const embedder = new RememberingEmbedder();
	try {
		const figures: Figure[] = [];
		for (const variant of variants) figures.push(...(await measureVariant(variant, embedder)));
		return figures;
	} finally {
		await embedder.dispose();
	}
}

async function measureVariant(variant: Variant, embedder: Embedder): Promise<readonly Figure[]> {
	const conversations = readLocomo(variant);
	const outcomes = new Map<string, Outcome[]>();
	const answered: number[] = [];
	const strangers: number[] = [];
	for (const [number, conversation] of conversations.entries()) {
		const evidence = new Evidence(conversation);
		await withLocomoMemory(conversation, embedder, async (memory) => {
			const searches = await searchesOf(memory, conversation, embedder);
			for (const question of conversation.questions)
				for (const [name, search] of searches.all) {
					const outcome = evidence.judge(question, await search(question.question, most));
					outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
				}
			const others = conversations[(number + 1) % conversations.length] as Conversation;
			for (const { question } of others.questions) {
				const found = async (query: string) =>
					Math.min(1, (await memory.service.search({ query, limit: 1 })).memories.length);
				answered.push(await found(question));
				strangers.push(await found(renamed(question, others, conversation)));
			}
			await searches.dispose();
		});
	}
	const [ours = []] = outcomes.values();
	return [
		...[...outcomes].flatMap(([name, results]) => figuresOf(variant, name, results)),
		...[1, 2, 3, 4, 5].map((category) => ({
			name: `${variant}: recall@10, ${categories[category]}`,
			...share(ours.filter((one) => one.category === category).map(({ recall }) => recall[2] ?? 0)),
		})),
		{ name: `${variant}: answers to questions of another conversation`, ...share(answered) },
		{ name: `${variant}: the same, with names that are known here`, ...share(strangers) },
	];
}

function figuresOf(variant: Variant, name: string, results: readonly Outcome[]): Figure[] {
	return [
		...cutoffs.map((cutoff, at) => {
			const least = name === ourName ? targets[variant][cutoff] : undefined;
			return {
				name: `${variant}: recall@${cutoff}, ${name}`,
				...share(results.map(({ recall }) => recall[at] ?? 0)),
				...(least === undefined ? {} : { target: { atLeast: least } }),
			};
		}),
		{ name: `${variant}: MRR, ${name}`, ...share(results.map(({ reciprocalRank }) => reciprocalRank)) },
	];
}

function share(values: readonly number[]): Pick<Figure, "unit" | "samples" | "runs"> {
	return { unit: "", samples: [mean(values)], runs: String(values.length) };
}

/** The question with the speakers of this conversation in the place of those it is about. */
function renamed(question: string, from: Conversation, to: Conversation): string {
	return from.speakers.reduce(
		(text, name, index) => text.replaceAll(name, to.speakers[index % to.speakers.length] ?? name),
		question,
	);
}
