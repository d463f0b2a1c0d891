import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { quoted } from "../quoted.ts";
import { maxSessions } from "./sessions.ts";

const methods = ["GET", "POST", "DELETE"];
export const allow = [...methods, "OPTIONS"].join(", ");

/** The path, also as a proxy or a careless client writes it. */
const isEndpoint = /^(?:https?:\/\/[^/?#]+)?\/mcp\/?(?:\?|$)/i;

/** What a refused request gets. */
export type Refusal = readonly [status: number, code: number, message: string];

export const sessionEnded: Refusal = [
	404,
	-32001,
	"This session has ended. Start a new one with an initialize request without Mcp-Session-Id.",
];

export const noSession: Refusal = [
	400,
	-32000,
	"This request belongs to no session. Start one with an initialize request, and send its Mcp-Session-Id.",
];

export const allInUse: Refusal = [
	503,
	-32000,
	`All ${maxSessions} sessions are in use. Close a client, and try again.`,
];

export const serverEnds: Refusal = [503, -32000, "The memory server is ending. Start it again."];

export const idInUse: Refusal = [
	400,
	-32600,
	"A request with this id has not been answered yet. Use another id.",
];

/** Why a request is refused, before anything of it is read. */
export function refusalOf(
	request: IncomingMessage,
	isOwnHost: (header: string | undefined) => boolean,
	isAuthorized: (header: string | undefined) => boolean,
): Refusal | undefined {
	const { headers } = request;
	// Against DNS rebinding: a web page reaches this port only under its own host name or with its Origin.
	if (!isOwnHost(headers.host)) {
		const message = `${quoted(headers.host ?? "")} is not among ALLOWED_HOSTS. Use the address the server printed, or add this name to ALLOWED_HOSTS.`;
		return [403, -32000, message];
	}
	if (headers.origin !== undefined && !isLocalOrigin(headers.origin))
		return [403, -32000, `Web pages are not served (Origin: ${quoted(headers.origin)}).`];
	// It asks for the methods, which tell nothing of the memory.
	if (request.method === "OPTIONS") return undefined;
	if (!isAuthorized(headers.authorization))
		return [
			401,
			-32000,
			"The bearer token is missing or wrong. Send the header «Authorization: Bearer TOKEN» with the token the server printed or AUTH_TOKEN.",
		];
	if (!isEndpoint.test(request.url ?? "")) return [404, -32000, "The MCP endpoint is at /mcp."];
	if (!methods.includes(request.method ?? "")) return [405, -32000, `Use ${methods.join(", ")}.`];
	return undefined;
}

export function refuse(response: ServerResponse, status: number, code: number, message: string): void {
	response.writeHead(status, {
		"Content-Type": "application/json",
		Connection: "close",
		...(status === 401 ? { "WWW-Authenticate": "Bearer" } : {}),
		...(status === 405 ? { Allow: allow } : {}),
	});
	response.end(JSON.stringify({ jsonrpc: "2.0", error: { code, message }, id: null }));
}

/** Compares hashes, as all have the same length, in constant time. */
export function bearerCheck(token: string): (header: string | undefined) => boolean {
	const hash = (text: string) => createHash("sha256").update(text).digest();
	const expected = hash(token);
	return (header) => {
		const given = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
		return timingSafeEqual(hash(given ?? ""), expected) && given !== undefined;
	};
}

function isLocalOrigin(origin: string): boolean {
	try {
		const { protocol, hostname: name } = new URL(origin);
		return /^https?:$/.test(protocol) && ["localhost", "127.0.0.1", "[::1]"].includes(name);
	} catch {
		// "null" and the like: an opaque origin.
		return false;
	}
}
