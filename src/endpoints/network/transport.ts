import type { Agent as HttpAgent, IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type Duplex, pipeline, Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Network } from "../../config/network.ts";
import { bareHost } from "../../config/noProxy.ts";
import { getsRequests, type ProxyServer, settleWay, wayTo } from "../../config/proxies.ts";
import { Agent, ClientRequest } from "../nodeHttp.ts";
import { type Connect, type Course, createConnect, newCourse } from "./connect.ts";
import { ProxyError } from "./proxyError.ts";

export interface HttpRequest {
	readonly method: string;
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: string | undefined;
	readonly signal?: AbortSignal | undefined;
	/** Filled in while the request is under way. */
	readonly course?: Course;
}

export interface HttpResponse {
	readonly status: number;
	readonly ok: boolean;
	readonly headers: IncomingHttpHeaders;
	/** Decompressed. */
	readonly body: Readable;
}

export type Transport = (request: HttpRequest) => Promise<HttpResponse>;

/** What a new connection is made for; it comes with the options of the request that needs it. */
interface Purpose {
	readonly url: URL;
	readonly proxy: ProxyServer | undefined;
	readonly course: Course;
	readonly signal: AbortSignal | undefined;
}

/**
 * Sends requests: the one HTTP client of this product, for the memory as for the Doctor. Node's `fetch` knows no proxies,
 * and that of VS Code does not tell which one it takes. Redirects are not followed.
 * @param keepAlive whether connections are used again; idle ones do not keep the process running.
 */
export function createTransport(network: Network, { keepAlive }: { readonly keepAlive: boolean }): Transport {
	const connect = createConnect(network);
	const agents = new Map<string, HttpAgent>();
	const agentFor = ({ protocol }: URL, proxy: ProxyServer | undefined) => {
		const name = `${protocol} ${proxy?.origin ?? ""}`;
		const agent = agents.get(name) ?? createAgent(protocol, connect, keepAlive);
		agents.set(name, agent);
		return agent;
	};

	return async ({ method, url: target, headers, body, signal, course = newCourse() }) => {
		signal?.throwIfAborted();
		const url = new URL(target);
		const way = await settleWay(wayTo(target, network), target);
		if (way.kind === "unusable")
			throw new ProxyError({ origin: "", variable: way.variable }, "UNUSABLE", { accepted: way.accepted });
		const proxy = way.kind === "proxy" ? way.proxy : undefined;
		course.proxy = proxy;
		course.atProxy = proxy !== undefined;
		const asksProxy = proxy !== undefined && getsRequests(proxy, target);
		const purpose: Purpose = { url, proxy, course, signal };
		const options: RequestOptions & { readonly purpose: Purpose } = {
			agent: agentFor(url, proxy),
			protocol: url.protocol,
			hostname: bareHost(url.hostname),
			port: url.port,
			method,
			path: asksProxy ? `${url.origin}${url.pathname}${url.search}` : `${url.pathname}${url.search}`,
			headers: {
				"accept-encoding": Object.keys(decoders).join(", "),
				host: url.host,
				...headers,
				...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
				...(asksProxy && proxy.authorization ? { "proxy-authorization": proxy.authorization } : {}),
			},
			...(signal ? { signal } : {}),
			purpose,
		};
		return new Promise<HttpResponse>((resolve, reject) => {
			// VS Code replaces the agent in what `http.request` sends.
			const outgoing = new ClientRequest(options);
			outgoing.on("error", (error) => {
				const reason: unknown = signal?.aborted ? signal.reason : error;
				reject(proxy && course.atProxy ? ProxyError.of(proxy, reason) : reason);
			});
			outgoing.once("socket", () => {
				course.atProxy = false;
				course.phase = "answer";
			});
			outgoing.once("response", (response) => {
				course.phase = "body";
				const { statusCode: status = 0 } = response;
				if (proxy && asksProxy && status === 407) {
					reject(new ProxyError(proxy, "REFUSED", { status }));
					outgoing.destroy();
					return;
				}
				const ok = status >= 200 && status < 300;
				resolve({ status, ok, headers: response.headers, body: decompressed(response) });
			});
			outgoing.end(body);
		});
	};
}

/** `fetch` by a transport, for packages that want one. */
export function fetchBy(transport: Transport): (url: string | URL, init?: RequestInit) => Promise<Response> {
	return async (url, init = {}) => {
		const { status, headers, body } = await transport({
			method: init.method ?? "GET",
			url: String(url),
			headers: Object.fromEntries(new Headers(init.headers)),
			body: typeof init.body === "string" ? init.body : undefined,
			signal: init.signal ?? undefined,
		});
		const given = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]);
		const empty = [204, 205, 304].includes(status);
		return new Response(empty ? null : Readable.toWeb(body), { status, headers: given });
	};
}

function createAgent(protocol: string, connect: Connect, keepAlive: boolean): HttpAgent {
	const reuse = { keepAlive, scheduling: "lifo", timeout: 5000 } as const;
	const agent = new (protocol === "https:" ? HttpsAgent : Agent)(keepAlive ? reuse : { keepAlive });
	agent.createConnection = (options, done) => {
		const { url, proxy, ...how } = (options as { readonly purpose: Purpose }).purpose;
		connect(url, proxy, how).then(
			(socket) => done?.(null, socket),
			// There is no socket beside an error.
			(error: Error) => done?.(error, undefined as unknown as Duplex),
		);
		return undefined;
	};
	return agent;
}

const decoders = {
	gzip: createGunzip,
	deflate: createInflate,
	br: createBrotliDecompress,
} as const;

function decompressed(response: IncomingMessage): Readable {
	const encoding = response.headers["content-encoding"]?.trim().toLowerCase().replace(/^x-/, "") ?? "";
	if (!(encoding in decoders)) return response;
	const decoder = decoders[encoding as keyof typeof decoders]();
	// An error of either ends both, and the reader gets it.
	pipeline(response, decoder, () => undefined);
	return decoder;
}
