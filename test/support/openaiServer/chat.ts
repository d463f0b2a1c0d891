import { randomUUID } from "node:crypto";
import type { Fault } from "./faults.ts";
import { type Settings, serves } from "./settings.ts";
import { type Answer, type ChatMessage, type ChatReply, type ChatRequest, json, tokens } from "./types.ts";

/** POST …/chat/completions */
export async function answerChat(
	body: Readonly<Record<string, unknown>>,
	settings: Settings,
	fault: Fault | undefined,
): Promise<Answer> {
	const request = readRequest(body);
	if (!request)
		return settings.quirks.error(400, "Invalid type for 'messages': expected an array of objects.");
	const refusal = refuse(body, request, settings);
	if (refusal) return refusal;
	const prompt = promptTokens(request.messages);
	const limit = settings.contextLength ?? Number.POSITIVE_INFINITY;
	const { truncates } = settings.quirks;
	if (prompt > limit && !truncates) return settings.quirks.promptTooLong(limit, prompt);
	const seen = prompt > limit ? { ...request, messages: end(request.messages, limit * 4) } : request;
	let reply: ChatReply;
	try {
		reply = await settings.chat(seen);
	} catch (error) {
		return settings.quirks.error(500, error instanceof Error ? error.message : String(error));
	}
	reply = spoiled(shortened(reply, request, settings), fault);
	const content = reply.content ?? "";
	const usage = { prompt_tokens: promptTokens(seen.messages), completion_tokens: tokens(content.length) };
	return json(200, {
		id: `chatcmpl-${randomUUID()}`,
		object: "chat.completion",
		created: Math.floor(Date.now() / 1000),
		model: settings.quirks.anyModel ? settings.chatModels[0] : request.model,
		choices: [
			{
				index: 0,
				message: { role: "assistant", content: reply.content, refusal: reply.refusal ?? null },
				...(reply.error ? { error: reply.error } : {}),
				logprobs: null,
				finish_reason: reply.finish_reason ?? "stop",
			},
		],
		usage: reply.usage ?? { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
	});
}

/** Refusals by what the request asks for, before the model sees it. */
function refuse(
	body: Readonly<Record<string, unknown>>,
	request: ChatRequest,
	settings: Settings,
): Answer | undefined {
	const { quirks, chatModels, embeddingModels } = settings;
	const { model, messages, response_format: format, temperature } = request;
	if (!serves(settings, chatModels, model)) {
		if (quirks.anyModel)
			return quirks.error(501, "This server does not support completions. Start it without `--embeddings`");
		return quirks.unknownModel(model, "chat", [...chatModels, ...embeddingModels]);
	}
	if (body.stream === true) return quirks.error(400, "This server of the tests does not stream.");
	if (settings.refuseMaxTokens && body.max_tokens !== undefined)
		return quirks.error(
			400,
			"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
			{ param: "max_tokens", code: "unsupported_parameter" },
		);
	if (settings.refuseTemperature && temperature !== undefined && temperature !== 1)
		return quirks.error(
			400,
			`Unsupported value: 'temperature' does not support ${temperature} with this model. Only the default (1) value is supported.`,
			{ param: "temperature", code: "unsupported_value" },
		);
	if (!format || format.type === "text") return undefined;
	if (!settings.jsonModes.some((mode) => mode === format.type)) return quirks.formatRefused(format.type);
	if (
		format.type === "json_object" &&
		quirks.wantsWordJson &&
		!messages.some(({ content }) => /json/i.test(content))
	)
		return quirks.error(
			400,
			"'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
			{ param: "messages" },
		);
	return undefined;
}

function readRequest(body: Readonly<Record<string, unknown>>): ChatRequest | undefined {
	const { messages } = body;
	if (!Array.isArray(messages) || messages.length === 0) return undefined;
	// The rest is the client's word: a test of what it sends looks at the recorded request.
	return { ...(body as unknown as ChatRequest), messages: messages.map(readMessage) };
}

function readMessage({ role, content }: { role: string; content: unknown }): ChatMessage {
	if (!Array.isArray(content)) return { role, content: typeof content === "string" ? content : "" };
	return { role, content: content.map((part: { text?: string }) => part.text ?? "").join("") };
}

function promptTokens(messages: readonly ChatMessage[]): number {
	return tokens(messages.reduce((sum, { content }) => sum + content.length, 0));
}

/** The last characters of a conversation; messages before them are gone. */
function end(messages: readonly ChatMessage[], characters: number): ChatMessage[] {
	let left = characters;
	const kept: ChatMessage[] = [];
	for (const { role, content } of messages.toReversed()) {
		if (left <= 0) break;
		kept.unshift({ role, content: content.slice(-left) });
		left -= content.length;
	}
	return kept;
}

/** Cuts a reply at the tokens that the request allows. */
function shortened(reply: ChatReply, request: ChatRequest, { quirks }: Settings): ChatReply {
	const limit =
		request.max_tokens ?? (quirks.maxCompletionTokens ? request.max_completion_tokens : undefined);
	if (reply.content === null || limit === undefined || tokens(reply.content.length) <= limit) return reply;
	return { content: reply.content.slice(0, limit * 4), finish_reason: "length" };
}

function spoiled(reply: ChatReply, fault: Fault | undefined): ChatReply {
	const content = reply.content ?? "";
	switch (fault?.kind) {
		case "truncated":
			return { content: content.slice(0, Math.floor(content.length * 0.6)), finish_reason: "length" };
		case "prose":
			return { content: "I am glad to help. The user told me a few things that are worth remembering." };
		case "empty":
			return { content: "" };
		case "noFacts":
			return { content: JSON.stringify({ memory: [] }) };
		case "think":
			// Models quote the shape they are about to answer in: braces in here are not the answer.
			return {
				content: `<think>\nThe user states facts, so I answer {"memory": [...]} with one entry each.\n</think>\n\n${content}`,
			};
		case "fences":
			return { content: `\`\`\`json\n${content}\n\`\`\`` };
	}
	return reply;
}
