import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { RequestId } from "@modelcontextprotocol/sdk/types.js";
import type { Clock } from "../../config/clock.ts";
import type { Log } from "../../config/log.ts";
import { awaitEventStream } from "./eventStream.ts";

export interface HttpSession {
	readonly transport: WebStandardStreamableHTTPServerTransport;
	/** Requests whose answers have not ended, each with those of its batch that are not answered yet. */
	readonly answering: Map<RequestId, Set<RequestId>>;
	/** The answer to the newest GET: the client's event stream, unless it was refused. */
	stream: ServerResponse | undefined;
	/** HTTP requests, event streams included, whose answer has not ended. */
	open: number;
	lastUsed: number;
}

export const maxSessions = 200;
/** ms after which an unused session is closed; a client that comes back starts a new one. */
const idleTimeout = 30 * 60_000;
/** ms between looks for unused sessions. */
const sweepInterval = 60_000;

export interface SessionOptions {
	/** Makes the MCP server of a new session. */
	readonly createSession: () => Server;
	readonly log: Log;
	/** ms between signs of life on an event stream. */
	readonly keepAlive: number;
	readonly clock: Clock;
}

/** The open sessions. One in use is never closed for another. */
export function createSessions({ createSession, log, keepAlive, clock }: SessionOptions) {
	const sessions = new Map<string, HttpSession>();
	const idle = () => [...sessions.values()].filter(({ open }) => open === 0);

	let cancelSweep: () => void;
	const sweep = () => {
		for (const { lastUsed, transport } of idle())
			if (clock.now() - lastUsed >= idleTimeout) void transport.close();
		cancelSweep = clock.after(sweepInterval, sweep);
	};
	sweep();

	const use = (session: HttpSession, response: ServerResponse) => {
		session.open += 1;
		response.once("close", () => {
			session.open -= 1;
			session.lastUsed = clock.now();
			// A first request that did not initialize leaves a session that no client can name.
			if (session.transport.sessionId === undefined) void session.transport.close();
		});
	};

	return {
		get size() {
			return sessions.size;
		},
		find: (id: string) => sessions.get(id),
		/** Keeps the session in use until the response has ended. */
		use,

		/**
		 * Begins a session with its first request, in place of the one unused longest if there are too many.
		 * @returns undefined if all are in use.
		 */
		async begin(response: ServerResponse): Promise<HttpSession | undefined> {
			if (sessions.size >= maxSessions) {
				const [oldest] = idle().sort((a, b) => a.lastUsed - b.lastUsed);
				if (!oldest) return undefined;
				void oldest.transport.close();
			}
			const id = randomUUID();
			const transport = new WebStandardStreamableHTTPServerTransport({
				sessionIdGenerator: () => id,
				keepAliveMs: keepAlive,
			});
			const session: HttpSession = {
				transport,
				answering: new Map(),
				stream: undefined,
				open: 0,
				lastUsed: clock.now(),
			};
			sessions.set(id, session);
			use(session, response);
			log.debug(`MCP session ${sessions.size} opened.`);
			awaitEventStream(transport, () => session.stream);
			followAnswers(session);
			const mcp = createSession();
			const { onclose } = mcp;
			mcp.onclose = () => {
				onclose?.();
				sessions.delete(id);
			};
			// The SDK's transport class predates `exactOptionalPropertyTypes`; it is a Transport.
			await mcp.connect(transport as Parameters<Server["connect"]>[0]);
			return session;
		},

		/** @param patience ms that answers may still take. */
		async close(patience: number): Promise<void> {
			cancelSweep();
			const deadline = performance.now() + patience;
			const answering = () => [...sessions.values()].some((session) => session.answering.size > 0);
			while (answering() && performance.now() < deadline) await sleep(5);
			await Promise.all([...sessions.values()].map(({ transport }) => transport.close()));
		},
	};
}

/** Notes what has been answered. */
function followAnswers(session: HttpSession): void {
	const { transport } = session;
	const send = transport.send.bind(transport);
	transport.send = async (message, options) => {
		await send(message, options);
		if (!("method" in message) && message.id !== undefined) settle(session, message.id);
	};
}

/**
 * A request needs no answer any more, being answered or cancelled. The SDK keeps the response open until each request in
 * it is answered, which those that were cancelled never are.
 */
export function settle({ answering, transport }: HttpSession, id: RequestId): void {
	const rest = answering.get(id);
	rest?.delete(id);
	if (rest?.size === 0) transport.closeSSEStream(id);
}
