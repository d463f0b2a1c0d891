import { EndpointError } from "./endpointError.ts";
import { type Accept, type RepairedJson, repairJson } from "./repairJson.ts";

export interface ChatMessages {
	readonly system: string;
	readonly user: string;
}

export interface ChatOptions {
	/** Tokens of the answer. Default: the configured number. */
	readonly maxTokens?: number;
	/** The answer should be JSON of this schema. Models that cannot be forced to it are asked all the same. */
	readonly schema?: JsonSchema;
	readonly signal?: AbortSignal | undefined;
	/** Nobody is waiting, so the model's host should not ask the user for consent. */
	readonly unattended?: boolean;
}

export interface JsonSchema {
	readonly name: string;
	readonly schema: Readonly<Record<string, unknown>>;
}

export interface ChatAnswer {
	readonly text: string;
	/** Whether it was cut off at the token limit. */
	readonly truncated: boolean;
	/** Why else it is not complete, in the server's words: a refusal, a content filter. */
	readonly interruption?: string;
}

/** A language model, wherever it runs. */
export interface ChatModel {
	/** Names model and place for people: `qwen3 at http://localhost:8009/v1`. */
	readonly description: string;
	/** The origin of the endpoint's URL; empty if there is none. */
	readonly origin: string;
	/** Tokens of question and answer together; undefined while unknown. */
	readonly contextLength: number | undefined;
	readonly maxTokens: number;
	/** Why it cannot work at all, if that is known without a request. */
	readonly problem?: string;
	/** @throws EndpointError; the signal's reason when aborted. */
	complete(messages: ChatMessages, options?: ChatOptions): Promise<ChatAnswer>;
}

/** A token is about four characters of English. Counts fewer, so that a text rather seems too long. */
export function estimatedTokens(text: string): number {
	return Math.ceil(text.length / 3.6);
}

/**
 * Asks for JSON, at most twice: after an answer that was cut off with room for a longer one, after prose with a
 * reminder.
 * @returns the value; `whole` is false if its end is missing.
 * @throws EndpointError `bad-answer` if there is no JSON.
 */
export async function completeJson(
	chat: ChatModel,
	messages: ChatMessages,
	options: ChatOptions & { readonly schema: JsonSchema; readonly accept: Accept },
): Promise<RepairedJson> {
	const read = (from: ChatAnswer) => jsonOf(from, options.accept);
	let answer = await chat.complete(messages, options);
	let json = read(answer);
	if (answer.truncated && !json?.whole) {
		const { contextLength, maxTokens } = chat;
		const question = estimatedTokens(messages.system + messages.user);
		const room = contextLength === undefined ? 4 * maxTokens : contextLength - question;
		const more = Math.min(4 * Math.max(maxTokens, 500), room);
		if (more > maxTokens) {
			const partly = json;
			answer = await chat.complete(messages, { ...options, maxTokens: more }).catch((error: unknown) => {
				// The complete part of the first answer is better than nothing.
				if (!partly || options.signal?.aborted) throw error;
				return answer;
			});
			json = read(answer) ?? partly;
		}
	} else if (!json && answer.interruption === undefined) {
		const reminder = `${messages.user}\n\nAnswer with the JSON object alone, no other word. Begin with {`;
		answer = await chat.complete({ ...messages, user: reminder }, options);
		json = read(answer);
	}
	if (json) return json;
	const fields = { role: "chat", url: "", serverMessage: answer.interruption } as const;
	if (answer.interruption !== undefined)
		throw new EndpointError(
			"bad-answer",
			`(${chat.description}) did not finish its answer`,
			"Use another model for such texts.",
			fields,
		);
	const what = !/\S/.test(answer.text.slice(0, 1000))
		? "answered with nothing"
		: answer.truncated
			? "was cut off before it said anything useful"
			: "answered in prose where JSON was asked for";
	const advice = answer.truncated
		? "Raise LLM_MAX_TOKENS, or use a model that reasons less."
		: "Use a model that follows instructions better.";
	throw new EndpointError("bad-answer", `(${chat.description}) ${what}`, advice, fields);
}

/** Whole only if the model itself ended the answer, or nothing came after the JSON. */
function jsonOf({ text, truncated, interruption }: ChatAnswer, accept: Accept): RepairedJson | undefined {
	const json = repairJson(text, accept);
	if (json && (interruption !== undefined || (truncated && !/[}\]]/.test(text.trimEnd().at(-1) ?? ""))))
		return { ...json, whole: false };
	return json;
}
