import type { ChatEndpoint } from "../../config/endpoints.ts";
import { parseJsonAnswer } from "../../endpoints/jsonAnswer.ts";
import { isRecord } from "../../endpoints/openai/serverMessage.ts";
import { type CheckResult, chatStages, type Findings } from "../findings.ts";
import { type Answer, type Failure, failed } from "../probe.ts";
import { jsonOf } from "../target.ts";
import { checkContextLength } from "./contextLength.ts";
import { type Asked, explainFailedRequest, succeeded } from "./failedRequest.ts";

/** Tokens of an answer: a word, and room for a model that thinks first. */
const answerTokens = 1000;

const hello = "This is a test of the connection. Answer with the one word ok.";
const helloJson =
	'This is a test of the connection. Answer with this JSON object and no other word: {"ok": true}';

const schema = {
	type: "object",
	properties: { ok: { type: "boolean" } },
	required: ["ok"],
	additionalProperties: false,
};

const modes = {
	json_schema: { type: "json_schema", json_schema: { name: "ok", strict: true, schema } },
	json_object: { type: "json_object" },
} as const;

/** A completion's text, and what else it tells. */
export interface Completion {
	readonly text: string;
	readonly cutOff: boolean;
	/** Thoughts before the answer, within it or beside it. */
	readonly thinks: boolean;
	/** Tokens that the server read. */
	readonly read: number | undefined;
}

/** Asks the model as the memory does: what the server refuses is left out the next time. */
export class Chat {
	readonly endpoint: ChatEndpoint;
	readonly asked: Asked;
	/** Parameters that the server refused. */
	readonly refused = new Set<string>();

	constructor(endpoint: ChatEndpoint, asked: Asked) {
		this.endpoint = endpoint;
		this.asked = asked;
	}

	async ask(
		content: string,
		maxTokens: number = Math.min(this.endpoint.maxTokens, answerTokens),
		format?: object,
	): Promise<Answer | Failure> {
		const { target } = this.asked;
		for (;;) {
			const tokens = !this.refused.has("max_tokens")
				? { max_tokens: maxTokens }
				: this.refused.has("max_completion_tokens")
					? {}
					: { max_completion_tokens: maxTokens };
			const outcome = await target.post({
				model: this.endpoint.model,
				messages: [{ role: "user", content }],
				...(this.refused.has("temperature") ? {} : { temperature: this.endpoint.temperature }),
				...tokens,
				...(format ? { response_format: format } : {}),
			});
			const parameter =
				failed(outcome) || succeeded(outcome)
					? undefined
					: target.errorOf(outcome, target.requestUrl, [content]).parameter;
			if (parameter !== "max_tokens" && parameter !== "temperature") return outcome;
			const name =
				parameter === "max_tokens" && this.refused.has("max_tokens") ? "max_completion_tokens" : parameter;
			if (this.refused.has(name)) return outcome;
			this.refused.add(name);
		}
	}
}

/** A real answer, JSON, and whether mem0ai's instructions fit. */
export async function checkChat(endpoint: ChatEndpoint, asked: Asked, findings: Findings): Promise<void> {
	const { target } = asked;
	const chat = new Chat(endpoint, asked);
	const outcome = await chat.ask(hello);
	const draft = await helloDraft(chat, outcome);
	findings.stage("chat", "chat", draft);
	if (draft.status === "failed") {
		findings.skip("chat", chatStages.slice(1), "Not checked: the model gives no answer.");
		return;
	}
	findings.stage("chat", "json", await jsonDraft(chat));
	findings.stage("chat", "context", await checkContextLength(chat));
	target.run.signal.throwIfAborted();
}

async function helloDraft(chat: Chat, outcome: Answer | Failure): Promise<CheckResult> {
	const { target } = chat.asked;
	if (!succeeded(outcome)) return explainFailedRequest(chat.asked, outcome, [hello]);
	const evidence = [target.evidence("POST", target.requestUrl, outcome)];
	const completion = completionOf(outcome);
	if (!completion)
		return {
			status: "failed",
			seen: `${target.host} answered without choices, which a chat completion has.`,
			cause:
				"What answers is no OpenAI-compatible API, or something between it and this machine changes answers.",
			fixes: [target.openUrl],
			evidence,
		};
	const { text, cutOff, thinks } = completion;
	if (text.trim() === "")
		return {
			status: "failed",
			seen: cutOff
				? `The model had said nothing when its ${Math.min(chat.endpoint.maxTokens, answerTokens)} tokens were used up.`
				: "The model answered with nothing.",
			cause: cutOff
				? "It thinks longer than the answer may be."
				: "The model does not follow the instruction, or its chat template is broken.",
			fixes: [
				{ kind: "open-setting", label: "Choose another model in LLM_CHOICE", variable: "LLM_CHOICE" },
				...(cutOff
					? [{ kind: "open-setting", label: "Raise LLM_MAX_TOKENS", variable: "LLM_MAX_TOKENS" } as const]
					: []),
			],
			evidence,
		};
	const notes = [
		thinks ? "It thinks aloud first; thoughts are left out" : "",
		chat.refused.size > 0 ? `It refuses ${[...chat.refused].join(" and ")}, which is not sent then` : "",
	].filter((note) => note !== "");
	return {
		status: "ok",
		seen: `${chat.endpoint.model} answered in ${Math.round(outcome.duration)} ms.${notes.map((note) => ` ${note}.`).join("")}`,
		evidence,
	};
}

/** Which ways of asking for JSON work; what none of them gives, the model may still give when told to. */
async function jsonDraft(chat: Chat): Promise<CheckResult> {
	const { target } = chat.asked;
	const evidence: string[] = [];
	const works: string[] = [];
	for (const [mode, format] of [...Object.entries(modes), ["words", undefined] as const]) {
		if (mode === "words" && works.length > 0) break;
		const outcome = await chat.ask(helloJson, undefined, format);
		const completion = succeeded(outcome) ? completionOf(outcome) : undefined;
		const json =
			completion &&
			parseJsonAnswer(completion.text, (value) => isRecord(value) && Object.keys(value).length > 0);
		evidence.push(
			target.evidence("POST", target.requestUrl, outcome, `${mode}: ${json ? "JSON" : "no JSON"}`),
		);
		if (json) works.push(mode === "words" ? "asking for it in words" : mode);
	}
	if (works.length > 0) return { status: "ok", seen: `JSON works with ${works.join(" and ")}.`, evidence };
	return {
		status: "failed",
		seen: "The model answers in prose where JSON is asked for.",
		cause: "It does not follow the instruction, so that no facts can be made of what is saved.",
		fixes: [
			{
				kind: "open-setting",
				label: "Choose a model that follows instructions better in LLM_CHOICE",
				variable: "LLM_CHOICE",
			},
		],
		evidence,
	};
}

export function completionOf(answer: Answer): Completion | undefined {
	const value = jsonOf(answer);
	const choices = isRecord(value) && Array.isArray(value.choices) ? (value.choices as unknown[]) : [];
	const [choice] = choices;
	if (!isRecord(value) || !isRecord(choice)) return undefined;
	const message = isRecord(choice.message) ? choice.message : {};
	const text = typeof message.content === "string" ? message.content : "";
	const read = isRecord(value.usage) ? value.usage.prompt_tokens : undefined;
	return {
		text,
		cutOff: choice.finish_reason === "length",
		thinks:
			/<(think|thinking|reasoning)>|<\/think>/i.test(text) ||
			[message.reasoning_content, message.reasoning].some(
				(thought) => typeof thought === "string" && thought !== "",
			),
		read: typeof read === "number" ? read : undefined,
	};
}
