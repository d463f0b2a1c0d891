import type { EndpointRole, HttpEndpoint } from "../../config/endpoints.ts";
import { errorOfAnswer, errorOfConnection, timeoutError } from "../../endpoints/openai/errorOfAnswer.ts";
import { requestHeaders } from "../../endpoints/openai/requestHeaders.ts";
import { failed, send } from "../probe.ts";

/** What a look at an endpoint told. */
export interface HealthCheck {
	/** ms since 1970 */
	readonly at: number;
	/** In words, naming variables; undefined where it answers. */
	readonly problem: string | undefined;
	/** ms */
	readonly duration: number;
}

/**
 * One look at an endpoint: its list of models, with the key. No tokens are spent.
 * @throws the signal's reason when called off.
 */
export async function checkHealth(
	role: EndpointRole,
	endpoint: HttpEndpoint,
	deadline: number,
	signal: AbortSignal,
): Promise<HealthCheck> {
	const { provider, baseUrl, apiVersion } = endpoint;
	const url =
		provider === "azure"
			? `${baseUrl}/openai/models?api-version=${encodeURIComponent(apiVersion ?? "")}`
			: `${baseUrl}/models`;
	const headers = requestHeaders(endpoint);
	const outcome = await send({ method: "GET", url, headers, deadline, signal });
	const context = {
		endpoint,
		role,
		url: baseUrl,
	};
	const problem = failed(outcome)
		? outcome.code === "TIMEOUT"
			? timeoutError(context, deadline)
			: errorOfConnection(context, Object.assign(new Error(outcome.message), { code: outcome.code }))
		: tells(outcome.status)
			? errorOfAnswer(context, outcome.status, null, outcome.body)
			: undefined;
	return { at: Date.now(), problem: problem?.message, duration: Math.round(outcome.duration) };
}

/** Statuses that are bad news whatever was asked; a server without a list of models is none. */
function tells(status: number): boolean {
	return [401, 402, 403, 407, 429].includes(status) || (status >= 500 && status !== 501);
}
