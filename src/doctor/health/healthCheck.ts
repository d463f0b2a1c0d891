import type { EndpointRole, HttpEndpoint } from "../../config/endpoints.ts";
import {
	errorOfAnswer,
	errorOfConnection,
	errorOfProxy,
	timeoutError,
} from "../../endpoints/openai/errorOfAnswer.ts";
import { requestHeaders } from "../../endpoints/openai/requestHeaders.ts";
import { modelsUrl } from "../../endpoints/openai/urls.ts";
import { failed, send } from "../probe.ts";

/** The outcome of a health check. */
export interface HealthCheck {
	/** ms since 1970 */
	readonly at: number;
	/** In words, naming variables; undefined if the endpoint answers. */
	readonly problem: string | undefined;
	/** ms */
	readonly duration: number;
}

/**
 * Asks an endpoint for its list of models, with the key. Spends no tokens.
 * @throws the signal's reason when aborted.
 */
export async function checkHealth(
	role: EndpointRole,
	endpoint: HttpEndpoint,
	deadline: number,
	signal: AbortSignal,
): Promise<HealthCheck> {
	const headers = requestHeaders(endpoint);
	const { network } = endpoint;
	const outcome = await send({ method: "GET", url: modelsUrl(endpoint), headers, deadline, signal, network });
	const context = { endpoint, role, url: endpoint.baseUrl };
	const problem = failed(outcome)
		? outcome.proxyError
			? errorOfProxy(context, outcome.proxyError)
			: outcome.code === "TIMEOUT"
				? timeoutError(context, deadline)
				: errorOfConnection(context, Object.assign(new Error(outcome.message), { code: outcome.code }))
		: isBadNews(outcome.status)
			? errorOfAnswer(context, outcome.status, null, outcome.body)
			: undefined;
	return { at: Date.now(), problem: problem?.message, duration: Math.round(outcome.duration) };
}

/** Whether any request would meet this status; that a server has no list of models means nothing. */
function isBadNews(status: number): boolean {
	return [401, 402, 403, 407, 429].includes(status) || (status >= 500 && status !== 501);
}
