import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { RequestId } from "@modelcontextprotocol/sdk/types.js";
import type { Clock } from "../../config/clock.ts";
import type { Log } from "../../config/log.ts";
import type { Project } from "../../store/types.ts";
import { type Caller, isSamePerson, type Standing } from "./access/caller.ts";
import { awaitEventStream } from "./eventStream.ts";

export interface HttpSession {
	/** Whose it is, with the last token they showed. */
	caller: Caller;
	readonly transport: WebStandardStreamableHTTPServerTransport;
	/** Requests whose answers have not ended, each with those of its batch that are not answered yet. */
	readonly answering: Map<RequestId, Set<RequestId>>;
	/** The answer to the newest GET: the client's event stream, unless it was refused. */
	stream: ServerResponse | undefined;
	/** HTTP requests, event streams included, whose answer has not ended. */
	open: number;
	lastUsed: number;
}

const maxSessions = 200;
/** Where many people are served, and of one of them. */
const maxTeamSessions = 1000;
const maxSessionsOfOne = 100;
/** ms between looks whether people are still let in. */
const standingInterval = 2000;
/** ms after which an unused session is closed; a client that comes back starts a new one. */
const idleTimeout = 30 * 60_000;
/** ms between looks for unused sessions. */
const sweepInterval = 60_000;

export interface SessionOptions {
	/** Makes the MCP server of a new session. */
	readonly createSession: (caller: Caller, project: Project | undefined) => Server;
	/** Whether somebody who was let in still is. */
	readonly standing: (caller: Caller) => Promise<Standing>;
	readonly log: Log;
	/** ms between signs of life on an event stream. */
	readonly keepAlive: number;
	readonly clock: Clock;
}

/** The open sessions. One in use is never closed for another. */
export function createSessions({ createSession, standing, log, keepAlive, clock }: SessionOptions) {
	const sessions = new Map<string, HttpSession>();
	const idle = () => [...sessions.values()].filter(({ open }) => open === 0);

	let cancelSweep: () => void;
	const sweep = () => {
		for (const { lastUsed, transport } of idle())
			if (clock.now() - lastUsed >= idleTimeout) void transport.close();
		cancelSweep = clock.after(sweepInterval, sweep);
	};
	sweep();

	let cancelCheck: () => void;
	const check = async () => {
		for (const session of sessions.values())
			try {
				const now = await standing(session.caller);
				if (now === "out") void session.transport.close();
				// The client opens it again with a new token.
				else if (now === "expired") session.stream?.destroy();
			} catch (error) {
				log.warn(`A session could not be checked: ${(error as Error).message}`);
			}
		if (!closed) cancelCheck = clock.after(standingInterval, check);
	};
	let closed = false;
	cancelCheck = clock.after(standingInterval, check);

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
		/** The session of that id, if it is the caller's. */
		find(id: string, caller: Caller): HttpSession | undefined {
			const session = sessions.get(id);
			if (!session || !isSamePerson(session.caller, caller)) return undefined;
			session.caller = caller;
			return session;
		},
		/** Keeps the session in use until the response has ended. */
		use,

		/**
		 * Begins a session with its first request, in place of the one unused longest if there are too many.
		 * @returns how many there may be, if all are in use.
		 */
		async begin(
			response: ServerResponse,
			caller: Caller,
			project: Project | undefined,
		): Promise<HttpSession | number> {
			const isOwn = (session: HttpSession) => isSamePerson(session.caller, caller);
			const own = caller.actor ? [...sessions.values()].filter(isOwn).length : 0;
			const most = caller.actor ? maxTeamSessions : maxSessions;
			if (own >= maxSessionsOfOne || sessions.size >= most) {
				const [oldest] = idle()
					.filter((session) => own < maxSessionsOfOne || isOwn(session))
					.sort((a, b) => a.lastUsed - b.lastUsed);
				if (!oldest) return own >= maxSessionsOfOne ? maxSessionsOfOne : most;
				void oldest.transport.close();
			}
			const id = randomUUID();
			const transport = new WebStandardStreamableHTTPServerTransport({
				sessionIdGenerator: () => id,
				keepAliveMs: keepAlive,
			});
			const session: HttpSession = {
				caller,
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
			const mcp = createSession(caller, project);
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
			closed = true;
			cancelSweep();
			cancelCheck();
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
