import { type ChatReply, type ChatRequest, tokens } from "./types.ts";

/**
 * The default chat model: plays mem0ai's extraction, each sentence of the new messages a fact. To anything else it
 * says "ok", in JSON where JSON is asked for.
 */
export function distil(request: ChatRequest): ChatReply {
	const content = answer(request);
	const prompt = tokens(request.messages.reduce((sum, message) => sum + message.content.length, 0));
	const completion = tokens(content.length);
	return {
		content,
		finish_reason: "stop",
		usage: {
			prompt_tokens: prompt,
			completion_tokens: completion,
			total_tokens: prompt + completion,
		},
	};
}

function answer({ messages, response_format }: ChatRequest): string {
	const prompt = messages.findLast(({ role }) => role === "user")?.content ?? "";
	const said = newMessages(prompt);
	if (said === undefined) {
		const plain = response_format === undefined || response_format.type === "text";
		return plain ? "ok" : JSON.stringify({ ok: true });
	}
	const sentences = said
		.replace(/^user: /, "")
		.split(/(?<=[.!?])\s+/)
		.map((sentence) => sentence.trim())
		.filter((sentence) => sentence !== "");
	return JSON.stringify({
		memory: sentences.map((text, index) => ({ id: String(index), text, attributed_to: "user" })),
	});
}

/** The section of mem0ai's prompt that is to be distilled. */
function newMessages(prompt: string): string | undefined {
	const [, section] = /(?:^|\n)## New Messages\n([\s\S]*)/.exec(prompt) ?? [];
	return section?.split("\n\n## ", 1)[0]?.trim();
}
