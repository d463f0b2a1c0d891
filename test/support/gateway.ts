import { createServer } from "node:http";
import type { Workbench } from "./brokenSetups.ts";

export interface Refusal {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** A gateway before a server, which answers some requests itself. */
export async function gateway(
	bench: Workbench,
	inner: number,
	refuse: (headers: Readonly<Record<string, unknown>>, path: string) => Refusal | undefined,
): Promise<number> {
	const server = createServer(async (request, response) => {
		const own = refuse(request.headers, request.url ?? "/");
		let body = "";
		for await (const chunk of request) body += chunk;
		if (own) {
			response.writeHead(own.status, own.headers).end(own.body);
			return;
		}
		const answer = await fetch(`http://127.0.0.1:${inner}${request.url}`, {
			method: request.method ?? "GET",
			headers: { "content-type": "application/json" },
			body: request.method === "POST" ? body : null,
		});
		response
			.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" })
			.end(await answer.text());
	});
	return bench.raw((socket) => server.emit("connection", socket));
}
