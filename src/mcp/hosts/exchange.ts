import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { text as readText } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { Refusal } from "./admission.ts";
import type { Messages } from "./jsonRpc.ts";

const json = "application/json";
const eventStream = "text/event-stream";
const sdkHeaders = ["mcp-session-id", "mcp-protocol-version", "last-event-id"];

/** Whether a client takes a type of content. One that does not say so takes all. */
function takes({ headers: { accept } }: IncomingMessage, type: string): boolean {
	if (!accept?.trim()) return true;
	const ranges = accept.split(",").map((range) => range.split(";", 1)[0]?.trim().toLowerCase());
	return ["*/*", `${type.split("/", 1)[0]}/*`, type].some((range) => ranges.includes(range));
}

/** Why the content that a request has or wants cannot be served. */
export function contentRefusal(request: IncomingMessage): Refusal | undefined {
	const { method, headers } = request;
	const sent = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
	if (method === "POST" && sent && sent !== json) return [415, -32000, `Send the body as ${json}.`];
	if (method === "GET" && !takes(request, eventStream))
		return [406, -32000, `This is an event stream: accept ${eventStream}.`];
	if (method === "POST" && !takes(request, eventStream) && !takes(request, json))
		return [406, -32000, `Accept ${json} and ${eventStream}.`];
	return undefined;
}

/**
 * Hands a request to the transport of its session, and the transport's answer to the client. The SDK's transport demands
 * that clients accept both JSON and event streams, and answers with the latter; a client that takes JSON alone gets that.
 */
export async function exchange(
	transport: WebStandardStreamableHTTPServerTransport,
	request: IncomingMessage,
	response: ServerResponse,
	body: Messages | undefined,
): Promise<void> {
	const headers = new Headers({ accept: `${json}, ${eventStream}`, "content-type": json });
	for (const name of sdkHeaders) {
		const value = request.headers[name];
		if (typeof value === "string") headers.set(name, value);
	}
	const method = request.method ?? "";
	const parsedBody = body?.batch ? body.messages : body?.messages[0];
	const answer = await transport.handleRequest(new Request("http://localhost/mcp", { method, headers }), {
		parsedBody,
	});
	const content = answer.body && Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
	if (content && !takes(request, eventStream) && answer.headers.get("content-type") === eventStream) {
		response.once("close", () => content.destroy());
		const answers = messagesIn(await readText(content));
		answer.headers.set("content-type", json);
		response.writeHead(answer.status, Object.fromEntries(answer.headers));
		response.end(body?.batch ? `[${answers.join()}]` : answers[0]);
		return;
	}
	response.writeHead(answer.status, Object.fromEntries(answer.headers));
	if (!content) return void response.end();
	response.flushHeaders();
	await pipeline(content, response);
}

/** The JSON of the answers in an event stream. Questions to the client need a stream on which they arrive. */
function messagesIn(events: string): readonly string[] {
	return events
		.split("\n")
		.filter((line) => line.startsWith("data: "))
		.map((line) => line.slice("data: ".length))
		.filter((data) => !("method" in (JSON.parse(data) as object)));
}
