import type { IncomingMessage } from "node:http";
import type { RequestId } from "@modelcontextprotocol/sdk/types.js";
import { isInitializeRequest, isJSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";
import type { Refusal } from "./admission.ts";

/** Bytes */
const maxBodySize = 1024 * 1024;
/** The SDK refuses a batch of more. */
const maxBatchSize = 100;

const tooLarge: Refusal = [413, -32000, `The body has more than ${maxBodySize} bytes. Send less at once.`];
const notJson: Refusal = [400, -32700, "The body is not JSON. Send one JSON-RPC message."];

/** The body of a request as JSON, or why it is refused. */
export async function readBody(
	request: IncomingMessage,
): Promise<{ readonly json: unknown } | { readonly refusal: Refusal }> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		// The rest is read all the same: a client that is still sending would not see the refusal.
		if (size <= maxBodySize) chunks.push(chunk);
	}
	if (size > maxBodySize) return { refusal: tooLarge };
	try {
		return { json: JSON.parse(new TextDecoder().decode(Buffer.concat(chunks))) };
	} catch {
		return { refusal: notJson };
	}
}

function messagesOf(json: unknown): readonly unknown[] {
	return Array.isArray(json) ? json.slice(0, maxBatchSize) : [json];
}

export function initializes(json: unknown): boolean {
	return messagesOf(json).some(isInitializeRequest);
}

/** The ids of the requests in a body, which its answer will hold. */
export function requestIds(json: unknown): readonly RequestId[] {
	return messagesOf(json)
		.filter((message) => isJSONRPCRequest(message))
		.map((message) => (message as { id: RequestId }).id);
}
