import { explainRefusedAnswer, explainRefusedKey } from "../../explain/refusedKey.ts";
import { type Check, ok, skipped } from "../../findings.ts";
import { failed } from "../../probe.ts";
import { reached } from "../../reach.ts";
import type { Target } from "../../target.ts";

export const auth: Check<Target> = {
	stage: "auth",
	title: "API key",
	run: async (target) => {
		const { reach, failure } = await reached(target);
		if (reach === "unknown") return skipped("Not known: no request got as far as a model.");
		if (reach === "refused" && failure) return explainRefusedKey(target, failure.error);
		if (reach === "refused") {
			const empty = await target.empty();
			if (!failed(empty)) return explainRefusedAnswer(target, empty);
		}
		return ok(
			target.endpoint.apiKey === undefined
				? "No key is sent, and the server does not ask for one."
				: "The server accepts the key, or does not ask for one.",
		);
	},
};
