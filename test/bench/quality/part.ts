import type { Figure } from "../figure.ts";
import { areaUnderCurve, calibrationError, cutoffs, Judge, mean, type Outcome } from "./judging.ts";
import { ourName, searchesOf } from "./peers.ts";
import { RememberingEmbedder } from "./rememberingEmbedder.ts";
import { withMemoryOf } from "./setMemory.ts";
import { type QualitySet, readSets } from "./sets.ts";

const limit = 10;
const meanOf = "mean of the sets";

/** The least for ours, by set and figure. */
const targets: Readonly<Record<string, Readonly<Record<string, number>>>> = {
	"locomo facts": { "R@5": 0.64, "R@10": 0.68 },
	"locomo turns": { "R@10": 0.83 },
	[meanOf]: { "area under ROC": 0.8 },
};
/** The most for ours, of the mean. */
const mostError = 0.08;
const mostEmpty = 0.01;
/** By so much, ours is to be better than the best peer, on the mean. */
const lead = 0.1;

/**
 * How well all data sets are answered, through the public memory service with the built-in model, beside BM25 alone,
 * vectors alone, both fused by reciprocal ranks, and mem0ai. Each set weighs the same in the mean.
 */
export async function measureQuality(): Promise<readonly Figure[]> {
	const embedder = new RememberingEmbedder();
	try {
		const bySet = new Map<string, ReadonlyMap<string, Figures>>();
		for (const set of readSets()) bySet.set(set.name, await measureSet(set, embedder));
		bySet.set(meanOf, meansOf([...bySet.values()]));
		return [...bySet].flatMap(([set, searches]) => figuresOf(set, searches));
	} finally {
		await embedder.dispose();
	}
}

/** By name. NaN where there is nothing to measure. */
type Figures = Readonly<Record<string, number>>;

async function measureSet(
	{ collections, wholeRecall }: QualitySet,
	embedder: RememberingEmbedder,
): Promise<ReadonlyMap<string, Figures>> {
	const outcomes = new Map<string, Outcome[]>();
	for (const collection of collections) {
		const judge = new Judge(collection, wholeRecall);
		await withMemoryOf(collection, embedder, async (memory) => {
			const searches = await searchesOf(memory, collection, embedder);
			for (const [name, search] of searches.all)
				for (const query of collection.queries) {
					const outcome = judge.judge(query, await search(query.question, limit));
					outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
				}
			await searches.dispose();
		});
	}
	return new Map([...outcomes].map(([name, results]) => [name, summary(results)]));
}

function summary(outcomes: readonly Outcome[]): Figures {
	const answerable = outcomes.filter((one) => one.answerable);
	const average = (value: (outcome: Outcome) => number) => mean(answerable.map(value));
	const hasScores = outcomes.some(({ best }) => best);
	const scores = (answered: boolean) =>
		outcomes.filter((one) => one.answerable === answered).map(({ best }) => best?.score ?? 0);
	return {
		MRR: average(({ reciprocalRank }) => reciprocalRank),
		...Object.fromEntries(
			cutoffs.map((cutoff, at) => [`R@${cutoff}`, average(({ recall }) => recall[at] ?? 0)]),
		),
		"nDCG@10": average(({ ndcg }) => ndcg),
		empty: average(({ empty }) => Number(empty)),
		"area under ROC": hasScores ? areaUnderCurve(scores(true), scores(false)) : Number.NaN,
		"calibration error": hasScores
			? calibrationError(outcomes.flatMap(({ best }) => best ?? []))
			: Number.NaN,
	};
}

function meansOf(sets: readonly ReadonlyMap<string, Figures>[]): ReadonlyMap<string, Figures> {
	const means = new Map<string, Figures>();
	for (const [name, figures] of sets[0] ?? []) {
		const mean_ = (figure: string) =>
			mean(sets.map((set) => set.get(name)?.[figure] ?? Number.NaN).filter((value) => !Number.isNaN(value)));
		means.set(name, Object.fromEntries(Object.keys(figures).map((figure) => [figure, mean_(figure)])));
	}
	return means;
}

function figuresOf(set: string, searches: ReadonlyMap<string, Figures>): Figure[] {
	return [...searches].flatMap(([name, figures]) =>
		Object.entries(figures)
			.filter(([, value]) => !Number.isNaN(value))
			.map(([figure, value]) => ({
				name: `${set}: ${figure}, ${name}`,
				unit: "",
				samples: [value],
				runs: "1",
				...(name === ourName ? target(set, figure, searches) : {}),
			})),
	);
}

function target(set: string, figure: string, searches: ReadonlyMap<string, Figures>): Pick<Figure, "target"> {
	if (figure === "empty") return { target: { atMost: mostEmpty, of: "median" } };
	if (figure === "calibration error" && set === meanOf)
		return { target: { atMost: mostError, of: "median" } };
	const peers = [...searches].filter(([name]) => name !== ourName).map(([, figures]) => figures[figure] ?? 0);
	const best = Math.max(...peers);
	if (figure === "MRR") return { target: { atLeast: set === meanOf ? best + lead : best } };
	const least = targets[set]?.[figure];
	if (figure === "R@5") return { target: { atLeast: Math.max(best, least ?? 0) } };
	return least === undefined ? {} : { target: { atLeast: least } };
}
