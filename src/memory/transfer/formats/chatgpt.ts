import { InputError } from "../../errors.ts";
import type { ReadRecord } from "../record.ts";
import { importedTime } from "../times.ts";

/*
 * `conversations.json` of ChatGPT's export. What ChatGPT remembered is in the messages that it sent to its memory tool, "bio".
 */

interface Message {
	readonly id?: unknown;
	readonly recipient?: unknown;
	readonly create_time?: unknown;
	readonly content?: { readonly parts?: unknown };
}

/** Whether a document is that export, by its beginning. */
export function isChatGptExport(head: string): boolean {
	return (
		/^\s*\[\s*\{/.test(head) && head.includes('"mapping"') && /"(?:create_time|current_node)"/.test(head)
	);
}

/** The memories of one conversation. @throws InputError */
export function readConversation(json: string): ReadRecord {
	const conversation = parsed(json);
	const { mapping, conversation_id, id = conversation_id, title, create_time } = conversation;
	if (typeof mapping !== "object" || mapping === null)
		throw new InputError("shape", "it is not a conversation of ChatGPT: it has no mapping.");
	const requests = Object.values(mapping as Record<string, { message?: Message | null } | null>).flatMap(
		(node) => {
			const message = node?.message;
			if (message?.recipient !== "bio" || !Array.isArray(message.content?.parts)) return [];
			const text = message.content.parts
				.filter((part) => typeof part === "string")
				.join("\n")
				.trim();
			if (text === "") return [];
			const at = importedTime("create_time", message.create_time ?? create_time)?.at;
			return [
				{
					text,
					createdAt: at,
					metadata: {
						...(typeof title === "string" && title !== "" ? { title: title.slice(0, 200) } : {}),
						source: { format: "chatgpt", ...(typeof message.id === "string" ? { id: message.id } : {}) },
					},
					...(typeof id === "string" && id !== "" ? { conversationId: id } : {}),
				},
			];
		},
	);
	return { requests, remarks: [] };
}

function parsed(json: string): Readonly<Record<string, unknown>> {
	try {
		const value: unknown = JSON.parse(json);
		if (typeof value === "object" && value !== null) return { ...value };
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
	}
	throw new InputError("record", "it is not JSON.");
}
