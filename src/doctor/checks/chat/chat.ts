import type { ChatEndpoint } from "../../../config/endpoints.ts";
import { answerLimit, complete, completionOf } from "../../completion.ts";
import { explainFailedRequest } from "../../explain/failedRequest.ts";
import { type Check, failure, ok } from "../../findings.ts";
import { openSetting } from "../../fixes.ts";
import { succeeded, type Target } from "../../target.ts";

const hello = "This is a test of the connection. Answer with the one word ok.";

export const chat: Check<Target<ChatEndpoint>> = {
	stage: "chat",
	title: "Model answers",
	run: async (target) => {
		const { host, openUrl, chooseModel, endpoint, refusedParameters: refused } = target;
		const outcome = await complete(target, hello);
		target.record("POST", outcome);
		if (!succeeded(outcome)) return explainFailedRequest(target, outcome, [hello]);
		const completion = completionOf(outcome);
		if (!completion)
			return failure(
				`${host} gave a chat completion without choices.`,
				"This is not an OpenAI-compatible API, or something between it and this machine changes answers.",
				[openUrl],
			);
		if (completion.text.trim() === "" && completion.cutOff)
			return failure(
				`The model had said nothing when its ${answerLimit(target)} tokens were used up.`,
				"It thinks longer than the answer may be.",
				[chooseModel, openSetting("LLM_MAX_TOKENS", "Raise LLM_MAX_TOKENS")],
			);
		if (completion.text.trim() === "")
			return failure(
				"The model answered with nothing.",
				"It does not follow the instruction, or its chat template is broken.",
				[chooseModel],
			);
		const notes = [
			...(completion.thinks ? ["It thinks aloud first; the memory ignores these thoughts."] : []),
			...(refused.size > 0 ? [`It refuses ${[...refused].join(" and ")}, so requests leave that out.`] : []),
		];
		const answered = `${endpoint.model} answered in ${Math.round(outcome.duration)} ms.`;
		return ok([answered, ...notes].join(" "));
	},
};
