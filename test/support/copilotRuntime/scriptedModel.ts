import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A message as a model gets it; parts of a content are joined to one text. */
export interface ModelMessage {
	readonly role: string;
	readonly content: string;
	/** What the assistant asked to be called. */
	readonly calls: readonly ModelCall[];
}

export interface ModelCall {
	readonly name: string;
	/** JSON */
	readonly arguments: string;
}

/** What an agent sends to its model. */
export interface ModelRequest {
	readonly messages: readonly ModelMessage[];
	/** The names of the tools that the model may call. */
	readonly tools: readonly string[];
}

/** What the model does next: it answers, or has a tool called. */
export type ModelReply = string | { readonly call: string; readonly arguments: object };

/** A language model behind an OpenAI-compatible server, which streams, calls tools, and does what a test says. */
export interface ScriptedModel {
	readonly baseUrl: string;
	/** Of the conversation; newest last. */
	readonly requests: readonly ModelRequest[];
	close(): Promise<void>;
}

export async function scriptedModel(reply: (request: ModelRequest) => ModelReply): Promise<ScriptedModel> {
	const requests: ModelRequest[] = [];
	let count = 0;
	const answer = async (request: IncomingMessage, response: ServerResponse) => {
		if (request.method !== "POST") {
			response.writeHead(200, { "Content-Type": "application/json" });
			response.end(JSON.stringify({ object: "list", data: [{ id: "scripted", object: "model" }] }));
			return;
		}
		const body = JSON.parse(await textOf(request)) as RawRequest;
		const asked = readRequest(body);
		requests.push(asked);
		count += 1;
		const done = reply(asked);
		const message =
			typeof done === "string"
				? { content: done }
				: {
						tool_calls: [
							{
								index: 0,
								id: `call_${count}`,
								type: "function",
								function: { name: done.call, arguments: JSON.stringify(done.arguments) },
							},
						],
					};
		const finish = typeof done === "string" ? "stop" : "tool_calls";
		const whole = { id: `chatcmpl-${count}`, created: 0, model: body.model };
		const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
		if (!body.stream) {
			const choice = {
				index: 0,
				message: { role: "assistant", content: null, ...message },
				finish_reason: finish,
			};
			response.writeHead(200, { "Content-Type": "application/json" });
			response.end(JSON.stringify({ ...whole, object: "chat.completion", choices: [choice], usage }));
			return;
		}
		response.writeHead(200, { "Content-Type": "text/event-stream" });
		const send = (delta: object, reason: string | null, more: object = {}) => {
			const chunk = {
				...whole,
				...more,
				object: "chat.completion.chunk",
				choices: [{ index: 0, delta, finish_reason: reason }],
			};
			response.write(`data: ${JSON.stringify(chunk)}\n\n`);
		};
		send({ role: "assistant", ...message }, null);
		send({}, finish, { usage });
		response.end("data: [DONE]\n\n");
	};
	const server = createServer((request, response) => {
		answer(request, response).catch((error: unknown) => {
			response.writeHead(500);
			response.end(JSON.stringify({ error: { message: String(error) } }));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	return {
		baseUrl: `http://127.0.0.1:${port}/v1`,
		requests,
		close: () =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	};
}

/** A model that has a tool of ours called once, then answers. */
export function calls(tool: string, args: object) {
	return ({ messages, tools }: ModelRequest): ModelReply => {
		if (messages.some(({ role }) => role === "tool")) return "Done.";
		const name = tools.find((each) => each.endsWith(tool));
		return name === undefined ? `There is no ${tool}.` : { call: name, arguments: args };
	};
}

/** What the last tool that was called answered. */
export function toolAnswer(requests: readonly ModelRequest[]): string {
	const answer = requests.flatMap(({ messages }) => messages).findLast(({ role }) => role === "tool");
	if (!answer) throw new Error("The model had no tool called.");
	return answer.content;
}

interface RawRequest {
	readonly model: string;
	readonly stream?: boolean;
	readonly messages: readonly RawMessage[];
	readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

interface RawMessage {
	readonly role: string;
	readonly content?: string | readonly { readonly text?: string }[] | null;
	readonly tool_calls?: readonly { readonly function: ModelCall }[];
}

function readRequest({ messages, tools = [] }: RawRequest): ModelRequest {
	return {
		messages: messages.map(({ role, content, tool_calls = [] }) => ({
			role,
			content:
				typeof content === "string" ? content : (content ?? []).map(({ text }) => text ?? "").join("\n"),
			calls: tool_calls.map(({ function: { name, arguments: given } }) => ({ name, arguments: given })),
		})),
		tools: tools.map((tool) => tool.function.name),
	};
}

async function textOf(request: IncomingMessage): Promise<string> {
	const parts: Buffer[] = [];
	for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
	return Buffer.concat(parts).toString("utf8");
}
