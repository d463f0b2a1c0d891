import { randomBytes, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { type Clock, systemClock } from "../../config/clock.ts";
import type { Log } from "../../config/log.ts";
import { InputError } from "../../memory/errors.ts";
import { bearerCheck, refusalOf, refuse, sessionEnded } from "./admission.ts";

export interface HttpHostOptions {
	/** Makes the MCP server of a new session. */
	readonly createSession: () => Server;
	readonly log: Log;
	readonly host: string;
	/** 0 takes a free port. */
	readonly port: number;
	/** A random one when absent. */
	readonly token?: string | undefined;
	/** ms between signs of life on an event stream. */
	readonly keepAlive?: number;
	readonly clock?: Clock;
}

export interface HttpHost {
	/** `http://host:port/mcp` */
	readonly url: string;
	readonly token: string;
	/** Number of open sessions. */
	readonly sessions: number;
	/** Ends all sessions and stops listening. */
	close(): Promise<void>;
}

interface Session {
	readonly transport: StreamableHTTPServerTransport;
	/** Requests, event streams included, whose answer has not ended. */
	open: number;
	lastUsed: number;
}

const maxBodySize = 1024 * 1024;
/** Other editors drop an event stream that is silent for longer. */
export const defaultKeepAlive = 10_000;
/** ms after which an unused session is closed; a client that comes back starts a new one. */
const idleTimeout = 30 * 60_000;
const maxSessions = 200;
/** ms between looks for unused sessions. */
const sweepInterval = 60_000;

/**
 * Serves MCP over Streamable HTTP at `/mcp`, to clients that know the token.
 * @throws InputError when the port is taken or the address does not belong to this machine.
 */
export async function startHttpHost({
	createSession,
	log,
	host,
	port: wantedPort,
	token = randomBytes(32).toString("base64url"),
	keepAlive = defaultKeepAlive,
	clock = systemClock,
}: HttpHostOptions): Promise<HttpHost> {
	const sessions = new Map<string, Session>();
	const isAuthorized = bearerCheck(token);

	const server = createServer((request, response) => {
		response.on("error", (error) => log.debug(`HTTP: ${error.message}`));
		const refusal = refusalOf(request, host, isAuthorized);
		const handled = refusal ? refuse(response, ...refusal) : serve(request, response);
		Promise.resolve(handled).catch((error: unknown) => {
			log.error(`HTTP: ${error instanceof Error ? error.message : String(error)}`);
			if (!response.headersSent) refuse(response, 500, -32603, "The memory server failed. See its log.");
			else response.destroy();
		});
	});

	const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const id = request.headers["mcp-session-id"];
		const session = typeof id === "string" ? sessions.get(id) : undefined;
		if (id !== undefined && !session) return refuse(response, ...sessionEnded);
		const inUse = session ?? (await newSession());
		inUse.open += 1;
		response.once("close", () => {
			inUse.open -= 1;
			inUse.lastUsed = clock.now();
			// A first request that did not initialize leaves a session that no client can name.
			if (inUse.transport.sessionId === undefined) void inUse.transport.close();
		});
		await inUse.transport.handleRequest(request, response);
	};

	const newSession = async (): Promise<Session> => {
		const transport = new StreamableHTTPServerTransport({
			sessionIdGenerator: randomUUID,
			keepAliveMs: keepAlive,
			maxRequestBodySize: maxBodySize,
			onsessioninitialized: (id) => {
				sessions.set(id, session);
				log.debug(`MCP session ${sessions.size} opened.`);
				if (sessions.size <= maxSessions) return;
				const [oldest] = [...sessions.values()].sort((a, b) => a.lastUsed - b.lastUsed);
				void oldest?.transport.close();
			},
			onsessionclosed: (id) => {
				sessions.delete(id);
			},
		});
		const session: Session = { transport, open: 0, lastUsed: clock.now() };
		const mcp = createSession();
		const { onclose } = mcp;
		mcp.onclose = () => {
			onclose?.();
			if (transport.sessionId) sessions.delete(transport.sessionId);
		};
		// The SDK's transport class predates `exactOptionalPropertyTypes`; it is a Transport.
		await mcp.connect(transport as Parameters<Server["connect"]>[0]);
		return session;
	};

	let cancelSweep: () => void;
	const sweep = () => {
		for (const { open, lastUsed, transport } of sessions.values())
			if (open === 0 && clock.now() - lastUsed >= idleTimeout) void transport.close();
		cancelSweep = clock.after(sweepInterval, sweep);
	};
	sweep();

	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, wantedPort)));
		server.listen(wantedPort, host.replace(/^\[(.*)\]$/, "$1"), resolve);
	});
	const { address, port, family } = server.address() as AddressInfo;

	return {
		url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}/mcp`,
		token,
		get sessions() {
			return sessions.size;
		},
		close: async () => {
			cancelSweep();
			await Promise.all([...sessions.values()].map(({ transport }) => transport.close()));
			sessions.clear();
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeIdleConnections();
			// Answers under way may finish; then their connections are cut.
			const cut = setTimeout(() => server.closeAllConnections(), 1000).unref();
			await closed;
			clearTimeout(cut);
		},
	};
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
	const inUse = `Port ${port} on ${host} is in use. Set PORT to another one, or to 0 for a free one.`;
	const reserved = `This user may not use port ${port} on ${host}. Set PORT above 1023.`;
	const notHere = `HOST=${JSON.stringify(host)} is not an address of this machine. Use 127.0.0.1, or 0.0.0.0 for all of its addresses.`;
	switch (error.code) {
		case "EADDRINUSE":
			return new InputError("PORT", inUse);
		case "EACCES":
			return new InputError("PORT", reserved);
		case "ENOTFOUND":
		case "EADDRNOTAVAIL":
		case "EAI_AGAIN":
			return new InputError("HOST", notHere);
		default:
			return error;
	}
}
