import { type Readable, Transform, type Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { RequestId } from "@modelcontextprotocol/sdk/types.js";

/** Longest line a client may send, in bytes: the longest text in JSON, with room to spare. */
const maxLineSize = 1024 * 1024;

/** ms that answers to requests that arrived before the end of stdin may take. */
const answerPatience = 20_000;

/** The same once the process is told to stop. */
const stopPatience = 1000;

/**
 * Serves one MCP session over stdin and stdout, until the client closes stdin and has its answers, or until `stopped`.
 * A line that is not a JSON-RPC message gets a parse error, not silence.
 * @param stopped the process is to end; requests that can be answered at once still are.
 */
export async function runStdioHost(
	server: Server,
	stdin: Readable,
	stdout: Writable,
	stopped: Promise<void>,
): Promise<void> {
	const refuse = (code: number, message: string) =>
		stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } })}\n`);
	const lines = stdin.pipe(
		limitLines(() =>
			refuse(-32600, `This line has more than ${maxLineSize} bytes and was not read. Send less at once.`),
		),
	);
	const transport = new StdioServerTransport(lines, stdout, { maxBufferSize: 2 * maxLineSize });
	const ended = new Promise<void>((resolve) => {
		lines.once("end", resolve);
		stdin.once("close", resolve);
		const { onclose } = server;
		server.onclose = () => {
			onclose?.();
			resolve();
		};
	});
	await server.connect(transport);
	const report = transport.onerror;
	transport.onerror = (error) => {
		report?.(error);
		if (error instanceof SyntaxError) {
			refuse(-32700, `This line is not JSON (${error.message}). Send one JSON-RPC message a line.`);
		} else {
			refuse(
				-32600,
				'This line is not a JSON-RPC 2.0 message. Send one object with "jsonrpc": "2.0" and a "method" a line; batches are not taken.',
			);
		}
	};
	const unanswered = followRequests(transport);
	let deadline = Number.POSITIVE_INFINITY;
	const within = (patience: number) => () => {
		deadline = Math.min(deadline, Date.now() + patience);
	};
	await Promise.race([ended.then(within(answerPatience)), stopped.then(within(stopPatience))]);
	stopped.then(within(stopPatience));
	while (unanswered.size > 0 && Date.now() < deadline) await sleep(5);
}

/** The ids of requests that have arrived and have not been answered. */
function followRequests(transport: StdioServerTransport): ReadonlySet<RequestId> {
	const unanswered = new Set<RequestId>();
	const { onmessage } = transport;
	const send = transport.send.bind(transport);
	transport.onmessage = (message) => {
		if ("method" in message && "id" in message) unanswered.add(message.id);
		// The client no longer waits for its answer.
		if ("method" in message && message.method === "notifications/cancelled")
			unanswered.delete(message.params?.requestId as RequestId);
		onmessage?.(message);
	};
	transport.send = async (message) => {
		await send(message);
		if (!("method" in message) && message.id !== undefined) unanswered.delete(message.id);
	};
	return unanswered;
}

/** Passes whole lines on. Drops a line that is too long, up to its end, and reports it, so that the session continues. */
function limitLines(onTooLong: () => void): Transform {
	let begun: Buffer[] = [];
	let size = 0;
	return new Transform({
		transform(chunk: Buffer, _encoding, done) {
			let start = 0;
			for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
				size += end + 1 - start;
				if (size > maxLineSize) onTooLong();
				else this.push(Buffer.concat([...begun, chunk.subarray(start, end + 1)]));
				begun = [];
				size = 0;
				start = end + 1;
			}
			size += chunk.length - start;
			// A line that will be dropped is not collected.
			if (size > maxLineSize) begun = [];
			else if (start < chunk.length) begun.push(chunk.subarray(start));
			done();
		},
	});
}
