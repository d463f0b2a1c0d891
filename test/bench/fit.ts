/**
 * `node test/bench/fit.ts`: learns the numbers of src/memory/searching/weights.ts and score.ts from all data sets, each
 * weighing the same, and prints how each set fares with what was learned from the others.
 */

import { silentLog } from "../../src/config/log.ts";
import { EndpointHealth } from "../../src/endpoints/endpointHealth.ts";
import { PatientEmbedder } from "../../src/memory/patientEmbedder.ts";
import { contexts } from "../../src/memory/searching/context.ts";
import { parseQuestion, type Question } from "../../src/memory/searching/question.ts";
import { prospectNames, prospects, type Summed } from "../../src/memory/searching/score.ts";
import { Searcher } from "../../src/memory/searching/searcher.ts";
import { type MeasuredMemory, measure, type Pool } from "../../src/memory/searching/signals.ts";
import { signalNames } from "../../src/memory/searching/weights.ts";
import { areaUnderCurve, calibrationError, Judge, mean, type Outcome } from "./quality/judging.ts";
import { learn, logistic, sumOf } from "./quality/learning.ts";
import { RememberingEmbedder } from "./quality/rememberingEmbedder.ts";
import { userId, withMemoryOf } from "./quality/setMemory.ts";
import { type Query, readSets } from "./quality/sets.ts";

interface Asked {
	readonly set: string;
	/** 1 divided by the number of questions of its set. */
	readonly importance: number;
	/** Of another set: nothing answers it here. */
	readonly isStranger: boolean;
	readonly question: Question;
	readonly statistics: Pool["statistics"];
	readonly measured: readonly MeasuredMemory[];
	readonly before: Pool["before"];
	readonly signals: readonly (readonly number[])[];
	readonly gains: readonly number[];
	readonly answerable: boolean;
	readonly judge: (found: readonly { readonly text: string; readonly score?: number }[]) => Outcome;
}

interface Learned {
	readonly evidence: readonly number[];
	readonly sum: readonly number[];
	readonly score: readonly number[];
}

interface Result extends Summed {
	readonly text: string;
	readonly gain: number;
}

const limit = 10;
/** Questions of each other set that are asked of a set as well, and their weight together; that of its own is 1. */
const strangersOfSet = 6;
const strangerShare = 0.15;
/** More questions of a set would take long and change little. */
const learnedFrom = 200;
/** Results that a calibrated score is learned from, of each question. */
const scored = 5;
const filter = { userId, global: true, projects: "all" } as const;

const asked = await askAll();
const sets = [...new Set(asked.map(({ set }) => set))];
const means: number[][] = [];
for (const set of sets) {
	const others = learnFrom(asked.filter((one) => one.set !== set));
	means.push(
		report(
			set,
			asked.filter((one) => one.set === set),
			others,
		),
	);
}
console.log(
	"mean".padEnd(14),
	["MRR", "R@5", "R@10", "AUC", "ECE"]
		.map(
			(name, at) =>
				`${name} ${mean(means.map((row) => row[at] ?? 0).filter((value) => !Number.isNaN(value))).toFixed(4)}`,
		)
		.join("  "),
);
const all = learnFrom(asked);
const rounded = (values: readonly number[], names: readonly string[]) =>
	Object.fromEntries(names.map((name, at) => [name, Math.round((values[at] ?? 0) * 100) / 100]));
console.log("evidenceWeights", rounded(all.evidence, signalNames));
console.log("sumWeights", rounded(all.sum, ["evidence", "surroundings", "conversation"]));
console.log("prospectWeights", rounded(all.score, prospectNames));

async function askAll(): Promise<readonly Asked[]> {
	const embedder = new RememberingEmbedder();
	const result: Asked[] = [];
	const sets = readSets();
	for (const { name, collections, wholeRecall } of sets) {
		const strangers: readonly Query[] = sets
			.filter((other) => other.name.split(" ")[0] !== name.split(" ")[0])
			.flatMap(({ collections: [other] }) => other?.queries.slice(0, strangersOfSet) ?? [])
			.map(({ question }) => ({ question, relevant: [] }));
		const count = collections.reduce((sum, { queries }) => sum + queries.length, 0);
		for (const collection of collections)
			await withMemoryOf(collection, embedder, async ({ store }) => {
				const judge = new Judge(collection, wholeRecall);
				const patientEmbedder = new PatientEmbedder(embedder, silentLog, new EndpointHealth());
				const searcher = new Searcher({ store, embedder, patientEmbedder, userId });
				const queries =
					collection === collections[0] ? [...collection.queries, ...strangers] : collection.queries;
				for (const query of queries) {
					const isStranger = strangers.includes(query);
					const question = parseQuestion(query.question);
					const { pool } = await searcher.pool(question, filter, limit);
					const measured = measure(question, pool);
					result.push({
						set: name,
						importance: isStranger ? strangerShare / strangers.length : 1 / count,
						isStranger,
						question,
						statistics: pool.statistics,
						measured,
						before: pool.before,
						signals: measured.map(({ signals }) => signalNames.map((signal) => signals[signal])),
						gains: measured.map(({ memory }) => judge.gain(query, memory.text)),
						answerable: query.relevant.length > 0,
						judge: (found) => judge.judge(query, found),
					});
				}
			});
	}
	await embedder.dispose();
	return result;
}

/** First what a memory says itself, then what its conversation adds, then what the sum is worth. */
function learnFrom(all: readonly Asked[]): Learned {
	const examples = [...Map.groupBy(all, ({ set }) => set).values()].flatMap((ofSet) => [
		...some(
			ofSet.filter(({ isStranger }) => !isStranger),
			learnedFrom,
		),
		...ofSet.filter(({ isStranger }) => isStranger),
	]);
	const evidence = learn(examples);
	const sum = learn(examples.map((one) => ({ ...one, signals: parts(one, evidence) })));
	const scores = examples.flatMap((one) => {
		const results = resultsOf(one, evidence, sum);
		return results.slice(0, scored).map((result) => ({
			values: scoreValues(one, result, results),
			right: result.gain > 0,
			importance: one.importance,
		}));
	});
	return { evidence, sum, score: logistic(scores) };
}

/** At most `count`, evenly from all of them. */
function some(questions: readonly Asked[], count: number): readonly Asked[] {
	const step = Math.max(1, questions.length / count);
	return questions
		.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
		.map((one) => ({ ...one, importance: one.importance * step }));
}

function parts({ measured, signals, before }: Asked, weights: readonly number[]): number[][] {
	const evidence = signals.map((values) => sumOf(values, weights));
	return contexts(measured, evidence, before).map(({ surroundings, conversation }, index) => [
		evidence[index] ?? 0,
		surroundings,
		conversation,
	]);
}

/** Best first. */
function resultsOf(one: Asked, evidence: readonly number[], weights: readonly number[]): Result[] {
	return parts(one, evidence)
		.map((values, index) => {
			const { memory, coverage, signals } = one.measured[index] as MeasuredMemory;
			const own = (values[0] ?? 0) * (weights[0] ?? 0);
			return {
				own,
				sum: sumOf(values, weights),
				coverage,
				signals,
				text: memory.text,
				gain: one.gains[index] ?? 0,
			};
		})
		.sort((a, b) => b.sum - a.sum);
}

function scoreValues({ question, statistics }: Asked, result: Result, results: readonly Result[]): number[] {
	const best = prospects(question, statistics, results);
	const behind = (results[0]?.sum ?? 0) - result.sum;
	return best ? prospectNames.map((name) => ({ ...best, behind })[name]) : [];
}

function report(set: string, these: readonly Asked[], { evidence, sum, score }: Learned): number[] {
	const outcomes = these
		.filter(({ isStranger }) => !isStranger)
		.map((one) => {
			const results = resultsOf(one, evidence, sum);
			const found = results.slice(0, limit).map((result) => ({
				text: result.text,
				score: 1 / (1 + Math.exp(-sumOf(scoreValues(one, result, results), score))),
			}));
			const pairs = found
				.slice(0, scored)
				.map((each, at) => ({ score: each.score, right: (results[at]?.gain ?? 0) > 0 }));
			return { ...one.judge(found), pairs };
		});
	const answerable = outcomes.filter((one) => one.answerable);
	const best = (answered: boolean) =>
		outcomes.filter((one) => one.answerable === answered).map((one) => one.best?.score ?? 0);
	const figures = [
		mean(answerable.map(({ reciprocalRank }) => reciprocalRank)),
		...[1, 2].map((at) => mean(answerable.map(({ recall }) => recall[at] ?? 0))),
		areaUnderCurve(best(true), best(false)),
		calibrationError(outcomes.flatMap(({ best: one }) => one ?? [])),
	];
	const ofAll = calibrationError(outcomes.flatMap(({ pairs }) => pairs));
	console.log(
		set.padEnd(14),
		["MRR", "R@5", "R@10", "AUC", "ECE"].map((name, at) => `${name} ${figures[at]?.toFixed(3)}`).join("  "),
		`ECE of the first ${scored} ${ofAll.toFixed(3)}`,
	);
	return figures;
}
