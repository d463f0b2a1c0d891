import type { HttpEndpoint } from "./endpoints.ts";
import { decoded, directly, type Network, type SystemProxy } from "./network.ts";
import { isExcepted, isLoopback } from "./noProxy.ts";
import type { Environment } from "./variables.ts";

const systemName = "the system's settings";

export interface ProxyServer {
	/** Such as `http://proxy.corp:3128` or `socks5://proxy.corp:1080`. */
	readonly origin: string;
	readonly credentials: { readonly user: string; readonly password: string } | undefined;
	/** The value of the header `Proxy-Authorization`. */
	readonly authorization: string | undefined;
	/** The variable or setting that names it. */
	readonly variable: string;
	/** Whether certificates are checked that come through it. */
	readonly strict: boolean;
}

/** By which way a server is reached. */
export type Way =
	| { readonly kind: "proxy"; readonly proxy: ProxyServer }
	/** `variable` would have named a proxy, or keeps one away, for the reason `because`. */
	| {
			readonly kind: "direct";
			readonly because?: "loopback" | "excepted" | "off" | "scheme";
			readonly variable?: string;
	  }
	/** The proxy's URL cannot be used. */
	| { readonly kind: "unusable"; readonly variable: string; readonly accepted: string }
	/** Only the operating system knows; see `settleWay`. */
	| { readonly kind: "system"; readonly find: SystemProxy; readonly values: Environment };

export type SettledWay = Exclude<Way, { readonly kind: "system" }>;

/** Whether certificates of the operating system are trusted besides Node's. */
export function trustsSystem({ values }: Network): boolean {
	return values["http.systemCertificates"] !== "false";
}

/**
 * The way to a URL. Each scheme has its variable, as with curl, Python and Go; lower case comes first. VS Code's settings
 * come before variables. This machine is always reached directly: a server on localhost is what HTTP_PROXY breaks most.
 */
export function wayTo(target: string, { values, system }: Network): Way {
	const url = new URL(target);
	const https = url.protocol === "https:";
	const first = (...names: string[]) => names.find((name) => values[name] !== undefined);
	const ofScheme = (name: string) => first(name, name.toUpperCase());
	const named =
		first("http.proxy") ?? ofScheme(https ? "https_proxy" : "http_proxy") ?? ofScheme("all_proxy");
	const other = ofScheme(https ? "http_proxy" : "https_proxy");
	if (values["http.proxySupport"] === "off")
		return named || system
			? { kind: "direct", because: "off", variable: "http.proxySupport" }
			: { kind: "direct" };
	if (isLoopback(url.hostname))
		return named ? { kind: "direct", because: "loopback", variable: named } : { kind: "direct" };
	const except = first("http.noProxy") ?? ofScheme("no_proxy");
	if (except && isExcepted(url, values[except] ?? ""))
		return named || system ? { kind: "direct", because: "excepted", variable: except } : { kind: "direct" };
	if (named) return wayBy(named, values);
	if (system && !other) return { kind: "system", find: system, values };
	return other ? { kind: "direct", because: "scheme", variable: other } : { kind: "direct" };
}

/** Asks the operating system where nothing else has decided. */
export async function settleWay(way: Way, url: string): Promise<SettledWay> {
	if (way.kind !== "system") return way;
	const found = await way.find(url).catch(() => undefined);
	return found ? wayBy(systemName, { ...way.values, [systemName]: found }) : { kind: "direct" };
}

function wayBy(variable: string, values: Environment): SettledWay {
	const given = values[variable] ?? "";
	const accepted =
		"the URL of an HTTP or SOCKS5 proxy, such as http://proxy.example.com:3128, with special characters of a password percent-encoded";
	const unusable: SettledWay = { kind: "unusable", variable, accepted };
	const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`;
	if (!URL.canParse(text)) return unusable;
	const url = new URL(text);
	const { protocol, hostname, host, username, password } = url;
	if (!/^(https?|socks(5h?)?):$/.test(protocol) || hostname === "") return unusable;
	const credentials =
		username || password ? { user: decoded(username), password: decoded(password) } : undefined;
	const authorization = credentials
		? `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`
		: values["http.proxyAuthorization"];
	const strict = values["http.proxyStrictSSL"] !== "false";
	return {
		kind: "proxy",
		proxy: { origin: `${protocol}//${host}`, credentials, authorization, variable, strict },
	};
}

/** Whether a proxy gets a request itself, and may answer it: for http, which needs no tunnel. */
export function getsRequests(proxy: Pick<ProxyServer, "origin">, url: string): boolean {
	return /^http:/i.test(url) && !isSocks(proxy);
}

/** Whether a proxy speaks SOCKS, which carries every connection and reads none. */
export function isSocks({ origin }: Pick<ProxyServer, "origin">): boolean {
	return origin.startsWith("socks");
}

/** "proxy.corp:3128 (HTTPS_PROXY)" */
export function proxyInWords({ origin, variable }: Pick<ProxyServer, "origin" | "variable">): string {
	return `${origin.replace(/^http:\/\//, "")} (${variable})`;
}

/** By which way an endpoint is reached, unless directly; completes "It is reached …". */
export async function indirectWay({
	baseUrl,
	network = directly,
}: Pick<HttpEndpoint, "baseUrl" | "network">): Promise<string | undefined> {
	const way = await settleWay(wayTo(baseUrl, network), baseUrl);
	return way.kind === "direct" ? undefined : wayInWords(way);
}

/** Completes "It is reached …". */
export function wayInWords(way: SettledWay): string {
	switch (way.kind) {
		case "proxy":
			return `by the proxy ${proxyInWords(way.proxy)}`;
		case "unusable":
			return `by nothing: ${way.variable} does not name a proxy that can be used`;
	}
	switch (way.because) {
		case "loopback":
			return `directly: it is on this machine, so ${way.variable} does not count`;
		case "excepted":
			return `directly: ${way.variable} names it`;
		case "off":
			return `directly: ${way.variable} is off`;
		case "scheme":
			return `directly: ${way.variable} is for ${/https/i.test(way.variable ?? "") ? "https" : "http"} URLs only`;
	}
	return "directly";
}
