import type { ProxyError } from "../../endpoints/network/proxyError.ts";
import { type CheckResult, failure } from "../findings.ts";
import { advice } from "../fixes.ts";
import type { Target } from "../target.ts";

/** Why a proxy kept a request from the server. */
export function explainProxy(
	{ host, openUrl }: Pick<Target, "host" | "openUrl">,
	error: ProxyError,
): CheckResult {
	const { what, advice: remedy } = error.explained;
	const status = error.status === undefined ? "" : ` (HTTP ${error.status})`;
	const unreachable = error.refusal === "unreachable";
	return failure(
		`${host} is not reached: ${what}${status}.`,
		unreachable
			? "The proxy does not find the server, or the server is down."
			: "The proxy is at fault, not the server.",
		[advice(remedy.replace(/\.$/, "")), ...(unreachable ? [openUrl] : [])],
	);
}
