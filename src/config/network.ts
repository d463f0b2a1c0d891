import type { Environment } from "./variables.ts";

/** VS Code's settings of the network. Where VS Code is the host program, they stand among the environment's variables. */
export const networkSettings = [
	"http.proxy",
	"http.noProxy",
	"http.proxySupport",
	"http.proxyAuthorization",
	"http.proxyStrictSSL",
	"http.systemCertificates",
] as const;

/** The variables, in the order in which they count. */
export const proxyNames = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap((name) => [
	name,
	name.toUpperCase(),
]);

/** Finds what the operating system says, such as by a script: the proxy for a URL, if there is one. */
export type SystemProxy = (url: string) => Promise<string | undefined>;

/** The key under which a host program leaves a `SystemProxy` in the environment. */
export const systemProxy: unique symbol = Symbol("system proxy");

/** What decides by which way a server is reached. */
export interface Network {
	/** The variables and settings about it that are set. */
	readonly values: Environment;
	readonly system?: SystemProxy | undefined;
}

/** Of what no variable and no setting is known. */
export const directly: Network = { values: {} };

export function networkOf(ambient: Environment): Network {
	const { [systemProxy]: system } = ambient as { readonly [systemProxy]?: SystemProxy };
	const set = [...proxyNames, ...networkSettings].filter((name) => ambient[name]?.trim());
	return { values: Object.fromEntries(set.map((name) => [name, ambient[name]?.trim()])), system };
}

/** What of the network's values must not be shown. */
export function secretsOfProxies(env: Environment): string[] {
	const passwords = [...proxyNames, "http.proxy"].flatMap((name) => {
		const [, user = ""] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(.*)@/is.exec(env[name]?.trim() ?? "") ?? [];
		const password = user.slice(user.indexOf(":") + 1);
		return [password, decoded(password)];
	});
	return [...passwords, env["http.proxyAuthorization"] ?? ""].filter((text) => text.length >= 3);
}

export function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		// A percent sign of a password that nobody has encoded.
		return text;
	}
}
