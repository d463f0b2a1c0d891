import type { IncomingMessage, ServerResponse } from "node:http";
import { namedProject, projectHeader } from "../namedProject.ts";
import type { Caller } from "./access/caller.ts";
import type { RateLimits } from "./access/limits.ts";
import { allInUse, idInUse, noSession, refuse, serverEnds, sessionEnded } from "./admission.ts";
import { initializes, readBody, requestIds } from "./body.ts";
import type { limitConnections } from "./connections.ts";
import { contentRefusal, exchange } from "./exchange.ts";
import { cancelledBy } from "./jsonRpc.ts";
import { type createSessions, settle } from "./sessions.ts";

export interface EndpointOptions {
	readonly sessions: ReturnType<typeof createSessions>;
	readonly connections: ReturnType<typeof limitConnections>;
	readonly limits: RateLimits;
	readonly isClosing: () => boolean;
}

/** Answers a request to the MCP endpoint of somebody who was let in. */
export async function serveRequest(
	{ sessions, connections, limits, isClosing }: EndpointOptions,
	request: IncomingMessage,
	response: ServerResponse,
	caller: Caller,
): Promise<void> {
	const person = request.method === "POST" ? caller.actor?.userId : undefined;
	const begun = person === undefined ? undefined : limits.begin(person);
	if (begun && "refusal" in begun) return refuse(response, ...begun.refusal);
	let whenClosed = begun?.end ?? (() => undefined);
	response.once("close", () => whenClosed());

	const id = request.headers["mcp-session-id"];
	const known = typeof id === "string" ? sessions.find(id, caller) : undefined;
	if (id && !known) return refuse(response, ...sessionEnded);
	const refusal = contentRefusal(request);
	if (refusal) return refuse(response, ...refusal);
	if (known) sessions.use(known, response);

	const body = request.method === "POST" ? await readBody(request) : undefined;
	if (response.destroyed) return;
	if (isClosing()) return refuse(response, ...serverEnds);
	if (body && "refusal" in body) return refuse(response, ...body.refusal);
	if (!known && !(body && initializes(body))) return refuse(response, ...noSession);
	connections.answering(response);
	const session =
		known ?? (await sessions.begin(response, caller, namedProject(request.headers[projectHeader])));
	if (typeof session === "number") return refuse(response, ...allInUse(session));
	const ids = body ? requestIds(body) : [];
	if (person !== undefined && ids.length > 1) limits.charge(person, ids.length - 1);
	// The SDK would send both answers to the second, and leave the first without one.
	if (ids.some((each) => session.answering.has(each))) return refuse(response, ...idInUse);
	const unanswered = new Set(ids);
	for (const each of ids) session.answering.set(each, unanswered);
	whenClosed = () => {
		begun?.end();
		for (const each of ids) session.answering.delete(each);
	};
	if (request.method === "GET" && (session.stream?.destroyed ?? true)) session.stream = response;
	const cancelled = body?.messages.map(cancelledBy) ?? [];
	for (const each of cancelled) if (each !== undefined) settle(session, each);
	await exchange(session.transport, request, response, body);
}
