import { explainFailedRequest } from "../../explain/failedRequest.ts";
import { type Check, failure, ok } from "../../findings.ts";
import { openSetting } from "../../fixes.ts";
import type { ChatTarget } from "../../target.ts";
import { answerLimit } from "../../trial.ts";

const words: Readonly<Record<string, string>> = {
	stream: "answers in one piece",
	system: "system messages",
	thinking: "to answer without a word on thinking",
};

export const chat: Check<ChatTarget> = {
	stage: "chat",
	title: "Answer of the model",
	run: async (target) => {
		const { chooseModel, endpoint, client } = target;
		const attempt = await client.trial();
		if (attempt.error) return explainFailedRequest(target, attempt);
		const { text, truncated, interruption } = attempt.answer;
		const silent = text.trim() === "";
		if (silent && interruption !== undefined)
			return failure(`The model refused to answer: ${interruption}.`, "It refuses a harmless request.", [
				chooseModel,
			]);
		if (silent && truncated) {
			const seen = `The model had said nothing when its ${answerLimit(endpoint)} tokens were used up.`;
			const more = openSetting("LLM_MAX_TOKENS", "Raise LLM_MAX_TOKENS");
			return failure(seen, "It thinks longer than the answer may be.", [chooseModel, more]);
		}
		if (silent) {
			const cause = "It does not follow the instruction, or its chat template is broken.";
			return failure("The model answered with nothing.", cause, [chooseModel]);
		}
		const answered = `${endpoint.model} answered in ${Math.round(attempt.duration)} ms.`;
		const thinksAloud = /<(think|thinking|reasoning)>|<\/think>/i.test(text);
		const thinks = thinksAloud ? " It thinks aloud first; the memory ignores these thoughts." : "";
		const refused = Object.keys(client.learned().forms ?? {}).map((part) => words[part] ?? part);
		const without = refused.length > 0 ? ` It refuses ${refused.join(" and ")}, so requests do without.` : "";
		return ok(answered + thinks + without);
	},
};
