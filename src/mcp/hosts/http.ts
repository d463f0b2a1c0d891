import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { type Clock, systemClock } from "../../config/clock.ts";
import type { HostName } from "../../config/hosts.ts";
import type { Log } from "../../config/log.ts";
import type { TeamConfig } from "../../config/team.ts";
import { InputError } from "../../memory/errors.ts";
import type { Project } from "../../store/types.ts";
import type { Users } from "../../store/users.ts";
import { bearerToken, type Caller, ownToken } from "./access/caller.ts";
import { IdentityProvider } from "./access/identityProvider.ts";
import { RateLimits } from "./access/limits.ts";
import { asksForMetadata, resourceMetadata } from "./access/resourceMetadata.ts";
import { notOfATeam, teamGate } from "./access/teamGate.ts";
import { allow, foreignPage, notServed, refuse } from "./admission.ts";
import { limitConnections } from "./connections.ts";
import { serveRequest } from "./endpoint.ts";
import { hostCheck } from "./hostNames.ts";
import {
	addressOf,
	isLoopback,
	listenError,
	minTokenLength,
	noPublicUrl,
	plainHttp,
	weakToken,
} from "./listening.ts";
import { MemoryCalls, type MemoryCallsOptions, memoryCallIn } from "./memoryCalls.ts";
import { type OperatorOptions, Operators } from "./operators.ts";
import { createSessions } from "./sessions.ts";

export interface HttpHostOptions {
	/** Makes the MCP server of a new session. `project`: the one that the client names in its header. */
	readonly createSession: (caller: Caller, project: Project | undefined) => Server;
	readonly log: Log;
	/** Beyond this machine it needs a token that cannot be guessed. */
	readonly host: string;
	/** 0 takes a free port. */
	readonly port: number;
	/** A random one when absent. */
	readonly token?: string | undefined;
	/** Further names under which it is served. */
	readonly allowedHosts?: readonly HostName[];
	/** Serves many people: the users of the database, or of an identity provider. Absent: one person. */
	readonly team?: (TeamConfig & { readonly users: Users }) | undefined;
	/** The memories, for windows and command lines elsewhere. Absent: MCP alone is served. */
	readonly memory?: Pick<MemoryCallsOptions, "memoryOf" | "version" | "probe">;
	readonly operators?: OperatorOptions;
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
	/** What it counts for the metrics. */
	readonly counts: Operators["counts"];
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
	team,
	memory,
	operators: toldOperators = {},
	keepAlive = defaultKeepAlive,
	patience = defaultPatience,
	clock = systemClock,
}: HttpHostOptions): Promise<HttpHost> {
	const { oauth, publicUrl, requestsPerMinute = 0 } = team ?? {};
	const address = await addressOf(host, wantedPort);
	if (!isLoopback(address)) {
		if (token.length < minTokenLength) throw new InputError("AUTH_TOKEN", weakToken(host));
		if (oauth && !publicUrl) throw new InputError("PUBLIC_URL", noPublicUrl(host));
		log.warn(plainHttp(host));
	}
	let url = "";
	const resource = () => publicUrl ?? url;
	const provider = oauth && new IdentityProvider(oauth);
	const gate = team ? teamGate({ ...team, token, provider, resource, clock, log }) : ownToken(token);
	const sessions = createSessions({ createSession, standing: gate.standing, log, keepAlive, clock });
	const operators = new Operators(toldOperators);
	const limits = new RateLimits(requestsPerMinute, clock, () => {
		operators.counts.rateLimited += 1;
	});
	const isOwnHost = hostCheck([
		...["localhost", host, hostname()].map((name) => ({ name: name.toLowerCase() })),
		...(publicUrl ? [{ name: new URL(publicUrl).hostname }] : []),
		...allowedHosts,
	]);

	const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const foreign = foreignPage(request, isOwnHost);
		if (foreign) return refuse(response, ...foreign);
		const path = request.url?.split("?", 1)[0];
		const reads = request.method === "GET";
		if (reads && path === "/healthz") return operators.answerHealth(response, closing);
		if (reads && oauth && asksForMetadata(request.url)) {
			response.writeHead(200, { "Content-Type": "application/json" });
			return void response.end(JSON.stringify(resourceMetadata(resource(), oauth)));
		}
		// It asks for the methods, which tell nothing of the memory.
		if (request.method === "OPTIONS") return void response.writeHead(204, { Allow: allow }).end();
		const admission = await gate.admit(bearerToken(request.headers.authorization));
		if ("refusal" in admission) return refuse(response, ...admission.refusal);
		const { caller } = admission;
		if (reads && path === "/metrics")
			return caller.metrics
				? operators.answerMetrics(response, sessions.size)
				: refuse(response, 403, -32000, "Metrics are for administrators and the server's own token.");
		const call = memoryCalls && memoryCallIn(request.url);
		const refusal = (call === undefined && notServed(request)) || (caller.memory ? undefined : notOfATeam);
		if (refusal) return refuse(response, ...refusal);
		if (memoryCalls && call !== undefined) return memoryCalls.serve(request, response, caller, call);
		return serveRequest({ sessions, connections, limits, isClosing }, request, response, caller);
	};

	const server = createServer({ connectionsCheckingInterval: patience / 5 }, (request, response) => {
		response.on("error", (error) => log.debug(`HTTP: ${error.message}`));
		response.once("finish", () => operators.counts.answered(response.statusCode));
		answer(request, response).catch((error: unknown) => {
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
	const isClosing = () => closing;
	const memoryCalls =
		memory &&
		new MemoryCalls({ ...memory, limits, connections, isClosing, standing: gate.standing, keepAlive, clock });

	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, wantedPort)));
		server.listen(wantedPort, address, resolve);
	});
	const { port, family } = server.address() as AddressInfo;
	url = `http://${family === "IPv6" ? `[${address}]` : address}:${port}/mcp`;

	return {
		url,
		token,
		counts: operators.counts,
		get sessions() {
			return sessions.size;
		},
		close: async () => {
			closing = true;
			memoryCalls?.close();
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
