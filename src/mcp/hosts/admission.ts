import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";

/** What a refused request gets. */
export type Refusal = readonly [status: number, code: number, message: string];

export const sessionEnded: Refusal = [
	404,
	-32001,
	"This session has ended. Start a new one with an initialize request without Mcp-Session-Id.",
];

/** Why a request is refused, before anything of it is read. */
export function refusalOf(
	request: IncomingMessage,
	host: string,
	isAuthorized: (header: string | undefined) => boolean,
): Refusal | undefined {
	const { headers } = request;
	// Against DNS rebinding: a web page reaches this port only under its own host name or with its Origin.
	if (!isOwnName(headers.host, host))
		return [403, -32000, "The Host header names another machine. Use the address the server printed."];
	if (headers.origin !== undefined && !isLocalOrigin(headers.origin))
		return [403, -32000, "Web pages are not served."];
	if (!isAuthorized(headers.authorization))
		return [
			401,
			-32000,
			"The bearer token is missing or wrong. Send the header «Authorization: Bearer TOKEN» with the token the server printed or AUTH_TOKEN.",
		];
	if (request.url?.split("?", 1)[0] !== "/mcp") return [404, -32000, "The MCP endpoint is at /mcp."];
	return undefined;
}

export function refuse(response: ServerResponse, status: number, code: number, message: string): void {
	response.writeHead(status, {
		"Content-Type": "application/json",
		Connection: "close",
		...(status === 401 ? { "WWW-Authenticate": "Bearer" } : {}),
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

/** Names that lead only here: IP addresses, localhost, this machine's name, and the one the server listens on. */
function isOwnName(header: string | undefined, host: string): boolean {
	const name = /^(\[[^\]]+\]|[^:]+)(:\d+)?$/.exec(header?.toLowerCase() ?? "")?.[1]?.replace(/^\[|\]$/g, "");
	return (
		name !== undefined &&
		(isIP(name) !== 0 || ["localhost", host.toLowerCase(), hostname().toLowerCase()].includes(name))
	);
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
