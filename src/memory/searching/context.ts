import type { Candidates } from "../../store/types.ts";
import type { MeasuredMemory } from "./signals.ts";
import type { Context } from "./weights.ts";

/** An answer that follows a question in a conversation shares more with it than what came before an answer. */
const beforeWeight = 0.5;
const afterWeight = 0.3;
/** Shares below this are noise. */
const least = 1e-4;

/**
 * What the conversations of the candidates say of each. All is relative: evidence becomes a share of the whole pool, so
 * that a conversation of which everything is a candidate says nothing, however long it is.
 * @param evidence of each memory, in the order of `measured`.
 */
export function contexts(
	measured: readonly MeasuredMemory[],
	evidence: readonly number[],
	before: Candidates["before"],
): readonly Context[] {
	const shares = softmax(evidence);
	const shareOf = new Map(measured.map(({ memory }, index) => [memory.seq, shares[index] as number]));
	const after = new Map([...before].map(([seq, earlier]) => [earlier, seq]));
	const conversations = new Map<string, { share: number; size: number }>();
	for (const [index, { memory }] of measured.entries()) {
		const { conversationId } = memory;
		if (conversationId === undefined) continue;
		const { share, size } = conversations.get(conversationId) ?? { share: 0, size: 0 };
		conversations.set(conversationId, { share: share + (shares[index] as number), size: size + 1 });
	}
	return measured.map(({ memory: { seq, conversationId } }, index) => {
		const own = shares[index] as number;
		const beside = (links: ReadonlyMap<number, number>) => shareOf.get(links.get(seq) ?? Number.NaN) ?? 0;
		const around = beforeWeight * beside(before) + afterWeight * beside(after);
		// A memory without a conversation is one by itself.
		const { share, size } = conversations.get(conversationId ?? "") ?? { share: own, size: 1 };
		return {
			surroundings: Math.log1p(around / (own + least)),
			conversation: Math.log((share + least) / (size / measured.length + least)),
		};
	});
}

function softmax(values: readonly number[]): readonly number[] {
	const most = values.reduce((greatest, value) => Math.max(greatest, value), -Infinity);
	const powers = values.map((value) => Math.exp(value - most));
	const total = powers.reduce((sum, power) => sum + power, 0);
	return powers.map((power) => power / total);
}
