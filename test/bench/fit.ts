/**
 * `node test/bench/fit.ts`: learns the weights of src/memory/searching/weights.ts from the conversations of LoCoMo, facts and
 * turns together, and prints them with the recall that each conversation gets from weights learned on the others.
 */

import { silentLog } from "../../src/config/log.ts";
import { EndpointHealth } from "../../src/endpoints/endpointHealth.ts";
import { PatientEmbedder } from "../../src/memory/patientEmbedder.ts";
import { parseQuestion } from "../../src/memory/searching/question.ts";
import { Searcher } from "../../src/memory/searching/searcher.ts";
import { measure } from "../../src/memory/searching/signals.ts";
import { signalNames } from "../../src/memory/searching/weights.ts";
import { type Example, learn, sumOf } from "./learning.ts";
import { readLocomo, type Variant, variants } from "./locomo.ts";
import { userId, withLocomoMemory } from "./locomoMemory.ts";
import { cutoffs, Evidence, mean, type Outcome } from "./recall.ts";
import { RememberingEmbedder } from "./rememberingEmbedder.ts";

interface Asked extends Example {
	readonly variant: Variant;
	/** Whether the model tells what each word means. */
	readonly worded: boolean;
	readonly conversation: number;
	readonly texts: readonly string[];
	readonly judge: (found: readonly string[]) => Outcome;
}

const limit = 20;
const filter = { userId, global: true, projects: "all" } as const;
const embedder = new RememberingEmbedder();
const asked: Asked[] = [];
for (const variant of variants) {
	for (const [number, conversation] of readLocomo(variant).entries()) {
		const evidence = new Evidence(conversation);
		await withLocomoMemory(conversation, embedder, async ({ store }) => {
			const patient = new PatientEmbedder(embedder, silentLog, new EndpointHealth());
			const searcher = new Searcher({ store, embedder, patientEmbedder: patient, userId });
			for (const one of conversation.questions) {
				const question = parseQuestion(one.question);
				const { pool } = await searcher.pool(question, filter, limit);
				const wanted = new Set(one.evidence);
				for (const worded of [true, false]) {
					const measured = measure(question, worded ? pool : { ...pool, words: undefined });
					asked.push({
						variant,
						worded,
						conversation: number,
						texts: measured.map(({ memory }) => memory.text),
						signals: measured.map(({ signals }) => signalNames.map((name) => signals[name])),
						gains: measured.map(
							({ memory }) => new Set(evidence.of(memory.text).filter((id) => wanted.has(id))).size,
						),
						importance: variant === "facts" ? 5 : 1,
						judge: (found) => evidence.judge(one, found),
					});
				}
			}
		});
	}
}
await embedder.dispose();

const conversations = [...new Set(asked.map(({ conversation }) => conversation))];
const outcomes = conversations.flatMap((held) => {
	const weights = learn(asked.filter(({ conversation }) => conversation !== held));
	return asked
		.filter(({ conversation }) => conversation === held)
		.map((one) => ({ ...one, outcome: outcomeOf(one, weights) }));
});
const weights = learn(asked);
for (const variant of variants)
	for (const worded of [true, false]) {
		const these = (one: Asked) => one.variant === variant && one.worded === worded;
		const within = asked.filter(these).map((one) => outcomeOf(one, weights));
		const across = outcomes.filter(these).map(({ outcome }) => outcome);
		const name = worded ? variant : `${variant}, words untold`;
		console.log(`${name}, learned on all:    ${summary(within)}`);
		console.log(`${name}, on the others only: ${summary(across)}`);
	}
console.log("wordMeaning of memories without word signs:", assumedWordMeaning());
console.log(Object.fromEntries(signalNames.map((name, index) => [name, round(weights[index] ?? 0)])));

function outcomeOf({ signals, texts, judge }: Asked, learned: readonly number[]): Outcome {
	const scores = signals.map((values) => sumOf(values, learned));
	const order = scores.map((_, index) => index).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
	return judge(order.slice(0, limit).map((index) => texts[index] ?? ""));
}

/** Least squares, of `wordMeaning` from `meaning` and `words`. */
function assumedWordMeaning(): Readonly<Record<"base" | "meaning" | "words", number>> {
	const at = (name: (typeof signalNames)[number]) => signalNames.indexOf(name);
	const told = asked.filter(({ worded }) => worded);
	const rows = told.flatMap(({ signals }) =>
		signals.map((values) => [1, values[at("meaning")] ?? 0, values[at("words")] ?? 0] as const),
	);
	const wordMeaning = told.flatMap(({ signals }) => signals.map((values) => values[at("wordMeaning")] ?? 0));
	const sum = (term: (row: readonly number[], index: number) => number) =>
		rows.reduce((total, row, index) => total + term(row, index), 0);
	const equations = [0, 1, 2].map((i) => [
		...[0, 1, 2].map((j) => sum((row) => (row[i] ?? 0) * (row[j] ?? 0))),
		sum((row, index) => (row[i] ?? 0) * (wordMeaning[index] ?? 0)),
	]);
	for (const [i, pivot] of equations.entries())
		for (const [j, equation] of equations.entries()) {
			if (j === i) continue;
			const factor = (equation[i] ?? 0) / (pivot[i] ?? 1);
			for (const [at, value] of pivot.entries()) equation[at] = (equation[at] ?? 0) - factor * value;
		}
	const [base = 0, meaning = 0, words = 0] = equations.map((one, i) => round((one[3] ?? 0) / (one[i] ?? 1)));
	return { base, meaning, words };
}

function summary(results: readonly Outcome[]): string {
	return cutoffs
		.map((cutoff, index) => `R@${cutoff} ${mean(results.map(({ recall }) => recall[index] ?? 0)).toFixed(3)}`)
		.join("  ");
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
