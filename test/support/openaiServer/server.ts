import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text as readText } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { type Fault, type FaultScope, Faults } from "./faults.ts";
import { answerRequest, roleOf } from "./routes.ts";
import { type Settings, settingsOf } from "./settings.ts";
import type { Answer, OpenAiServerOptions, RecordedRequest, Role } from "./types.ts";

export { distil } from "./distil.ts";
export type { Fault, FaultScope } from "./faults.ts";
export type {
	ChatMessage,
	ChatReply,
	ChatRequest,
	Family,
	JsonMode,
	OpenAiServerOptions,
	RecordedRequest,
	Role,
} from "./types.ts";
export { families } from "./types.ts";

/**
 * A real HTTP server on 127.0.0.1 that speaks the OpenAI API as one of its many servers does, goes wrong when told to,
 * and remembers what it was asked. Its embeddings come from the built-in model.
 */
export class OpenAiServer {
	/** E.g. http://127.0.0.1:1234, which is what Azure's customers configure. */
	readonly origin: string;
	/** E.g. http://127.0.0.1:1234/v1. */
	readonly baseUrl: string;
	readonly port: number;
	readonly #settings: Settings;
	readonly #server: Server;
	readonly #faults = new Faults();
	readonly #requests: RecordedRequest[] = [];
	readonly #sockets = new Set<Socket>();
	#connections = 0;
	#running = 0;
	#mostAtOnce = 0;

	private constructor(server: Server, settings: Settings) {
		this.#server = server;
		this.#settings = settings;
		this.port = (server.address() as AddressInfo).port;
		this.origin = `http://127.0.0.1:${this.port}`;
		this.baseUrl = `${this.origin}${settings.basePath}`;
		server.on("connection", (socket) => {
			this.#connections += 1;
			this.#sockets.add(socket);
			socket.on("close", () => this.#sockets.delete(socket));
		});
		server.on("request", (request, response) => {
			// A client that goes away in the middle is nobody's error here; the answer has nowhere to go.
			this.#running += 1;
			this.#mostAtOnce = Math.max(this.#mostAtOnce, this.#running);
			this.#serve(request, response)
				.catch((error: unknown) => {
					if (response.writable && !response.headersSent) response.writeHead(500).end(String(error));
					else response.destroy();
				})
				.finally(() => {
					this.#running -= 1;
				});
		});
	}

	static async start(options: OpenAiServerOptions = {}): Promise<OpenAiServer> {
		const server = createServer({ keepAliveTimeout: 30_000 });
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen({ port: options.port ?? 0, host: "127.0.0.1", backlog: 1024 }, resolve);
		});
		return new OpenAiServer(server, settingsOf(options));
	}

	/** All requests so far, in order of arrival, those that a fault befell included. */
	get requests(): readonly RecordedRequest[] {
		return this.#requests;
	}

	count(path: Role): number {
		return this.#requests.filter((request) => roleOf(request.path) === path).length;
	}

	/** The most requests that were being answered at the same time. */
	get mostAtOnce(): number {
		return this.#mostAtOnce;
	}

	/** Connections accepted so far. */
	connections(): number {
		return this.#connections;
	}

	/**
	 * Lets the following requests go wrong. Faults with `times` come first, in the order they were set; one without
	 * replaces the last one without.
	 */
	fault(fault: Fault, where?: FaultScope): void {
		this.#faults.set(fault, where);
	}

	/** No faults any more. */
	mend(): void {
		this.#faults.mend();
	}

	/** Dies at once, in the middle of requests too; its port is free afterwards. */
	async close(): Promise<void> {
		if (!this.#server.listening) return;
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const socket of this.#sockets) socket.destroy();
		await closed;
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		// Not `new URL`, to which a path that begins with two slashes is a host.
		const [, path = "/", query = ""] = /^([^?]*)(\?.*)?$/.exec(request.url ?? "/") ?? [];
		const { method = "GET", headers } = request;
		const recorded = { method, path, query, headers, at: Date.now(), body: undefined as unknown };
		this.#requests.push(recorded);
		const fault = this.#faults.next(roleOf(path));
		if (fault?.kind === "refuse") {
			request.socket.destroy();
			return;
		}
		recorded.body = parsed(await readText(request));
		if (fault?.kind === "hang") return;
		if (this.#settings.delay > 0) await wait(this.#settings.delay, undefined, { ref: false });
		await deliver(response, await answerRequest(recorded, this.#settings, fault), fault);
	}
}

function parsed(body: string): unknown {
	if (body === "") return undefined;
	try {
		return JSON.parse(body);
	} catch {
		return body;
	}
}

async function deliver(response: ServerResponse, answer: Answer, fault: Fault | undefined): Promise<void> {
	const body = Buffer.from(answer.body);
	response.writeHead(answer.status, { ...answer.headers, "Content-Length": body.length });
	if (fault?.kind === "reset") {
		response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
		return;
	}
	if (fault?.kind === "stall") {
		response.write(body.subarray(0, Math.floor(body.length / 2)));
		return;
	}
	if (fault?.kind === "trickle") await trickle(response, body, fault.over);
	else response.end(body);
}

/** Writes a piece every few ms, single bytes where there is time for it. */
async function trickle(response: ServerResponse, body: Buffer, over: number): Promise<void> {
	const interval = 5;
	const piece = Math.max(1, Math.ceil(body.length / (over / interval)));
	const begun = performance.now();
	for (let at = 0; at < body.length && !response.destroyed; at += piece) {
		response.write(body.subarray(at, at + piece));
		// By the clock, since timers are late.
		const due = begun + (over * Math.min(at + piece, body.length)) / body.length;
		await wait(Math.max(0, due - performance.now()), undefined, { ref: false });
	}
	response.end();
}
