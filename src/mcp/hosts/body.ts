import type { IncomingMessage } from "node:http";
import { isInitializeRequest, isJSONRPCRequest, type RequestId } from "@modelcontextprotocol/sdk/types.js";
import type { Refusal } from "./admission.ts";
import { type Messages, maxMessageSize, readMessages } from "./jsonRpc.ts";

const tooLarge: Refusal = [413, -32000, `The body has more than ${maxMessageSize} bytes. Send less at once.`];

/** The body of a request, or why it is refused. */
export async function readBytes(
	request: IncomingMessage,
): Promise<{ readonly bytes: Uint8Array } | { readonly refusal: Refusal }> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		// The rest is read all the same: a client that is still sending would not see the refusal.
		if (size <= maxMessageSize) chunks.push(chunk);
	}
	return size > maxMessageSize ? { refusal: tooLarge } : { bytes: Buffer.concat(chunks) };
}

/** The messages in the body of a request, or why it is refused. */
export async function readBody(request: IncomingMessage): Promise<Messages | { readonly refusal: Refusal }> {
	const body = await readBytes(request);
	if ("refusal" in body) return body;
	const read = readMessages(body.bytes);
	if (!("problem" in read)) return read;
	return { refusal: [400, read.code, `The body ${read.problem}. Send one JSON-RPC message.`] };
}

export function initializes({ messages }: Messages): boolean {
	return messages.some(isInitializeRequest);
}

/** The ids of the requests in a body, which its answer will hold. */
export function requestIds({ messages }: Messages): readonly RequestId[] {
	return messages.filter((message) => isJSONRPCRequest(message)).map(({ id }) => id);
}
