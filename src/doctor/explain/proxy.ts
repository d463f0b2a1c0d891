import type { ProxyError } from "../../endpoints/network/proxyError.ts";
import { type CheckResult, failure } from "../findings.ts";
import { advice } from "../fixes.ts";
import type { Target } from "../target.ts";

/** Why a proxy kept a request from the server. */
export function explainProxy({ host }: Pick<Target, "host">, error: ProxyError): CheckResult {
	const { what, advice: remedy } = error.explained;
	const status = error.status === undefined ? "" : ` (HTTP ${error.status})`;
	const cause = "The proxy before the server is at fault, or its address.";
	return failure(`${host} is not reached: ${what}${status}.`, cause, [advice(remedy.replace(/\.$/, ""))]);
}
