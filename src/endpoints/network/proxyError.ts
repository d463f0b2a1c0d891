import { type HttpProxy, proxyInWords } from "../../config/proxies.ts";

/** A proxy kept a request from its server. */
export class ProxyError extends Error {
	override readonly name = "ProxyError";
	readonly proxy: Pick<HttpProxy, "origin" | "variable">;
	/** Node's or OpenSSL's; `TIMEOUT`; `REFUSED` with a status; `UNUSABLE` with what is accepted instead. */
	readonly code: string;
	readonly accepted: string | undefined;
	readonly status: number | undefined;

	constructor(
		proxy: ProxyError["proxy"],
		code: string,
		more: { readonly accepted?: string; readonly status?: number; readonly cause?: unknown } = {},
	) {
		super(`proxy ${proxy.origin}: ${code}`, { cause: more.cause });
		this.proxy = proxy;
		this.code = code;
		this.accepted = more.accepted;
		this.status = more.status;
	}

	/** What failed on the way to a proxy, or in it. */
	static of(proxy: HttpProxy, error: unknown): ProxyError {
		if (error instanceof ProxyError) return error;
		const { code, name, errors } = error as { code?: unknown; name?: unknown; errors?: unknown };
		// After several addresses were tried, one error holds the errors of all.
		const inner = Array.isArray(errors) ? (errors.at(-1) as { code?: unknown }).code : undefined;
		const known = name === "TimeoutError" || name === "AbortError" ? "TIMEOUT" : (inner ?? code);
		return new ProxyError(proxy, typeof known === "string" ? known : "UNKNOWN", { cause: error });
	}

	/** What is wrong, without the status, and what to do: words for the error of a request and for the Doctor. */
	get explained(): { readonly what: string; readonly advice: string } {
		const { code, status, accepted } = this;
		const { variable, origin } = this.proxy;
		const proxy = `the proxy ${proxyInWords(this.proxy)}`;
		const correct = `correct ${variable}, or add the server to NO_PROXY if it needs no proxy`;
		if (accepted !== undefined)
			return { what: `${variable} does not name a proxy that can be used`, advice: `It takes ${accepted}.` };
		if (status === 407) {
			const example = `http://user:password@${new URL(origin).host}`;
			const advice = `Put them into ${variable}, as in ${example}; percent-encode special characters.`;
			return { what: `${proxy} wants a user name and a password, or refused them`, advice };
		}
		if (status === 403) {
			const advice = `Ask for the server to be allowed there, or ${correct}.`;
			return { what: `${proxy} does not allow it`, advice };
		}
		if (status !== undefined) {
			const advice = `Check that the proxy can reach the server, or ${correct}.`;
			return { what: `${proxy} could not connect to the server`, advice };
		}
		const advice = `Check that the proxy runs, ${correct}.`;
		if (/ENOTFOUND|EAI_AGAIN|EAI_NODATA/.test(code))
			return { what: `no host has the name of ${proxy}`, advice };
		if (code === "ECONNREFUSED") return { what: `nothing listens at ${proxy}`, advice };
		if (/TIMEOUT|TIMEDOUT/.test(code)) return { what: `${proxy} does not answer`, advice };
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
	proxy: HttpProxy | undefined,
	url: string,
	status: number,
	body: string | undefined,
): ProxyError | undefined {
	if (!proxy || body === undefined || !url.startsWith("http:")) return undefined;
	const own = [403, 502, 503, 504].includes(status) || ([404, 500].includes(status) && body.trim() === "");
	return own ? new ProxyError(proxy, "REFUSED", { status }) : undefined;
}
