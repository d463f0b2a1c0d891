import { ProxyError } from "../../endpoints/network/proxyError.ts";
import { StoreError } from "../../store/errors.ts";
import { oneLine } from "../../text/inert.ts";

/*
 * What keeps a team's server from answering, in words.
 */

/** Characters of a server's words that people are shown. */
const longest = 300;
const checkUrl = "Check TEAM_SERVER_URL";

/** @param failure of the connection. @param ms that were waited, where there was no answer in time. */
export function brokenConnection(url: string, failure: unknown, ms?: number): StoreError {
	const { host, hostname } = new URL(url);
	const error = (what: string, advice: string) =>
		new StoreError("unreachable", url, `The team's server ${url} ${what}. ${advice}`, failure);
	if (failure instanceof ProxyError) {
		const { what, advice } = failure.explained;
		return error(`cannot be reached: ${what}`, advice);
	}
	const code = ms === undefined ? codeOf(failure) : "TIMEOUT";
	if (code === "TIMEOUT")
		return error(
			`did not answer within ${Math.round((ms ?? 0) / 1000)} s`,
			"Try again; if it goes on, ask whoever runs it.",
		);
	if (/ENOTFOUND|EAI_AGAIN|EAI_NODATA/.test(code))
		return error(
			`cannot be found: no host is called ${hostname}`,
			`${checkUrl}, and check your network or VPN.`,
		);
	if (/ECONNREFUSED/.test(code))
		return error(
			`cannot be reached: nothing listens at ${host}`,
			`${checkUrl}, and ask whoever runs it whether it is running.`,
		);
	if (/EPROTO|WRONG_VERSION|SSL/.test(code))
		return error(
			`does not speak TLS (${code})`,
			`${checkUrl}: it may begin with http:// if the server is on this machine.`,
		);
	if (/CERT|SELF_SIGNED|TLS|UNABLE_TO_(VERIFY|GET)/.test(code))
		return error(
			`has a certificate that is not trusted (${code})`,
			"Set NODE_EXTRA_CA_CERTS to the file of your company's certificate, or have the server's fixed.",
		);
	if (/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN/.test(code))
		return error(
			`cannot be reached: ${host} does not answer (${code})`,
			`${checkUrl}, and check the network, the VPN and the firewall.`,
		);
	if (code === "TOO_LONG") return error(messageOf(failure), older);
	return error(`broke off the connection (${code || messageOf(failure)})`, "Try again.");
}

/** The server has refused a request, in its own words. @param hadToken whether a token was sent. */
export function refusedRequest(url: string, status: number, said: string, hadToken: boolean): StoreError {
	const words = oneLine(said, longest);
	const error = (kind: StoreError["kind"], what: string, advice: string) =>
		new StoreError(
			kind,
			url,
			`The team's server ${url} ${what} (HTTP ${status}). It said: “${words}” ${advice}`.trim(),
		);
	if (status === 401 && !hadToken)
		return error("refused", "wants a token", "Set TEAM_SERVER_TOKEN; its administrator has one for you.");
	if (status === 401)
		return error(
			"refused",
			"refuses the token",
			"Check TEAM_SERVER_TOKEN, or ask its administrator for a new one.",
		);
	if (status === 403) return error("refused", "does not let you in", "");
	if (status === 404) return error("unsupported", "offers no memory here", older);
	if (status === 429) return error("busy", "is asked too often", "");
	if (status === 413) return error("failed", "was sent too much at once", "");
	if (status === 503) return error("busy", "cannot answer now", "Try again.");
	return error("failed", "refuses the request", "");
}

const older = `${checkUrl}: it is the URL of the MCP endpoint, such as https://memory.example.com/mcp. Or the server runs an older version of MCP Mem0: ask whoever runs it to update it.`;

/** The answer is not one of such a server. @param about the call, or where it was redirected to. */
export function strangeAnswer(
	url: string,
	status: number,
	text: string,
	about: string | undefined,
): StoreError {
	const isPage = /^\s*</.test(text);
	const what =
		status >= 300 && status < 400
			? `redirects to ${oneLine(about ?? "another address", longest)}`
			: isPage
				? "answered with a web page"
				: text.trim() === ""
					? "answered with nothing"
					: "answered with something that is no answer of MCP Mem0";
	const kind = status >= 502 && status <= 504 ? "busy" : "unsupported";
	const advice =
		kind === "busy" ? "The proxy before it cannot reach it: ask whoever runs it, or try again." : older;
	return new StoreError(kind, url, `The team's server ${url} ${what} (HTTP ${status}). ${advice}`);
}

function messageOf(failure: unknown): string {
	return oneLine(failure instanceof Error ? failure.message : String(failure), longest);
}

/** It may be in `cause`, and after several addresses were tried in an AggregateError. */
function codeOf(failure: unknown): string {
	let current: unknown = failure;
	for (let depth = 0; depth < 6; depth += 1) {
		const { code, cause, errors } = (current ?? {}) as { code?: unknown; cause?: unknown; errors?: unknown };
		if (typeof code === "string") return code;
		current = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
	}
	return "";
}
