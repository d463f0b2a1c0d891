import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { maxTextLength } from "../memory/input.ts";
import { quoted } from "./quoted.ts";
import { plainArguments } from "./tools/inputSchema.ts";

interface Prompt {
	readonly name: string;
	readonly title: string;
	readonly description: string;
	readonly argument: { readonly name: string; readonly description: string };
	/** @param given the argument, which may be left out. */
	readonly text: (given: string | undefined) => string;
}

const all: readonly Prompt[] = [
	{
		name: "remember",
		title: "Remember",
		description: "Save what is worth remembering from this conversation, or the fact that is given",
		argument: {
			name: "fact",
			description: "What to remember; without it, what can be learned from this conversation",
		},
		text: (fact) =>
			fact
				? `Remember this with save_memory, worded so that it can be understood without this conversation: ${fact}`
				: "Go through this conversation and save with save_memory each fact worth knowing in a later one: preferences, corrections, decisions and their reasons, conventions, how things work here. First search_memories, so that you update what has changed instead of saving it twice. Then list what you saved.",
	},
	{
		name: "recall",
		title: "Recall",
		description: "Look up what is remembered about a topic",
		argument: {
			name: "topic",
			description: "What to look up; without it, what matters for the task at hand",
		},
		text: (topic) =>
			topic
				? `Search memory with search_memories for: ${topic}. Say what is known and how old it is, and what is not known.`
				: "Search memory with search_memories for what matters for the task at hand, with a few different queries. Say what is known, and use it.",
	},
];

export const prompts = all.map(({ text: _, argument, ...prompt }) => ({
	...prompt,
	arguments: [{ ...argument, required: false }],
}));

/**
 * @param given the arguments, in any form that a tool's may have.
 * @throws McpError for an unknown prompt, or an argument that is not valid.
 */
export function promptMessages(name: string, given: unknown) {
	const prompt = all.find((each) => each.name === name);
	if (!prompt) {
		const known = all.map((each) => each.name).join(" and ");
		throw invalid(`There is no prompt ${quoted(name)}. The prompts are ${known}.`);
	}
	const field = prompt.argument.name;
	const args = plainArguments({ type: "object", properties: { [field]: { type: "string" } } }, given);
	const value = (args as Readonly<Record<string, unknown>>)[field];
	if (value !== undefined && typeof value !== "string")
		throw invalid(`${field}=${quoted(value)} is not valid: it takes a string.`);
	if (value && value.length > maxTextLength)
		throw invalid(`${field} has ${value.length} characters; the most is ${maxTextLength}.`);
	return {
		messages: [{ role: "user" as const, content: { type: "text" as const, text: prompt.text(value) } }],
	};
}

function invalid(message: string): McpError {
	return new McpError(ErrorCode.InvalidParams, message);
}
