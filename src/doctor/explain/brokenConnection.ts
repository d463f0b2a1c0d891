import { type CheckResult, failure } from "../findings.ts";
import { seeServerLog } from "../fixes.ts";
import { type Failure, handshake } from "../probe.ts";
import type { Target } from "../target.ts";
import { explainProxy } from "./proxy.ts";

/** Why a server accepted a connection and then broke it off. */
export async function explainBrokenConnection(target: Target, error: Failure): Promise<CheckResult> {
	const { host, openUrl, endpoint, run } = target;
	const { code, phase, proxyError } = error;
	if (proxyError) return explainProxy(target, proxyError);
	if (code.startsWith("HPE_")) {
		const seen = `The program that listens at ${host} does not speak HTTP (${code}).`;
		return failure(seen, "Another program has the port.", [openUrl]);
	}
	if (code === "TOO_LONG")
		return failure(
			`${host} ${error.message}.`,
			"The server is not an OpenAI-compatible one, or its answers do not end.",
			[openUrl],
		);
	const how = phase === "body" ? "within the answer" : "without an answer";
	const seen = `${host} broke off the connection ${how} (${code}).`;
	const { baseUrl } = endpoint;
	const plain = baseUrl.startsWith("http:") && phase === "answer";
	if (plain && (await handshake(endpoint, run.deadline, () => true))) {
		const useHttps = target.setUrl(baseUrl.replace(/^http:/, "https:"), "Use https");
		return failure(seen, "The server speaks https, and the URL says http.", [useHttps]);
	}
	const cause = "The server crashed, or something between it and this machine cut the connection.";
	return failure(seen, cause, [seeServerLog, openUrl]);
}
