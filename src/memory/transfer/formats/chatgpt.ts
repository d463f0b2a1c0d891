import { InputError } from "../../errors.ts";
import type { ImportRequest } from "../../requests.ts";
import type { ReadRecord, Remark } from "../record.ts";
import { importedTime } from "../times.ts";

/*
 * `conversations.json` of ChatGPT's export (also `conversations-000.json`). What ChatGPT remembered is in the messages that it
 * sent to its memory tool, "bio", and in the list of its memories that some conversations begin with.
 */

interface Message {
	readonly id?: unknown;
	readonly recipient?: unknown;
	readonly create_time?: unknown;
	readonly content?: { readonly parts?: unknown; readonly model_set_context?: unknown };
}

const format = "chatgpt";
/** What it sends to its memory to have something deleted. */
const forgets = /^(?:forget|ignore)\b/i;

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
	const remarks: Remark[] = [];
	const of = {
		...(typeof id === "string" && id !== "" ? { conversationId: id } : {}),
		metadata: typeof title === "string" && title !== "" ? { title: title.slice(0, 200) } : {},
	};
	const requests = Object.values(mapping as Record<string, { message?: Message | null } | null>).flatMap(
		(node) => {
			const message = node?.message ?? {};
			const listed = message.content?.model_set_context;
			// The list is of all conversations.
			if (typeof listed === "string") return listedMemories(listed);
			if (message.recipient !== "bio" || !Array.isArray(message.content?.parts)) return [];
			const parts = message.content.parts.filter((part) => typeof part === "string");
			const text = parts.join("\n").trim();
			if (text === "") return [];
			if (forgets.test(text)) {
				remarks.push({ kind: "forgotten" });
				return [];
			}
			const source = { format, ...(typeof message.id === "string" ? { id: message.id } : {}) };
			const createdAt = importedTime("create_time", message.create_time ?? create_time)?.at;
			return [{ ...of, text, createdAt, metadata: { ...of.metadata, source } }];
		},
	);
	return { requests, remarks };
}

/** `1. [2024-09-29]. User is …`, with empty lines between. */
function listedMemories(list: string): readonly ImportRequest[] {
	const entries = [...list.matchAll(/^\d+\.\s*\[(\d{4}-\d{2}-\d{2})\]\.?\s+/gm)];
	return entries.flatMap((entry, index) => {
		const text = list.slice(entry.index + entry[0].length, entries[index + 1]?.index).trim();
		const createdAt = importedTime("date", entry[1])?.at;
		return text === "" ? [] : [{ text, createdAt, metadata: { source: { format } } }];
	});
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
