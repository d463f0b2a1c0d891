import * as http from "node:http";
import * as https from "node:https";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";

/**
 * Whether a request failed because the server said "100 Continue", for which nothing had asked. RFC 9110 §15.2 allows that;
 * `fetch` takes it for a broken answer.
 */
export function isUnaskedContinue(error: unknown): boolean {
	const { cause } = (error ?? {}) as { cause?: unknown };
	return cause instanceof Error && cause.message === "bad response";
}

/** As `fetch` with `redirect: "manual"`, by Node's older client, which reads on after "100 Continue". */
export function requestByHttp(
	url: string,
	{
		method,
		body,
		headers,
		signal,
	}: Readonly<Pick<RequestInit, "method" | "body" | "signal">> & {
		readonly headers: Readonly<Record<string, string>>;
	},
): Promise<Response> {
	const { request, Agent } = url.startsWith("https:") ? https : http;
	return new Promise((resolve, reject) => {
		const outgoing = request(url, {
			method: method ?? "GET",
			headers: { ...headers },
			// The proxy that `fetch` uses.
			agent: new Agent({ proxyEnv: process.env }),
			...(signal ? { signal } : {}),
		});
		outgoing.on("error", (cause) => reject(new TypeError("request failed", { cause })));
		outgoing.on("response", (incoming) => {
			const { statusCode: status = 0 } = incoming;
			const entries = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
			const content = status === 204 || status === 304 ? null : Readable.toWeb(incoming);
			resolve(
				new Response(content as ReadableStream<Uint8Array> | null, {
					status,
					headers: Object.fromEntries(entries),
				}),
			);
		});
		outgoing.end(typeof body === "string" ? body : undefined);
	});
}
