import type { IncomingHttpHeaders } from "node:http";
import type { TLSSocket } from "node:tls";
import type { HttpEndpoint } from "../config/endpoints.ts";
import { directly, type Network } from "../config/network.ts";
import { settleWay, wayTo } from "../config/proxies.ts";
import { createConnect, newCourse, type Phase } from "../endpoints/network/connect.ts";
import { ProxyError, proxysAnswer } from "../endpoints/network/proxyError.ts";
import { createTransport } from "../endpoints/network/transport.ts";
import { jsonOf } from "../endpoints/openai/answerBody.ts";
import { longestAnswer, readBody } from "../endpoints/openai/readBody.ts";

interface ProbeRequest {
	readonly method: "GET" | "POST";
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Sent as JSON. */
	readonly body?: unknown;
	/** ms for the whole request. */
	readonly deadline: number;
	readonly signal?: AbortSignal | undefined;
	/** Default: directly. */
	readonly network?: Network | undefined;
}

interface Course {
	/** ms */
	readonly duration: number;
	/** The host's addresses, as far as they were looked up. */
	readonly addresses: readonly string[];
	/** E.g. TLSv1.3; undefined without TLS. */
	readonly protocol: string | undefined;
}

export interface Answer extends Course {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

export interface Failure extends Course {
	readonly phase: Phase;
	/** Node's or OpenSSL's; `TIMEOUT` after the deadline. */
	readonly code: string;
	readonly message: string;
	/** The proxy is at fault. */
	readonly proxyError?: ProxyError | undefined;
}

export function failed(outcome: object): outcome is Failure {
	return "phase" in outcome;
}

/**
 * Sends one request so that nothing hides what happens: no retries, no redirects, and a connection of its own.
 * @throws the signal's reason when aborted.
 */
export async function send(request: ProbeRequest): Promise<Answer | Failure> {
	const { signal, deadline, method, url, headers, network = directly } = request;
	const late = AbortSignal.timeout(deadline);
	const begun = performance.now();
	const course = newCourse();
	const soFar = () => {
		const { addresses, protocol } = course;
		return { duration: performance.now() - begun, addresses, protocol };
	};
	try {
		const {
			status,
			headers: answered,
			body,
		} = await createTransport(network, { keepAlive: false })({
			method,
			url,
			headers,
			body: request.body === undefined ? undefined : JSON.stringify(request.body),
			signal: signal ? AbortSignal.any([signal, late]) : late,
			course,
		});
		const text = await readBody(body, longestAnswer(request.body, status));
		const refusal = proxysAnswer(course.proxy, url, status, jsonOf(text) === undefined ? text : undefined);
		if (refusal) throw refusal;
		return { ...soFar(), status, headers: answered, body: text };
	} catch (error) {
		signal?.throwIfAborted();
		return { ...soFar(), phase: course.phase, ...failureOf(error, late, deadline) };
	}
}

/**
 * Opens an event stream, and closes it at its first bytes.
 * @returns a failure where none came in time.
 * @throws the signal's reason when aborted.
 */
export async function firstBytes(
	request: Omit<ProbeRequest, "method" | "body">,
): Promise<Omit<Answer, "body"> | Failure> {
	const { signal, deadline, url, headers, network = directly } = request;
	const late = AbortSignal.timeout(deadline);
	const begun = performance.now();
	const course = newCourse();
	const soFar = () => ({
		duration: performance.now() - begun,
		addresses: course.addresses,
		protocol: course.protocol,
	});
	try {
		const over = signal ? AbortSignal.any([signal, late]) : late;
		const ask = createTransport(network, { keepAlive: false });
		const {
			status,
			headers: answered,
			body,
		} = await ask({ method: "GET", url, headers, signal: over, course });
		for await (const _ of body) break;
		return { ...soFar(), status, headers: answered };
	} catch (error) {
		signal?.throwIfAborted();
		return { ...soFar(), phase: course.phase, ...failureOf(error, late, deadline) };
	}
}

function failureOf(error: unknown, late: AbortSignal, deadline: number) {
	const proxyError = error instanceof ProxyError ? error : undefined;
	if (!late.aborted) return { ...namesOf(error), proxyError };
	return { code: "TIMEOUT", message: `no answer within ${Math.round(deadline)} ms`, proxyError };
}

/** After several addresses were tried, one error holds the errors of all. */
function namesOf(error: unknown): { code: string; message: string } {
	const { errors } = error as { errors?: unknown };
	const first: unknown = Array.isArray(errors) && errors.length > 0 ? errors.at(-1) : error;
	const { code } = first as { code?: unknown };
	return {
		code: typeof code === "string" ? code : "UNKNOWN",
		message: first instanceof Error ? first.message : String(first),
	};
}

/**
 * Sets up TLS with a server, trusted or not, and sends nothing.
 * @returns what `read` returns; undefined without a connection.
 */
export async function handshake<T>(
	{ baseUrl, network = directly }: Pick<HttpEndpoint, "baseUrl" | "network">,
	deadline: number,
	read: (socket: TLSSocket) => T,
): Promise<T | undefined> {
	const url = new URL(baseUrl.replace(/^http:/, "https:"));
	const way = await settleWay(wayTo(url.href, network), url.href);
	const signal = AbortSignal.timeout(Math.min(deadline, 3000));
	// The point is to read the certificate; no request goes over this connection.
	const options = { course: newCourse(), signal, checkCertificate: false };
	const proxy = way.kind === "proxy" ? way.proxy : undefined;
	const socket = await createConnect(network)(url, proxy, options).catch(() => undefined);
	if (!socket) return undefined;
	const value = read(socket as TLSSocket);
	socket.destroy();
	return value;
}
