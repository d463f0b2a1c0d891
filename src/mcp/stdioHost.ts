import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { RequestId } from "@modelcontextprotocol/sdk/types.js";

/** Longest line a client may send, in bytes: a text of the greatest length in JSON, with room. */
const maxLineSize = 1024 * 1024;

/** How long, in ms, requests that came before the end of stdin may take to be answered. */
const answerPatience = 20_000;

/**
 * Serves one MCP session over stdin and stdout, until the client closes stdin and has its answers.
 * A line that is no JSON-RPC message is answered with a parse error instead of silence.
 */
export async function runStdioHost(server: Server, stdin: Readable, stdout: Writable): Promise<void> {
	const transport = new StdioServerTransport(stdin, stdout, { maxBufferSize: maxLineSize });
	const ended = new Promise<void>((resolve) => {
		stdin.once("end", resolve);
		stdin.once("close", resolve);
		server.onclose = resolve;
	});
	await server.connect(transport);
	const report = transport.onerror;
	transport.onerror = (error) => {
		report?.(error);
		const syntax = error instanceof SyntaxError;
		const code = syntax ? -32700 : -32600;
		const message = syntax
			? `This line is not JSON (${error.message}). Send one JSON-RPC message a line.`
			: `This line is not a JSON-RPC 2.0 message that can be read. Send one message of at most ${maxLineSize} bytes a line.`;
		stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } })}\n`);
	};
	const unanswered = followRequests(transport);
	await ended;
	const deadline = Date.now() + answerPatience;
	while (unanswered.size > 0 && Date.now() < deadline) await sleep(5);
}

/** The ids of requests that have come and have not been answered. */
function followRequests(transport: StdioServerTransport): ReadonlySet<RequestId> {
	const unanswered = new Set<RequestId>();
	const { onmessage } = transport;
	const send = transport.send.bind(transport);
	transport.onmessage = (message) => {
		if ("method" in message && "id" in message) unanswered.add(message.id);
		onmessage?.(message);
	};
	transport.send = async (message) => {
		await send(message);
		if (!("method" in message) && message.id !== undefined) unanswered.delete(message.id);
	};
	return unanswered;
}
