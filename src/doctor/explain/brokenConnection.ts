import { type CheckResult, failure } from "../findings.ts";
import { seeServerLog } from "../fixes.ts";
import { type Failure, handshake } from "../probe.ts";
import type { Target } from "../target.ts";

/** Why a server accepted a connection and then broke it off. */
export async function explainBrokenConnection(target: Target, error: Failure): Promise<CheckResult> {
	const { host, openUrl, endpoint, run } = target;
	const { code, phase } = error;
	if (code.startsWith("HPE_"))
		return failure(
			`The program that listens at ${host} does not speak HTTP (${code}).`,
			"Another program has the port.",
			[openUrl],
		);
	const how = phase === "body" ? "within the answer" : "without an answer";
	const seen = `${host} broke off the connection ${how} (${code}).`;
	const { baseUrl } = endpoint;
	if (
		baseUrl.startsWith("http:") &&
		phase === "answer" &&
		(await handshake(baseUrl, run.deadline, () => true))
	)
		return failure(seen, "The server speaks https, and the URL says http.", [
			target.setUrl(baseUrl.replace(/^http:/, "https:"), "Use https"),
		]);
	return failure(seen, "The server crashed, or something between it and this machine cut the connection.", [
		seeServerLog,
		openUrl,
	]);
}
