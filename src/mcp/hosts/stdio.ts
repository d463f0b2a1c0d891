import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
	isJSONRPCRequest,
	type JSONRPCMessage,
	JSONRPCMessageSchema,
	type RequestId,
} from "@modelcontextprotocol/sdk/types.js";
import { cancelledBy, idOf, maxMessageSize, readMessages } from "./jsonRpc.ts";
import { readLines } from "./lines.ts";

/** ms that answers may take once the session ends. */
const endPatience = 1000;

export interface StdioHostOptions {
	readonly stdin: Readable;
	readonly stdout: Writable;
	/** The process is to end. */
	readonly stopped: Promise<void>;
	/** Called when the session ends, however it does: what is not answered yet must be able to answer at once. */
	readonly onEnd: () => void;
}

/**
 * Serves one MCP session until the client closes stdin or stdout, or until `stopped`; each request that arrived before is
 * answered. A line that is not a JSON-RPC message gets an error, not silence.
 */
export async function runStdioHost(
	server: Server,
	{ stdin, stdout, stopped, onEnd }: StdioHostOptions,
): Promise<void> {
	const unanswered = new Set<RequestId>();
	const write = (message: object) => stdout.write(`${JSON.stringify(message)}\n`);
	const refuse = (code: number, message: string, id: RequestId | null = null) =>
		write({ jsonrpc: "2.0", id, error: { code, message } });

	const transport: Transport = {
		start: async () => undefined,
		send: async (message) => {
			write(message);
			if (!("method" in message) && message.id !== undefined) unanswered.delete(message.id);
		},
		close: async () => transport.onclose?.(),
	};

	const receive = (message: unknown) => {
		try {
			return receiveValid(JSONRPCMessageSchema.parse(message));
		} catch {
			// Not of the protocol's form, or nested too deeply. An answer is not answered, whatever is wrong with it.
			if (typeof message === "object" && message !== null && ("result" in message || "error" in message))
				return;
		}
		refuse(
			-32600,
			'This is not a JSON-RPC 2.0 message. Send one object with "jsonrpc": "2.0" and a "method" a line.',
			idOf(message),
		);
	};
	const receiveValid = (message: JSONRPCMessage) => {
		if (isJSONRPCRequest(message)) unanswered.add(message.id);
		// The client no longer waits for the answer.
		const cancelled = cancelledBy(message);
		if (cancelled !== undefined) unanswered.delete(cancelled);
		transport.onmessage?.(message);
	};
	const receiveLine = (line: Buffer) => {
		const read = readMessages(line);
		if ("problem" in read) refuse(read.code, `This line ${read.problem}. Send one JSON-RPC message a line.`);
		else read.messages.forEach(receive);
	};
	const refuseLongLine = () =>
		refuse(-32600, `This line has more than ${maxMessageSize} bytes and was not read. Send less at once.`);

	await server.connect(transport);
	const unread = new Promise<void>((resolve) => {
		stdout.once("error", () => resolve());
		stdout.once("close", resolve);
	});
	await Promise.race([readLines(stdin, maxMessageSize, receiveLine, refuseLongLine), unread, stopped]);
	onEnd();
	const answered = async () => {
		const deadline = performance.now() + endPatience;
		while (unanswered.size > 0 && performance.now() < deadline) await sleep(5);
	};
	await Promise.race([answered(), unread]);
}
