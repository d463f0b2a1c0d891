import type { EndpointRole, HttpEndpoint } from "../../config/endpoints.ts";
import { silentLog } from "../../config/log.ts";
import { EndpointError } from "../endpointError.ts";
import { modelsIn } from "./answerBody.ts";
import { OpenAiClient } from "./client.ts";
import { modelsUrl } from "./urls.ts";

/** ms that a person who is choosing a model waits at most. */
const patience = 10_000;

/** Whether an endpoint's list of models helps to choose one: Azure's does not say what is deployed. */
export function listsModels({ provider }: Pick<HttpEndpoint, "provider">): boolean {
	return provider !== "azure";
}

/**
 * The names of the models that an endpoint offers. The list may mix embedding models with others.
 * @throws EndpointError; the signal's reason when aborted.
 */
export async function listModels(
	endpoint: HttpEndpoint,
	role: EndpointRole,
	signal: AbortSignal,
): Promise<string[]> {
	const url = modelsUrl(endpoint, role);
	const answer: unknown = await new OpenAiClient(endpoint, role, silentLog).request(
		(client, options) => client.get(url, options),
		{ signal, timeout: Math.min(patience, endpoint.timeout), attempts: 1 },
	);
	const models = modelsIn(answer);
	if (models) return [...new Set(models.map(({ id }) => id))];
	throw new EndpointError("bad-answer", "does not list its models", "Type the model's name.", { role, url });
}
