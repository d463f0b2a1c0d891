import type { StoredMemory } from "../../store/types.ts";
import { contexts } from "./context.ts";
import { withoutNearDuplicates } from "./nearDuplicates.ts";
import type { Question } from "./question.ts";
import type { RankedMemory } from "./rankedMemory.ts";
import { probability, prospects, weakBelow } from "./score.ts";
import { measure, type Pool } from "./signals.ts";
import { newestFirst, successors } from "./superseded.ts";
import { type Context, evidenceOf, sumWeights } from "./weights.ts";

export interface ScoredMemory extends RankedMemory {
	/** How likely it answers the query. */
	readonly score: number;
	/** It is likelier not to answer. */
	readonly weak: boolean;
	/** The memory that has replaced it. */
	readonly supersededBy: StoredMemory | undefined;
}

/** So many of the best are compared to find what has been replaced. */
const compared = 20;

/** The matches, best first, ties newest first. Empty if no memory shares a word or a meaning with the query. */
export function rank(question: Question, pool: Pool, limit: number): ScoredMemory[] {
	const found = related(fused(question, pool), pool);
	const replacedBy = new Map([...successors(found.slice(0, compared)), ...marked(found)]);
	const ranked = newestFirst(question.text, found, replacedBy);
	const best = prospects(question, pool.statistics, ranked);
	const first = ranked[0]?.sum ?? 0;
	if (!best) return [];
	const bySeq = new Map(found.map(({ memory }) => [memory.seq, memory]));
	return withoutNearDuplicates(ranked, limit).map((one) => {
		const score = probability({ ...best, behind: first - one.sum });
		const supersededBy = bySeq.get(replacedBy.get(one.memory.seq) ?? Number.NaN);
		return { ...one, score, weak: score < weakBelow, supersededBy };
	});
}

/** What has been marked as superseded by another of the list: by a person, or by the language model when it was saved. */
function marked(found: readonly RankedMemory[]): readonly (readonly [number, number])[] {
	const seqs = new Map(found.map(({ memory }) => [memory.id, memory.seq]));
	return found.flatMap(({ memory: { seq, supersededBy } }) => {
		const successor = supersededBy === undefined ? undefined : seqs.get(supersededBy);
		return successor === undefined ? [] : [[seq, successor] as const];
	});
}

/** All candidates, best first. */
export function fused(question: Question, pool: Pool): RankedMemory[] {
	const measured = measure(question, pool);
	const evidence = measured.map(({ signals }) => evidenceOf(signals));
	const around = contexts(measured, evidence, pool.before);
	return measured
		.map((each, index) => {
			const context = around[index] as Context;
			const own = sumWeights.evidence * (evidence[index] as number);
			const sum =
				own + sumWeights.surroundings * context.surroundings + sumWeights.conversation * context.conversation;
			return { ...each, own, context, newer: 0, sum };
		})
		.sort(
			(one, other) =>
				other.sum - one.sum ||
				other.memory.createdAt - one.memory.createdAt ||
				other.memory.seq - one.memory.seq,
		);
}

/** Leaves out what shares nothing with the query, and stands beside nothing that does. */
function related(ranked: readonly RankedMemory[], { before, calibration }: Pool): readonly RankedMemory[] {
	const shares = ({ matched, cosine }: RankedMemory) =>
		matched.length > 0 || (cosine !== undefined && cosine > calibration.unrelated);
	const sharing = new Set(ranked.filter(shares).map(({ memory }) => memory.seq));
	const beside = new Set([...before].filter((pair) => pair.some((seq) => sharing.has(seq))).flat());
	return ranked.filter(({ memory }) => sharing.has(memory.seq) || beside.has(memory.seq));
}
