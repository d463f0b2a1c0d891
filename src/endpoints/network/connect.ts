import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";
import type { Network } from "../../config/network.ts";
import { bareHost } from "../../config/noProxy.ts";
import { isSocks, type ProxyServer, trustsSystem } from "../../config/proxies.ts";
import { ClientRequest } from "../nodeHttp.ts";
import { isUnknownAuthority, systemTrust } from "./certificates.ts";
import { ProxyError } from "./proxyError.ts";
import { socksTunnel } from "./socks.ts";

/** How far a request got: looking up the name, connecting, TLS, waiting for the answer, reading it. */
export type Phase = "dns" | "tcp" | "tls" | "answer" | "body";

/** What is known of a request while it is under way. */
export interface Course {
	phase: Phase;
	/** The addresses that were looked up. */
	readonly addresses: string[];
	/** E.g. TLSv1.3; undefined without TLS. */
	protocol: string | undefined;
	/** The proxy through which it goes. */
	proxy: ProxyServer | undefined;
	/** Whether the proxy has not yet made the connection: what fails now is the proxy's fault. */
	atProxy: boolean;
}

export function newCourse(): Course {
	return { phase: "dns", addresses: [], protocol: undefined, proxy: undefined, atProxy: false };
}

/** ms; a packet filter that drops everything does not use up the time of the request. */
const connectTimeout = 10_000;

interface ConnectOptions {
	readonly course: Course;
	readonly signal?: AbortSignal | undefined;
	/** Default: true. */
	readonly checkCertificate?: boolean;
}

export type Connect = (url: URL, proxy: ProxyServer | undefined, options: ConnectOptions) => Promise<Socket>;

/**
 * Makes connections to the host of a URL: sockets over which a request can be sent, after TLS where the URL says https.
 * A proxy is asked for a tunnel for https, so that it reads nothing, and gets requests for http itself.
 * @throws ProxyError; Node's errors where the server is at fault.
 */
export function createConnect(network: Network): Connect {
	/** The system's certificates, once they have helped. */
	let trust: SecureContext | undefined;

	return async (url, proxy, options) => {
		const { course } = options;
		const check = options.checkCertificate !== false && proxy?.strict !== false;

		const attempt = async (context: SecureContext | undefined): Promise<Socket> => {
			const tls = { ...options, check, context };
			course.atProxy = proxy !== undefined;
			const first = proxy ? new URL(proxy.origin) : url;
			let socket = await dial(first, options);
			if (proxy && first.protocol === "https:") socket = await secure(socket, first, tls);
			if (proxy && isSocks(proxy)) await bySocks(socket, proxy, url, options);
			if (url.protocol !== "https:") return socket;
			if (proxy && !isSocks(proxy)) await tunnel(socket, proxy, url, options);
			course.atProxy = false;
			const secured = await secure(socket, url, tls);
			course.protocol = secured.getProtocol() ?? undefined;
			return secured;
		};
		try {
			return await attempt(trust);
		} catch (error) {
			if (trust || !trustsSystem(network) || !isUnknownAuthority(error)) throw error;
			const context = await systemTrust();
			const socket = await attempt(context);
			trust = context;
			return socket;
		}
	};
}

type Steps = Pick<ConnectOptions, "course" | "signal">;

function dial({ hostname, port, protocol }: URL, { course, signal }: Steps): Promise<Socket> {
	const host = bareHost(hostname);
	course.phase = isIP(host) ? "tcp" : "dns";
	const socket = connect({ host, port: portOf({ port, protocol }), noDelay: true });
	socket.on("lookup", (error: Error | null, address: string) => {
		if (error) return;
		if (!course.atProxy) course.addresses.push(address);
		course.phase = "tcp";
	});
	return step(socket, "connect", signal, connectTimeout);
}

function portOf({ port, protocol }: Pick<URL, "port" | "protocol">): number {
	return Number(port || (protocol.startsWith("socks") ? 1080 : protocol === "https:" ? 443 : 80));
}

function bySocks(socket: Socket, proxy: ProxyServer, url: URL, { course, signal }: Steps): Promise<void> {
	course.phase = "answer";
	const asked = socksTunnel(socket, proxy, bareHost(url.hostname), portOf(url));
	return orDestroy(socket, asked, signal, 2 * connectTimeout);
}

function secure(
	socket: Socket,
	{ hostname }: URL,
	{ course, signal, check, context }: Steps & { check: boolean; context: SecureContext | undefined },
): Promise<TLSSocket> {
	course.phase = "tls";
	const host = bareHost(hostname);
	const secured = connectTls({
		socket,
		host,
		...(isIP(host) ? {} : { servername: host }),
		...(context ? { secureContext: context } : {}),
		ALPNProtocols: ["http/1.1"],
		rejectUnauthorized: check,
	});
	return step(secured, "secureConnect", signal, connectTimeout);
}

/** Asks a proxy for a connection to a host (RFC 9110 §9.3.6). */
async function tunnel(
	socket: Socket,
	proxy: ProxyServer,
	{ hostname, port }: URL,
	{ course, signal }: Steps,
) {
	course.phase = "answer";
	const path = `${hostname}:${port || 443}`;
	const { authorization } = proxy;
	// VS Code puts a proxy of its own into what `http.request` sends.
	const request = new ClientRequest({
		method: "CONNECT",
		path,
		headers: { host: path, ...(authorization ? { "proxy-authorization": authorization } : {}) },
		createConnection: () => socket,
	});
	const answered = new Promise<void>((resolve, reject) => {
		request.once("error", reject);
		request.once("connect", ({ statusCode = 0 }, _socket, head) => {
			if (head.length > 0) socket.unshift(head);
			if (statusCode >= 200 && statusCode < 300) resolve();
			else reject(new ProxyError(proxy, "REFUSED", { status: statusCode }));
		});
	});
	request.end();
	await orDestroy(socket, answered, signal, 2 * connectTimeout);
}

function step<S extends Socket>(
	socket: S,
	event: "connect" | "secureConnect",
	signal: AbortSignal | undefined,
	timeout: number,
): Promise<S> {
	const done = new Promise<S>((resolve, reject) => {
		socket.once(event, () => resolve(socket));
		socket.once("error", reject);
	});
	return orDestroy(socket, done, signal, timeout);
}

/** Destroys the socket when the work fails, takes too long or is cancelled. */
async function orDestroy<T>(
	socket: Socket,
	work: Promise<T>,
	signal: AbortSignal | undefined,
	timeout: number,
): Promise<T> {
	const late = setTimeout(
		() => socket.destroy(Object.assign(new Error("no connection in time"), { code: "ETIMEDOUT" })),
		timeout,
	);
	const cancel = () => socket.destroy(new Error("cancelled", { cause: signal?.reason }));
	signal?.addEventListener("abort", cancel, { once: true });
	if (signal?.aborted) cancel();
	try {
		return await work;
	} catch (error) {
		// An error that comes after this one is not told to anybody.
		socket.on("error", () => undefined);
		socket.destroy();
		throw error;
	} finally {
		clearTimeout(late);
		signal?.removeEventListener("abort", cancel);
	}
}
