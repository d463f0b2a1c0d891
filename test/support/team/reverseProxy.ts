import { request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Workbench } from "../fixtures/brokenSetups.ts";

export interface ReverseProxy {
	/** Answers a request itself. @returns whether it does. */
	readonly own?: (request: IncomingMessage, response: ServerResponse) => boolean;
	/** Changes what the server answers to a request to a path. */
	readonly rewrite?: readonly [path: string, change: (result: Record<string, unknown>) => object];
	/** Sends the body of an answer once it has all of it. */
	readonly buffers?: boolean;
	/** The name that the server is asked by. */
	readonly name?: string;
}

/** A proxy before a server, as people put nginx there. @returns its port. */
export function reverseProxy(
	bench: Workbench,
	{ port }: { readonly port: number | string },
	{ own, rewrite, buffers = false, name }: ReverseProxy,
): Promise<number> {
	const server = createServer((request, response) => {
		if (own?.(request, response)) return;
		const { method, url = "/", headers } = request;
		const options = { host: "127.0.0.1", port, method, path: url, headers: { ...headers } };
		if (name !== undefined) options.headers.host = name;
		const outgoing = ask(options, async (answer) => {
			const [path, change] = rewrite ?? [];
			const changes = path !== undefined && url.endsWith(path) ? change : undefined;
			const { "content-length": _, ...rest } = answer.headers;
			if (!changes && !buffers) {
				response.writeHead(answer.statusCode ?? 500, rest);
				answer.pipe(response);
				return;
			}
			if (buffers) response.writeHead(answer.statusCode ?? 500, rest).flushHeaders();
			const body = await buffer(answer).catch(() => undefined);
			if (!body) return void response.destroy();
			const sent = changes ? JSON.stringify({ result: changes(JSON.parse(body.toString()).result) }) : body;
			if (!response.headersSent) response.writeHead(answer.statusCode ?? 500, rest);
			response.end(sent);
		});
		outgoing.on("error", () => response.destroy());
		response.once("close", () => outgoing.destroy());
		request.pipe(outgoing);
	});
	return bench.raw((socket) => void server.emit("connection", socket));
}
