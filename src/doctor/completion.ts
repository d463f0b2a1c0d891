import type { ChatEndpoint } from "../config/endpoints.ts";
import { isRecord, jsonOf } from "../endpoints/openai/answerBody.ts";
import { chatForms } from "../endpoints/openai/requestForms.ts";
import { type Answer, type Failure, failed } from "./probe.ts";
import { succeeded, type Target } from "./target.ts";

/** Tokens of an answer: enough for a word, and for a model that thinks first. */
const answerTokens = 1000;

/** The answer tokens that a check asks for, unless it says otherwise. */
export function answerLimit({ endpoint }: Target<ChatEndpoint>): number {
	return Math.min(endpoint.maxTokens, answerTokens);
}

/** Asks the model as the memory does: what the server refuses is said in another form in the next attempt. */
export async function complete(
	target: Target<ChatEndpoint>,
	content: string,
	maxTokens: number = answerLimit(target),
	format?: object,
): Promise<Answer | Failure> {
	const request = { endpoint: target.endpoint, messages: { system: "", user: content }, maxTokens };
	for (;;) {
		const body = chatForms.body(request, target.forms);
		const outcome = await target.post({ ...body, ...(format ? { response_format: format } : {}) });
		if (failed(outcome) || succeeded(outcome)) return outcome;
		const { kind, limit, parameter } = target.errorOf(outcome, [content]);
		const forms = parameter && chatForms.after(request, target.forms, parameter);
		if (forms) target.forms = forms;
		else if (kind === "answer-too-long" && limit && limit < request.maxTokens) request.maxTokens = limit;
		else return outcome;
	}
}

interface Completion {
	readonly text: string;
	readonly cutOff: boolean;
	/** Whether it contains thoughts, in its text or beside it. */
	readonly thinks: boolean;
	/** Tokens that the server read. */
	readonly read: number | undefined;
}

/** Undefined if an answer is not a chat completion. */
export function completionOf({ body }: Answer): Completion | undefined {
	const value = jsonOf(body);
	const [choice]: unknown[] = isRecord(value) && Array.isArray(value.choices) ? value.choices : [];
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
