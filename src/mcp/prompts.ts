import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";

export const prompts = [
	{
		name: "remember",
		title: "Remember",
		description: "Save what is worth remembering from this conversation, or the fact that is given",
		arguments: [
			{
				name: "fact",
				description: "What to remember; without it, what this conversation taught",
				required: false,
			},
		],
	},
	{
		name: "recall",
		title: "Recall",
		description: "Look up what is remembered about a topic",
		arguments: [
			{
				name: "topic",
				description: "What to look up; without it, what matters for the task at hand",
				required: false,
			},
		],
	},
];

/** @throws McpError for an unknown prompt. */
export function promptMessages(name: string, args: Readonly<Record<string, string>>) {
	switch (name) {
		case "remember":
			return user(
				args.fact
					? `Remember this with save_memory, worded so that it can be understood without this conversation: ${args.fact}`
					: "Go through this conversation and save with save_memory each fact worth knowing in a later one: preferences, corrections, decisions and their reasons, conventions, how things work here. First search_memories, so that you update what has changed instead of saving it twice. Then list what you saved.",
			);
		case "recall":
			return user(
				args.topic
					? `Search memory with search_memories for: ${args.topic}. Tell what is known and how old it is, and what is not known.`
					: "Search memory with search_memories for what matters for the task at hand, with a few different queries. Tell what is known and use it.",
			);
		default:
			throw new McpError(
				ErrorCode.InvalidParams,
				`There is no prompt ${JSON.stringify(name)}. The prompts are remember and recall.`,
			);
	}
}

function user(text: string) {
	return { messages: [{ role: "user" as const, content: { type: "text" as const, text } }] };
}
