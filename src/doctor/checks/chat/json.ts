import type { ChatEndpoint } from "../../../config/endpoints.ts";
import { isRecord } from "../../../endpoints/openai/answerBody.ts";
import { repairJson } from "../../../endpoints/repairJson.ts";
import { complete, completionOf } from "../../completion.ts";
import { type Check, failure, ok } from "../../findings.ts";
import { openSetting } from "../../fixes.ts";
import { succeeded, type Target } from "../../target.ts";

const hello =
	'This is a test of the connection. Answer with this JSON object and no other word: {"ok": true}';

const schema = {
	type: "object",
	properties: { ok: { type: "boolean" } },
	required: ["ok"],
	additionalProperties: false,
};

const formats = [
	["json_schema", { type: "json_schema", json_schema: { name: "ok", strict: true, schema } }],
	["json_object", { type: "json_object" }],
] as const;

/** Which ways of asking for JSON work. Where none does, the model may still follow the instruction. */
export const json: Check<Target<ChatEndpoint>> = {
	stage: "json",
	title: "Model answers in JSON",
	optional: true,
	run: async (target) => {
		const givesJson = async (name: string, format?: object) => {
			const outcome = await complete(target, hello, undefined, format);
			const text = succeeded(outcome) ? completionOf(outcome)?.text : undefined;
			const found = repairJson(text ?? "", (value) => isRecord(value) && Object.keys(value).length > 0);
			target.record("POST", outcome, `${name}: ${found ? "JSON" : "no JSON"}`);
			return found !== undefined;
		};
		const works: string[] = [];
		for (const [name, format] of formats) if (await givesJson(name, format)) works.push(name);
		if (works.length === 0 && (await givesJson("instruction"))) works.push("the instruction alone");
		if (works.length > 0) return ok(`JSON works with ${works.join(" and ")}.`);
		return failure(
			"The model answers in prose where JSON is asked for.",
			"It does not follow the instruction, so no facts can be made of what is saved.",
			[openSetting("LLM_CHOICE", "Choose a model that follows instructions better in LLM_CHOICE")],
		);
	},
};
