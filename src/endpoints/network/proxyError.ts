import { getsRequests, type ProxyServer, proxyInWords } from "../../config/proxies.ts";

type Refusal = "password" | "forbidden" | "unreachable";

function refusalOf(status: number | undefined): Refusal | undefined {
	if (status === undefined) return undefined;
	return status === 407 ? "password" : status === 403 ? "forbidden" : "unreachable";
}

/** A proxy kept a request from its server. */
export class ProxyError extends Error {
	override readonly name = "ProxyError";
	readonly proxy: Pick<ProxyServer, "origin" | "variable">;
	/** Node's or OpenSSL's; `TIMEOUT`; `REFUSED` with a refusal; `UNUSABLE` with what is accepted instead. */
	readonly code: string;
	readonly accepted: string | undefined;
	readonly status: number | undefined;
	/** Why it refuses. */
	readonly refusal: Refusal | undefined;

	constructor(
		proxy: ProxyError["proxy"],
		code: string,
		more: {
			readonly accepted?: string;
			readonly status?: number;
			readonly refusal?: Refusal;
			readonly cause?: unknown;
		} = {},
	) {
		super(`proxy ${proxy.origin}: ${code}`, { cause: more.cause });
		this.proxy = proxy;
		this.code = code;
		this.accepted = more.accepted;
		this.status = more.status;
		this.refusal = more.refusal ?? refusalOf(more.status);
	}

	/** What failed on the way to a proxy, or in it. */
	static of(proxy: ProxyServer, error: unknown): ProxyError {
		if (error instanceof ProxyError) return error;
		const { code, name, errors } = error as { code?: unknown; name?: unknown; errors?: unknown };
		// After several addresses were tried, one error holds the errors of all.
		const inner = Array.isArray(errors) ? (errors.at(-1) as { code?: unknown }).code : undefined;
		const known = name === "TimeoutError" || name === "AbortError" ? "TIMEOUT" : (inner ?? code);
		return new ProxyError(proxy, typeof known === "string" ? known : "UNKNOWN", { cause: error });
	}

	/** What is wrong, without the status, and what to do: words for the error of a request and for the Doctor. */
	get explained(): { readonly what: string; readonly advice: string } {
		const { code, refusal, accepted } = this;
		const { variable, origin } = this.proxy;
		const proxy = `the proxy ${proxyInWords(this.proxy)}`;
		const exceptions = variable.startsWith("http.") ? "http.noProxy" : "NO_PROXY";
		const correct = `correct ${variable}, or add the server to ${exceptions} if it needs no proxy`;
		if (accepted !== undefined)
			return { what: `${variable} does not name a proxy that can be used`, advice: `It takes ${accepted}.` };
		if (refusal === "password") {
			const example = `user:password@${origin.replace(/^.*\/\//, "")}`;
			const advice = `Write them before the host in ${variable}, as in ${example}; percent-encode special characters.`;
			return { what: `${proxy} wants a user name and a password, or refused them`, advice };
		}
		if (refusal === "forbidden") {
			const advice = `Ask for the server to be allowed there, or ${correct}.`;
			return { what: `${proxy} does not allow it`, advice };
		}
		if (refusal === "unreachable") {
			const advice = `Check the server's URL, and that the proxy can reach it, or ${correct}.`;
			return { what: `${proxy} could not connect to the server`, advice };
		}
		const advice = `Check that the proxy runs, ${correct}.`;
		if (/ENOTFOUND|EAI_AGAIN|EAI_NODATA/.test(code))
			return { what: `no host has the name of ${proxy}`, advice };
		if (code === "ECONNREFUSED") return { what: `nothing listens at ${proxy}`, advice };
		if (/TIMEOUT|TIMEDOUT/.test(code)) return { what: `${proxy} does not answer`, advice };
		if (code === "NOT_SOCKS") return { what: `${proxy} does not speak SOCKS5`, advice };
		if (/CERT|SELF_SIGNED|UNABLE_TO_|EPROTO|SSL|TLS/.test(code)) {
			const trust = `Set NODE_EXTRA_CA_CERTS to the file of your company's certificate, or ${correct}.`;
			const what = `${proxy} has a certificate that is not trusted, or does not speak TLS (${code})`;
			return { what, advice: trust };
		}
		return { what: `${proxy} broke off the connection (${code})`, advice };
	}
}

/**
 * The error in an answer to a request for http that a proxy gave itself, as far as that can be told: servers explain
 * such a status in JSON, proxies on a page or not at all.
 * @param body undefined: it is JSON.
 */
export function proxysAnswer(
	proxy: ProxyServer | undefined,
	url: string,
	status: number,
	body: string | undefined,
): ProxyError | undefined {
	if (!proxy || body === undefined || !getsRequests(proxy, url)) return undefined;
	const own = [403, 502, 503, 504].includes(status) || ([404, 500].includes(status) && body.trim() === "");
	return own ? new ProxyError(proxy, "REFUSED", { status }) : undefined;
}
