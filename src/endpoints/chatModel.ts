import { EndpointError } from "./endpointError.ts";
import { type Accept, type JsonAnswer, parseJsonAnswer } from "./jsonAnswer.ts";

export interface ChatMessages {
	readonly system: string;
	readonly user: string;
}

export interface ChatOptions {
	/** Tokens of the answer; the configured number when absent. */
	readonly maxTokens?: number;
	/** The answer is to be JSON of this schema; models that cannot be held to it are asked all the same. */
	readonly schema?: JsonSchema;
	readonly signal?: AbortSignal | undefined;
	/** Nobody is doing anything now that would make them expect a question from the model's host. */
	readonly unattended?: boolean;
}

export interface JsonSchema {
	readonly name: string;
	readonly schema: Readonly<Record<string, unknown>>;
}

export interface ChatAnswer {
	readonly text: string;
	/** Whether it was cut off at the limit of tokens. */
	readonly truncated: boolean;
}

/** A language model, wherever it runs. */
export interface ChatModel {
	/** Model and place, for people: `qwen3 at http://localhost:8009/v1`. */
	readonly description: string;
	/** Origin of the endpoint's URL; empty where there is none. */
	readonly origin: string;
	/** Tokens of question and answer together; undefined while unknown. */
	readonly contextLength: number | undefined;
	readonly maxTokens: number;
	/** What keeps it from working at all, where that is known without asking it. */
	readonly problem?: string;
	/** @throws EndpointError; the signal's reason when aborted. */
	complete(messages: ChatMessages, options?: ChatOptions): Promise<ChatAnswer>;
}

/** A token is some four characters of English; counted low, so that a text is rather thought too long. */
export function estimatedTokens(text: string): number {
	return Math.ceil(text.length / 3.6);
}

/**
 * Asks for JSON until there is some: an answer that was cut off is asked for again with room for more, prose once
 * more with a word about it.
 * @returns the value; `whole` is false where the end is missing.
 * @throws EndpointError `bad-answer` when there is no JSON to be had.
 */
export async function completeJson(
	chat: ChatModel,
	messages: ChatMessages,
	options: ChatOptions & { readonly schema: JsonSchema; readonly accept: Accept },
): Promise<JsonAnswer> {
	const { accept } = options;
	let answer = await chat.complete(messages, options);
	let json = parseJsonAnswer(answer.text, accept);
	if (answer.truncated && !json?.whole) {
		const { contextLength, maxTokens } = chat;
		const question = estimatedTokens(messages.system + messages.user);
		const room = contextLength === undefined ? 4 * maxTokens : contextLength - question;
		const more = Math.min(4 * Math.max(maxTokens, 500), room);
		if (more > maxTokens) {
			const partly = json;
			answer = await chat.complete(messages, { ...options, maxTokens: more }).catch((error: unknown) => {
				// What was whole of the first answer is better than nothing.
				if (!partly || options.signal?.aborted) throw error;
				return answer;
			});
			json = parseJsonAnswer(answer.text, accept) ?? partly;
		}
	} else if (!json) {
		const reminder = `${messages.user}\n\nAnswer with the JSON object alone, no other word. Begin with {`;
		answer = await chat.complete({ ...messages, user: reminder }, options);
		json = parseJsonAnswer(answer.text, accept);
	}
	if (json) return json;
	const what =
		answer.text.trim() === ""
			? "answered with nothing"
			: answer.truncated
				? "was cut off before it had said anything of use"
				: "answered in prose where JSON was asked for";
	const advice = answer.truncated
		? "Raise LLM_MAX_TOKENS, or use a model that reasons less."
		: "Use a model that follows instructions better.";
	throw new EndpointError("bad-answer", `(${chat.description}) ${what}`, advice, { role: "chat", url: "" });
}
