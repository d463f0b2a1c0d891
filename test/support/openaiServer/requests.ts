import assert from "node:assert/strict";
import { OpenAiServer, type OpenAiServerOptions } from "./server.ts";

/** An answer as a client without a library gets it. */
export class Reply {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;

	constructor(response: Response, text: string) {
		this.status = response.status;
		this.headers = response.headers;
		this.text = text;
	}

	/** The value at a path of the JSON, if there is one. */
	at(...path: readonly (string | number)[]): unknown {
		let value: unknown;
		try {
			value = JSON.parse(this.text);
		} catch {
			return undefined;
		}
		for (const key of path) value = (value as Record<string | number, unknown> | undefined)?.[key];
		return value;
	}

	/** A field of every member of a list. */
	each(list: string, field: string): unknown[] {
		return (this.at(list) as Record<string, unknown>[]).map((member) => member[field]);
	}
}

/** Registers mocha's hook; servers run until their test is over. */
export function servers(): (options?: OpenAiServerOptions) => Promise<OpenAiServer> {
	const running: OpenAiServer[] = [];
	afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));
	return async (options) => {
		const server = await OpenAiServer.start(options);
		running.push(server);
		return server;
	};
}

export async function send(url: string, init: RequestInit = {}): Promise<Reply> {
	const response = await fetch(url, init);
	return new Reply(response, await response.text());
}

export function post(
	url: string,
	body: unknown,
	headers: Readonly<Record<string, string>> = {},
	signal?: AbortSignal,
): Promise<Reply> {
	return send(url, {
		method: "POST",
		headers: { "Content-Type": "application/json", ...headers },
		body: JSON.stringify(body),
		...(signal ? { signal } : {}),
	});
}

interface More {
	readonly model?: string;
	readonly [parameter: string]: unknown;
}

export function chat(
	server: OpenAiServer,
	content: string,
	more: More = {},
	headers?: Readonly<Record<string, string>>,
): Promise<Reply> {
	const { model = "test-chat" } = more;
	const body = { model, messages: [{ role: "user", content }], ...more };
	return post(place(server, "chat/completions", model), body, headers);
}

export function embed(
	server: OpenAiServer,
	input: string | readonly string[],
	more: More = {},
	headers?: Readonly<Record<string, string>>,
): Promise<Reply> {
	const { model = "test-embed" } = more;
	return post(place(server, "embeddings", model), { model, input, ...more }, headers);
}

/** Azure names the model in the path, the others in the body. */
function place({ baseUrl }: OpenAiServer, operation: string, model: string): string {
	return baseUrl.endsWith("/openai")
		? `${baseUrl}/deployments/${model}/${operation}?api-version=2024-10-21`
		: `${baseUrl}/${operation}`;
}

export function contentOf(reply: Reply): string {
	assert.equal(reply.status, 200, reply.text);
	return reply.at("choices", 0, "message", "content") as string;
}

export function vectorsOf(reply: Reply): number[][] {
	assert.equal(reply.status, 200, reply.text);
	return reply.each("data", "embedding") as number[][];
}

export function cosine(a: ArrayLike<number> | undefined, b: ArrayLike<number> | undefined): number {
	assert.ok(a && b);
	return Array.from(a).reduce((sum, value, index) => sum + value * (b[index] as number), 0);
}

/** mem0ai's prompt for a new message, without its examples. */
export function extraction(said: string): string {
	return `## Summary\n\n\n## Existing Memories\n[{"id":"0","text":"Not new."}]\n\n## New Messages\nuser: ${said}\n\n## Observation Date\n2026-11-20\n\n# Output: JSON`;
}
