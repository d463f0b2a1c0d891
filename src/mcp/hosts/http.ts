import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { type Clock, systemClock } from "../../config/clock.ts";
import type { HostName } from "../../config/hosts.ts";
import type { Log } from "../../config/log.ts";
import { InputError } from "../../memory/errors.ts";
import {
	allInUse,
	allow,
	bearerCheck,
	idInUse,
	noSession,
	refusalOf,
	refuse,
	serverEnds,
	sessionEnded,
} from "./admission.ts";
import { initializes, readBody, requestIds } from "./body.ts";
import { limitConnections } from "./connections.ts";
import { contentRefusal, exchange } from "./exchange.ts";
import { hostCheck } from "./hostNames.ts";
import { cancelledBy } from "./jsonRpc.ts";
import { addressOf, isLoopback, listenError, minTokenLength, plainHttp, weakToken } from "./listening.ts";
import { createSessions, settle } from "./sessions.ts";

export interface HttpHostOptions {
	/** Makes the MCP server of a new session. */
	readonly createSession: () => Server;
	readonly log: Log;
	/** Beyond this machine it needs a token that cannot be guessed. */
	readonly host: string;
	/** 0 takes a free port. */
	readonly port: number;
	/** A random one when absent. */
	readonly token?: string | undefined;
	/** Further names under which it is served. */
	readonly allowedHosts?: readonly HostName[];
	/** ms between signs of life on an event stream. */
	readonly keepAlive?: number;
	/** ms a request may take to arrive. */
	readonly patience?: number;
	readonly clock?: Clock;
}

export interface HttpHost {
	/** `http://host:port/mcp` */
	readonly url: string;
	readonly token: string;
	/** Number of open sessions. */
	readonly sessions: number;
	/** Stops listening, and ends all sessions once their requests are answered, or after a second. */
	close(): Promise<void>;
}

/** Other editors drop an event stream that is silent for longer. */
export const defaultKeepAlive = 10_000;
/** ms */
const defaultPatience = 30_000;
/** ms */
const closePatience = 1000;

/**
 * Serves MCP over Streamable HTTP at `/mcp`, to clients that know the token.
 * @throws InputError when the port is taken, the address does not belong to this machine, or the token is too weak for it.
 */
export async function startHttpHost({
	createSession,
	log,
	host,
	port: wantedPort,
	token = randomBytes(32).toString("base64url"),
	allowedHosts = [],
	keepAlive = defaultKeepAlive,
	patience = defaultPatience,
	clock = systemClock,
}: HttpHostOptions): Promise<HttpHost> {
	const address = await addressOf(host, wantedPort);
	if (!isLoopback(address)) {
		if (token.length < minTokenLength) throw new InputError("AUTH_TOKEN", weakToken(host));
		log.warn(plainHttp(host));
	}
	const sessions = createSessions({ createSession, log, keepAlive, clock });
	const isAuthorized = bearerCheck(token);
	const isOwnHost = hostCheck([
		...["localhost", host, hostname()].map((name) => ({ name: name.toLowerCase() })),
		...allowedHosts,
	]);

	const server = createServer({ connectionsCheckingInterval: patience / 5 }, (request, response) => {
		response.on("error", (error) => log.debug(`HTTP: ${error.message}`));
		const refusal = refusalOf(request, isOwnHost, isAuthorized);
		const handled = refusal ? refuse(response, ...refusal) : serve(request, response);
		Promise.resolve(handled).catch((error: unknown) => {
			const message = `HTTP: ${error instanceof Error ? error.message : String(error)}`;
			// The client has gone.
			if (response.destroyed) return log.debug(message);
			log.error(message);
			if (!response.headersSent) refuse(response, 500, -32603, "The memory server failed. See its log.");
			else response.destroy();
		});
	});
	const connections = limitConnections(server, patience);
	let closing = false;

	const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		if (request.method === "OPTIONS") return void response.writeHead(204, { Allow: allow }).end();
		const id = request.headers["mcp-session-id"];
		const known = typeof id === "string" ? sessions.find(id) : undefined;
		if (id && !known) return refuse(response, ...sessionEnded);
		const refusal = contentRefusal(request);
		if (refusal) return refuse(response, ...refusal);
		if (known) sessions.use(known, response);

		const body = request.method === "POST" ? await readBody(request) : undefined;
		if (response.destroyed) return;
		if (closing) return refuse(response, ...serverEnds);
		if (body && "refusal" in body) return refuse(response, ...body.refusal);
		if (!known && !(body && initializes(body))) return refuse(response, ...noSession);
		connections.answering(response);
		const session = known ?? (await sessions.begin(response));
		if (!session) return refuse(response, ...allInUse);
		const ids = body ? requestIds(body) : [];
		// The SDK would send both answers to the second, and leave the first without one.
		if (ids.some((each) => session.answering.has(each))) return refuse(response, ...idInUse);
		const unanswered = new Set(ids);
		for (const each of ids) session.answering.set(each, unanswered);
		response.once("close", () => {
			for (const each of ids) session.answering.delete(each);
		});
		if (request.method === "GET" && (session.stream?.destroyed ?? true)) session.stream = response;
		const cancelled = body?.messages.map(cancelledBy) ?? [];
		for (const each of cancelled) if (each !== undefined) settle(session, each);
		await exchange(session.transport, request, response, body);
	};

	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, wantedPort)));
		server.listen(wantedPort, address, resolve);
	});
	const { port, family } = server.address() as AddressInfo;

	return {
		url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}/mcp`,
		token,
		get sessions() {
			return sessions.size;
		},
		close: async () => {
			closing = true;
			const closed = new Promise((resolve) => server.close(resolve));
			await sessions.close(closePatience);
			server.closeIdleConnections();
			// What is still being sent may arrive; then its connection is cut.
			const cut = setTimeout(() => server.closeAllConnections(), closePatience).unref();
			await closed;
			clearTimeout(cut);
		},
	};
}
