import { pairCosines } from "../../../endpoints/calibration.ts";
import { type Check, explainedAbove, failure, ok, warning } from "../../findings.ts";
import { useBuiltin } from "../../fixes.ts";
import type { Target } from "../../target.ts";

/** Texts that say the same must be closer to each other than unrelated ones. */
export const meaning: Check<Target> = {
	stage: "meaning",
	title: "Meaning of vectors",
	run: ({ vectors, chooseModel }) => {
		if (!vectors) return explainedAbove;
		const { same, unrelated } = pairCosines(vectors);
		const [close, far] = [mean(same), mean(unrelated)];
		const seen = `Sentences that say the same are ${close.toFixed(2)} alike, others ${far.toFixed(2)}.`;
		if (close - far > 0.1) return ok(seen);
		const problem = close - far > 0.03 ? warning : failure;
		return problem(
			seen,
			"The model can hardly tell what texts have in common: it is not an embedding model, or does not know the language.",
			[chooseModel, useBuiltin],
		);
	},
};

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
