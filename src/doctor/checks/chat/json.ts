import { completeJson } from "../../../endpoints/chatModel.ts";
import { isRecord } from "../../../endpoints/openai/answerBody.ts";
import { explainFailedRequest } from "../../explain/failedRequest.ts";
import { type Check, explainedAbove, failure, ok } from "../../findings.ts";
import { openSetting } from "../../fixes.ts";
import type { ChatTarget } from "../../target.ts";

const question = {
	system: "This is a test of the connection.",
	user: 'This is a test of the connection. Answer with this JSON object and no other word: {"ok": true}',
};

const schema = {
	name: "ok",
	schema: {
		type: "object",
		properties: { ok: { type: "boolean" } },
		required: ["ok"],
		additionalProperties: false,
	},
};

/** In the order in which they are tried. */
const ways = ["json_schema", "json_object"] as const;

/** Whether the memory gets JSON, and in which way it asks for it. */
export const json: Check<ChatTarget> = {
	stage: "json",
	title: "JSON answers",
	optional: true,
	run: async (target) => {
		const { client } = target;
		if ((await client.trial()).error) return explainedAbove;
		const accept = (value: unknown) => isRecord(value) && Object.keys(value).length > 0;
		const attempt = await client.attempt((signal) =>
			completeJson(client.model, question, { schema, accept, signal }),
		);
		const { response_format: form = 0 } = client.learned().forms ?? {};
		if (!attempt.error) return ok(`JSON works with ${ways[form] ?? "the instruction alone"}.`);
		if (attempt.error.kind !== "bad-answer") return explainFailedRequest(target, attempt);
		return failure(
			"The model answers in prose where JSON is asked for.",
			"It does not follow the instruction, so no facts can be made of what is saved.",
			[openSetting("LLM_CHOICE", "Choose a model that follows instructions better in LLM_CHOICE")],
		);
	},
};
