import type { ChatModel } from "../../../endpoints/chatModel.ts";
import { EndpointError } from "../../../endpoints/endpointError.ts";
import { type Check, failure, ok, skipped } from "../../findings.ts";
import { advice, openSetting } from "../../fixes.ts";
import type { Run } from "../../run.ts";

/** The language model that VS Code brings. VS Code may ask for consent first. */
export const hostModel: Check<{
	readonly model: ChatModel | undefined;
	readonly run: Pick<Run, "signal" | "deadline">;
}> = {
	stage: "chat",
	title: "Answer of the model",
	run: async ({ model, run: { signal, deadline } }) => {
		if (!model)
			return skipped("The language model is VS Code's or the MCP client's, and can be checked only there.");
		const late = AbortSignal.timeout(deadline);
		const begun = performance.now();
		try {
			const { text } = await model.complete(
				{ system: "This is a test of the connection.", user: "Answer with the one word ok." },
				{ signal: AbortSignal.any([signal, late]) },
			);
			return text.trim() === ""
				? failure(`${model.description} answered with nothing.`, "", [])
				: ok(`${model.description} answered in ${Math.round(performance.now() - begun)} ms.`);
		} catch (error) {
			signal.throwIfAborted();
			if (late.aborted) {
				const seen = `${model.description} did not answer within ${deadline / 1000} s.`;
				const allow = advice("Allow it with the command “Manage Language Model Access”");
				return failure(seen, "It waits for your consent, or cannot be reached.", [allow]);
			}
			const known = error instanceof EndpointError;
			return failure(known ? error.message : `VS Code's language model failed: ${String(error)}`, "", [
				openSetting("LLM_PROVIDER", "Choose another provider in LLM_PROVIDER"),
				openSetting("LLM_CHOICE", "Choose another model in LLM_CHOICE"),
			]);
		}
	},
};
