import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import * as http from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";
import { pipeline } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
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
}

/** How far a request got: looking up the name, connecting, TLS, waiting for the answer, reading it. */
type Phase = "dns" | "tcp" | "tls" | "answer" | "body";

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
}

export function failed(outcome: Answer | Failure): outcome is Failure {
	return "phase" in outcome;
}

/**
 * Sends one request so that nothing hides what happens: no retries, no redirects, and a connection of its own.
 * @throws the signal's reason when aborted.
 */
export function send(request: ProbeRequest): Promise<Answer | Failure> {
	const { signal, deadline } = request;
	signal?.throwIfAborted();
	const url = new URL(request.url);
	const secure = url.protocol === "https:";
	const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
	const late = AbortSignal.timeout(deadline);
	const begun = performance.now();
	const addresses: string[] = [];
	let phase: Phase = isIP(url.hostname.replace(/^\[|\]$/g, "")) ? "tcp" : "dns";
	let protocol: string | undefined;
	const course = () => ({ duration: performance.now() - begun, addresses, protocol });

	return new Promise((resolve, reject) => {
		const outgoing = (secure ? https : http).request(url, {
			method: request.method,
			headers: {
				...request.headers,
				connection: "close",
				...(payload ? { "content-length": String(payload.length) } : {}),
			},
			signal: signal ? AbortSignal.any([signal, late]) : late,
		});
		const settle = (outcome: Answer | Failure) => {
			resolve(outcome);
			outgoing.destroy();
		};
		const fail = (error: unknown) => {
			if (signal?.aborted) reject(signal.reason);
			else if (late.aborted) {
				const message = `no answer within ${Math.round(deadline)} ms`;
				settle({ ...course(), phase, code: "TIMEOUT", message });
			} else settle({ ...course(), phase, ...namesOf(error) });
		};

		outgoing.on("error", fail);
		outgoing.on("socket", (socket) => {
			if (!socket.connecting) phase = "answer";
			socket.on("lookup", (error: Error | null, address: string) => {
				if (error) return;
				addresses.push(address);
				phase = "tcp";
			});
			socket.on("connect", () => {
				phase = secure ? "tls" : "answer";
			});
			socket.on("secureConnect", () => {
				phase = "answer";
				protocol = (socket as TLSSocket).getProtocol() ?? undefined;
			});
		});
		outgoing.on("response", (response) => {
			phase = "body";
			readBody(decompressed(response), longestAnswer(request.body, response.statusCode ?? 0)).then(
				(body) => settle({ ...course(), status: response.statusCode ?? 0, headers: response.headers, body }),
				fail,
			);
		});
		outgoing.end(payload);
	});
}

const decoders = {
	gzip: createGunzip,
	"x-gzip": createGunzip,
	deflate: createInflate,
	br: createBrotliDecompress,
} as const;

/** Some servers compress what nobody asked them to; `fetch`, which the memory uses, reads that. */
function decompressed(response: IncomingMessage): AsyncIterable<Uint8Array> {
	const encoding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "";
	if (!(encoding in decoders)) return response;
	const decoder = decoders[encoding as keyof typeof decoders]();
	// An error of either ends both, and the reader gets it.
	pipeline(response, decoder, () => undefined);
	return decoder;
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
export function handshake<T>(baseUrl: string, deadline: number, read: (socket: TLSSocket) => T) {
	const { hostname, port } = new URL(baseUrl);
	const host = hostname.replace(/^\[|\]$/g, "");
	return new Promise<T | undefined>((resolve) => {
		const socket = connect({
			host,
			port: Number(port || 443),
			...(/[a-z]/i.test(host) && !host.includes(":") ? { servername: host } : {}),
			// The point is to read the certificate; no request goes over this connection.
			rejectUnauthorized: false,
		});
		const end = (value: T | undefined) => {
			clearTimeout(timer);
			socket.destroy();
			resolve(value);
		};
		const timer = setTimeout(() => end(undefined), Math.min(deadline, 3000));
		socket.once("secureConnect", () => end(read(socket)));
		socket.once("error", () => end(undefined));
	});
}
