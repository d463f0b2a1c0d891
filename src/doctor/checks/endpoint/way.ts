import { directly } from "../../../config/network.ts";
import { getsRequests, type ProxyServer, settleWay, wayInWords, wayTo } from "../../../config/proxies.ts";
import { ProxyError } from "../../../endpoints/network/proxyError.ts";
import { explainProxy } from "../../explain/proxy.ts";
import { type Check, ok, warning } from "../../findings.ts";
import { advice } from "../../fixes.ts";
import { type Failure, failed } from "../../probe.ts";
import type { ServerTarget } from "../../serverTarget.ts";

/** By which way the server is reached, and whether a proxy on it works. */
export const way: Check<ServerTarget> = {
	stage: "way",
	title: "Way to the server",
	run: async (target) => {
		const { host, endpoint } = target;
		const { baseUrl, network = directly } = endpoint;
		const found = await settleWay(wayTo(baseUrl, network), baseUrl);
		target.way = found;
		if (found.kind === "direct") return ok(`${host} is reached ${wayInWords(found)}.`);
		const first = await target.first();
		const error = failed(first) ? proxyErrorOf(first, target) : undefined;
		if (failed(first) && error) {
			target.recordFirst(first);
			return explainProxy(target, error);
		}
		const seen = `${host} is reached ${wayInWords(found)}.`;
		if (found.kind === "proxy" && !found.proxy.strict)
			return warning(
				`${seen} Certificates that come through it are not checked.`,
				"http.proxyStrictSSL is off: whoever controls the proxy can read keys and texts.",
				[advice("Turn on http.proxyStrictSSL, and install your company's certificate on this machine")],
			);
		return ok(seen);
	},
};

/** For http, the proxy itself gets the request: it may be the proxy that does not answer. */
function proxyErrorOf(first: Failure, { way: found, endpoint }: ServerTarget): ProxyError | undefined {
	if (first.proxyError) return first.proxyError;
	const proxy: ProxyServer | undefined = found?.kind === "proxy" ? found.proxy : undefined;
	const mayBeProxy = proxy && getsRequests(proxy, endpoint.baseUrl) && first.phase === "answer";
	return mayBeProxy ? new ProxyError(proxy, first.code) : undefined;
}
