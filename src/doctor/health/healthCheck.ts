import { type EndpointRole, type HttpEndpoint, serversOf } from "../../config/endpoints.ts";
import type { EndpointError } from "../../endpoints/endpointError.ts";
import {
	errorOfAnswer,
	errorOfConnection,
	errorOfProxy,
	timeoutError,
} from "../../endpoints/openai/errorOfAnswer.ts";
import { requestHeaders } from "../../endpoints/openai/requestHeaders.ts";
import { modelsUrl, requestUrl } from "../../endpoints/openai/urls.ts";
import { type Answer, type Failure, failed, send } from "../probe.ts";

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
 * Asks an endpoint for its list of models, with the key. If that fails, an empty request to the model decides: a key
 * may allow the model and not the list. Spends no tokens. Of several servers, one that answers is enough.
 * @throws the signal's reason when aborted.
 */
export async function checkHealth(
	role: EndpointRole,
	endpoint: HttpEndpoint,
	deadline: number,
	signal: AbortSignal,
): Promise<HealthCheck> {
	const checks = serversOf(endpoint).map((server) => checkServer(role, server, deadline, signal));
	const [first, ...others] = (await Promise.all(checks)) as [HealthCheck, ...HealthCheck[]];
	return [first, ...others].find(({ problem }) => problem === undefined) ?? first;
}

async function checkServer(
	role: EndpointRole,
	endpoint: HttpEndpoint,
	deadline: number,
	signal: AbortSignal,
): Promise<HealthCheck> {
	const { network } = endpoint;
	const request = { headers: requestHeaders(endpoint), deadline, signal, network };
	const list = await send({ ...request, method: "GET", url: modelsUrl(endpoint) });
	const problem = problemOf(list, role, endpoint, deadline);
	const decided =
		problem === undefined ||
		problem.kind === "unreachable" ||
		(problem.kind === "unauthorized" && endpoint.apiKey === undefined);
	const empty = decided
		? list
		: await send({ ...request, method: "POST", url: requestUrl(endpoint, role), body: {} });
	const still = problem && problemOf(empty, role, endpoint, deadline);
	return { at: Date.now(), problem: still?.message, duration: Math.round(empty.duration) };
}

function problemOf(
	outcome: Answer | Failure,
	role: EndpointRole,
	endpoint: HttpEndpoint,
	deadline: number,
): EndpointError | undefined {
	const context = { endpoint, role, url: endpoint.baseUrl };
	if (failed(outcome)) {
		const { code, message, proxyError } = outcome;
		if (proxyError) return errorOfProxy(context, proxyError);
		if (code === "TIMEOUT") return timeoutError(context, deadline);
		return errorOfConnection(context, Object.assign(new Error(message), { code }));
	}
	const { status, body } = outcome;
	return isBadNews(status) ? errorOfAnswer(context, status, () => null, body) : undefined;
}

/** Whether any request would meet this status; that a server has no list of models means nothing. */
function isBadNews(status: number): boolean {
	return [401, 402, 403, 407, 429].includes(status) || (status >= 500 && status !== 501);
}
