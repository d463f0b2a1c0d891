import { type CheckResult, failure } from "../findings.ts";
import { advice, seeServerLog } from "../fixes.ts";
import { type Failure, handshake } from "../probe.ts";
import type { ServerTarget } from "../serverTarget.ts";
import { explainProxy } from "./proxy.ts";

/** Why a server accepted a connection, and then did not answer, or broke it off. */
export async function explainNoAnswer(target: ServerTarget, error: Failure): Promise<CheckResult> {
	const { host, openUrl, endpoint, run } = target;
	if (error.code === "TIMEOUT") {
		const begun = error.phase === "body";
		const how = begun ? "began to answer, and did not end" : "accepted the connection, and did not answer";
		const seen = `${host} ${how} within ${run.deadline / 1000} s.`;
		const restart = advice("See the server's log, and restart the server");
		const cause = "The server hangs or is overloaded, or is not a web server.";
		return failure(seen, cause, [restart, openUrl]);
	}
	const { code, phase, proxyError } = error;
	if (proxyError) return explainProxy(target, proxyError);
	if (code.startsWith("HPE_")) {
		const seen = `The program that listens at ${host} does not speak HTTP (${code}).`;
		return failure(seen, "Another program has the port.", [openUrl]);
	}
	if (code === "TOO_LONG")
		return failure(
			`${host} ${error.message}.`,
			"Another program has the port, or the server's answers do not end.",
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
