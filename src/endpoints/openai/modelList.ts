import type { EndpointRole, HttpEndpoint } from "../../config/endpoints.ts";
import { EndpointError } from "../endpointError.ts";
import { errorOfAnswer, errorOfBody, errorOfConnection, timeoutError } from "./errorOfAnswer.ts";
import { requestHeaders } from "./requestHeaders.ts";
import { isRecord } from "./serverMessage.ts";

/** ms that somebody who is choosing a model is made to wait. */
const patience = 10_000;

/** Endpoints that can be asked for their models: Azure's list does not say what is deployed. */
export function listsModels({ provider }: Pick<HttpEndpoint, "provider">): boolean {
	return provider !== "azure";
}

/**
 * The names of the models that an endpoint offers, as it lists them; those that embed may not be told from others.
 * @throws EndpointError; the signal's reason when aborted.
 */
export async function listModels(
	endpoint: HttpEndpoint,
	role: EndpointRole,
	cancelled: AbortSignal,
): Promise<string[]> {
	// OpenRouter lists its embedding models apart.
	const path = endpoint.provider === "openrouter" && role === "embedding" ? "embeddings/models" : "models";
	const url = `${endpoint.baseUrl}/${path}`;
	const context = { endpoint, role, url };
	const late = AbortSignal.timeout(Math.min(patience, endpoint.timeout));
	let response: Response;
	let body: string;
	try {
		response = await fetch(url, {
			headers: requestHeaders(endpoint),
			signal: AbortSignal.any([cancelled, late]),
			// A sign-in page elsewhere is no answer, and must not get the key.
			redirect: "manual",
		});
		body = await response.text();
	} catch (error) {
		cancelled.throwIfAborted();
		throw late.aborted
			? timeoutError(context, Math.min(patience, endpoint.timeout))
			: errorOfConnection(context, error);
	}
	if (response.status >= 300)
		throw errorOfAnswer(context, response.status, response.headers.get("retry-after"), body);
	const names = namesIn(body);
	if (names) return names;
	throw body.trim().startsWith("{")
		? new EndpointError("bad-answer", "gives no list of models", "Type the model's name.", { role, url })
		: errorOfBody(context, body);
}

function namesIn(body: string): string[] | undefined {
	let parsed: unknown;
	try {
		parsed = JSON.parse(body);
	} catch {
		return undefined;
	}
	const data = isRecord(parsed) ? parsed.data : parsed;
	if (!Array.isArray(data)) return undefined;
	const ids = (data as unknown[]).map((entry) => (isRecord(entry) ? entry.id : undefined));
	return [...new Set(ids.filter((id) => typeof id === "string" && id !== ""))] as string[];
}
