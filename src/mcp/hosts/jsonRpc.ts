import { type RequestId, RequestIdSchema } from "@modelcontextprotocol/sdk/types.js";
import { decodeText, EncodingError } from "../../text/decodeText.ts";

/** Bytes of one message, or of one batch: the longest text in JSON, with room to spare. */
export const maxMessageSize = 1024 * 1024;

/** Messages of one batch. The SDK takes no more over HTTP. */
const maxBatchSize = 100;

/** What a client sent at once: a message, or a batch, which was part of the protocol until 2025-06-18. */
export interface Messages {
	readonly messages: readonly unknown[];
	readonly batch: boolean;
}

/** Why that is refused. */
export interface Unreadable {
	readonly code: -32700 | -32600;
	/** Ends a sentence. */
	readonly problem: string;
}

/**
 * Refuses bytes that are not UTF-8: with its unreadable characters replaced, a text would be one that nobody wrote.
 */
export function readMessages(bytes: Uint8Array): Messages | Unreadable {
	let json: unknown;
	try {
		json = JSON.parse(decodeText(bytes));
	} catch (error) {
		const problem =
			error instanceof EncodingError
				? `is not UTF-8 (it looks like ${error.found})`
				: `is not JSON (${error instanceof Error ? error.message : String(error)})`;
		return { code: -32700, problem };
	}
	if (!Array.isArray(json)) return { messages: [withoutNull(json)], batch: false };
	if (json.length === 0 || json.length > maxBatchSize)
		return {
			code: -32600,
			problem: `is a batch of ${json.length} messages (1 to ${maxBatchSize} are taken)`,
		};
	return { messages: json.map(withoutNull), batch: true };
}

/** Some clients send null for the parameters that they leave out, which the protocol does not allow. */
function withoutNull(message: unknown): unknown {
	if (typeof message !== "object" || message === null || !("params" in message)) return message;
	const { params, ...rest } = message;
	if (typeof params !== "object" || Array.isArray(params)) return message;
	if (params === null) return rest;
	return {
		...rest,
		params: Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null)),
	};
}

/** The id under which a client waits for the answer to a message, whatever else is wrong with the message. */
export function idOf(message: unknown): RequestId | null {
	const id = typeof message === "object" && message !== null && "id" in message ? message.id : undefined;
	return RequestIdSchema.safeParse(id).data ?? null;
}

/** The request that a message cancels. */
export function cancelledBy(message: unknown): RequestId | undefined {
	const { method, params } = (message ?? {}) as { method?: unknown; params?: { requestId?: unknown } };
	if (method !== "notifications/cancelled") return undefined;
	return RequestIdSchema.safeParse(params?.requestId).data;
}
