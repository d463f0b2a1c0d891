/**
 * `node test/bench/fit.ts`: learns the weights of src/memory/ranking.ts from the conversations of LoCoMo, facts and
 * turns together, and prints them with the recall that each conversation gets from weights learned on the others.
 */

import { silentLog } from "../../src/config/log.ts";
import { Health } from "../../src/memory/health.ts";
import { PatientEmbedder } from "../../src/memory/patientEmbedder.ts";
import { understood } from "../../src/memory/question.ts";
import { signalNames } from "../../src/memory/ranking.ts";
import { Searcher } from "../../src/memory/searcher.ts";
import { measure } from "../../src/memory/signals.ts";
import { type Example, learn, sumOf } from "./learning.ts";
import { readLocomo, type Variant, variants } from "./locomo.ts";
import { userId, withLocomoMemory } from "./locomoMemory.ts";
import { cutoffs, Evidence, mean, type Outcome } from "./recall.ts";
import { RememberingEmbedder } from "./rememberingEmbedder.ts";

interface Asked extends Example {
	readonly variant: Variant;
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
			const patient = new PatientEmbedder(embedder, silentLog, new Health());
			const searcher = new Searcher({ store, embedder: patient, userId });
			for (const one of conversation.questions) {
				const question = understood(one.question);
				const { pool } = await searcher.pool(question, filter, limit);
				const measured = measure(question, pool);
				const wanted = new Set(one.evidence);
				asked.push({
					variant,
					conversation: number,
					texts: measured.map(({ memory }) => memory.text),
					signals: measured.map(({ signals }) => signalNames.map((name) => signals[name])),
					gains: measured.map(
						({ memory }) => new Set(evidence.of(memory.text).filter((id) => wanted.has(id))).size,
					),
					importance: variant === "facts" ? 2 : 1,
					judge: (found) => evidence.judge(one, found),
				});
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
		.map((one) => ({ variant: one.variant, outcome: outcomeOf(one, weights) }));
});
const weights = learn(asked);
for (const variant of variants) {
	const within = asked.filter((one) => one.variant === variant).map((one) => outcomeOf(one, weights));
	const across = outcomes.filter((one) => one.variant === variant).map(({ outcome }) => outcome);
	console.log(`${variant}, learned on all:    ${summary(within)}`);
	console.log(`${variant}, on the others only: ${summary(across)}`);
}
console.log(Object.fromEntries(signalNames.map((name, index) => [name, round(weights[index] ?? 0)])));

function outcomeOf({ signals, texts, judge }: Asked, learned: readonly number[]): Outcome {
	const scores = signals.map((values) => sumOf(values, learned));
	const order = scores.map((_, index) => index).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
	return judge(order.slice(0, limit).map((index) => texts[index] ?? ""));
}

function summary(results: readonly Outcome[]): string {
	return cutoffs
		.map((cutoff, index) => `R@${cutoff} ${mean(results.map(({ recall }) => recall[index] ?? 0)).toFixed(3)}`)
		.join("  ");
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
