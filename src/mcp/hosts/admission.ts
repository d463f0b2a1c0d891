import type { IncomingMessage, ServerResponse } from "node:http";
import { quoted } from "../quoted.ts";

const methods = ["GET", "POST", "DELETE"];
export const allow = [...methods, "OPTIONS"].join(", ");

/** The path, also as a proxy or a careless client writes it. */
const isEndpoint = /^(?:https?:\/\/[^/?#]+)?\/mcp\/?(?:\?|$)/i;

/** What a refused request gets. */
export type Refusal = readonly [
	status: number,
	code: number,
	message: string,
	headers?: Readonly<Record<string, string>>,
];

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

export function allInUse(sessions: number): Refusal {
	return [503, -32000, `All ${sessions} sessions are in use. Close a client, and try again.`];
}

export const serverEnds: Refusal = [503, -32000, "The memory server is ending. Start it again."];

export const idInUse: Refusal = [
	400,
	-32600,
	"A request with this id has not been answered yet. Use another id.",
];

/** Why nobody may make a request in this way. */
export function foreignPage(
	{ headers }: IncomingMessage,
	isOwnHost: (header: string | undefined) => boolean,
): Refusal | undefined {
	// Against DNS rebinding: a web page reaches this port only under its own host name or with its Origin.
	if (!isOwnHost(headers.host)) {
		const message = `${quoted(headers.host ?? "")} is not among ALLOWED_HOSTS. Use the address the server printed, or add this name to ALLOWED_HOSTS.`;
		return [403, -32000, message];
	}
	if (headers.origin !== undefined && !isLocalOrigin(headers.origin))
		return [403, -32000, `Web pages are not served (Origin: ${quoted(headers.origin)}).`];
	return undefined;
}

/** Why somebody who is let in does not get what they ask for. */
export function notServed(request: IncomingMessage): Refusal | undefined {
	if (!isEndpoint.test(request.url ?? "")) return [404, -32000, "The MCP endpoint is at /mcp."];
	if (!methods.includes(request.method ?? "")) return [405, -32000, `Use ${methods.join(", ")}.`];
	return undefined;
}

export function refuse(response: ServerResponse, ...[status, code, message, headers]: Refusal): void {
	response.writeHead(status, {
		"Content-Type": "application/json",
		Connection: "close",
		...(status === 405 ? { Allow: allow } : {}),
		...headers,
	});
	response.end(JSON.stringify({ jsonrpc: "2.0", error: { code, message }, id: null }));
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
