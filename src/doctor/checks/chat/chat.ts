import type { ChatEndpoint } from "../../../config/endpoints.ts";
import { answerLimit, complete, completionOf } from "../../completion.ts";
import { explainFailedRequest } from "../../explain/failedRequest.ts";
import { type Check, failure, ok } from "../../findings.ts";
import { openSetting } from "../../fixes.ts";
import { succeeded, type Target } from "../../target.ts";

const hello = "This is a test of the connection. Answer with the one word ok.";

const words: Readonly<Record<string, string>> = {
	stream: "answers in one piece",
	system: "system messages",
	thinking: "to answer without a word on thinking",
};

export const chat: Check<Target<ChatEndpoint>> = {
	stage: "chat",
	title: "Model answers",
	run: async (target) => {
		const { host, openUrl, chooseModel, endpoint } = target;
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
		const silent = completion.text.trim() === "";
		if (silent && completion.cutOff) {
			const seen = `The model had said nothing when its ${answerLimit(target)} tokens were used up.`;
			const more = openSetting("LLM_MAX_TOKENS", "Raise LLM_MAX_TOKENS");
			return failure(seen, "It thinks longer than the answer may be.", [chooseModel, more]);
		}
		if (silent) {
			const cause = "It does not follow the instruction, or its chat template is broken.";
			return failure("The model answered with nothing.", cause, [chooseModel]);
		}
		const answered = `${endpoint.model} answered in ${Math.round(outcome.duration)} ms.`;
		const thinks = completion.thinks ? " It thinks aloud first; the memory ignores these thoughts." : "";
		const refused = Object.keys(target.forms).map((part) => words[part] ?? part);
		const without = refused.join(" and ");
		return ok(answered + thinks + (without && ` It refuses ${without}, so requests do without.`));
	},
};
