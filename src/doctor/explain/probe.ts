import type { ProbeOutcome } from "../../memory/probe.ts";
import { type CheckResult, failure, ok, warning } from "../findings.ts";
import { advice } from "../fixes.ts";

const steps = {
	save: ["was saved, and is not there", "The save made no memory."],
	search: ["was saved, and is not found", "The search does not return it."],
	delete: ["was deleted, and is still there", "The store did not delete it."],
} as const;

/** What a probe memory shows. @param took ms. */
export function explainProbe({ failed, note, mode, pending }: ProbeOutcome, took: number): CheckResult {
	if (failed) {
		const [what, cause] = steps[failed];
		return brokenProbe(what, note ?? cause);
	}
	if (pending.length > 0)
		return warning(
			`A probe memory was saved, found and deleted, but its ${pending.join(" and ")} failed.`,
			note ?? "A model did not answer in time. For a real memory, this would follow in the background.",
			[advice("See the checks of the models")],
		);
	const how = mode === "distilled" ? "distilled to a fact" : "kept word for word";
	return ok(`A probe memory was saved (${how}), found and deleted in ${Math.round(took)} ms.`);
}

export function brokenProbe(what: string, cause: string): CheckResult {
	return failure(`A probe memory ${what}.`, cause, [
		advice("See the log, and report it if it happens again"),
	]);
}
