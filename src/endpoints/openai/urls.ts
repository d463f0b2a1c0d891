import type { EndpointRole, HttpEndpoint } from "../../config/endpoints.ts";
import type { ServerFamily } from "./families.ts";

type Place = Pick<HttpEndpoint, "provider" | "baseUrl" | "apiVersion">;

/** Whether requests name a deployment in their path: Azure's first API. Its /openai/v1 is like OpenAI's. */
export function hasDeployments({ provider, baseUrl }: Pick<Place, "provider" | "baseUrl">): boolean {
	return provider === "azure" && !/\/openai\/v1$/i.test(baseUrl);
}

/** The URL that the paths of the API follow. */
export function apiUrl(place: Place): string {
	return hasDeployments(place) ? `${place.baseUrl}/openai` : place.baseUrl;
}

/** Where an endpoint lists its models. */
export function modelsUrl(
	place: Place,
	role: EndpointRole = "chat",
	family: ServerFamily = place.provider,
): string {
	// OpenRouter has a list of its own for embedding models.
	const path = family === "openrouter" && role === "embedding" ? "embeddings/models" : "models";
	return `${apiUrl(place)}/${path}${versionOf(place)}`;
}

/** Where an endpoint answers the requests of a role. */
export function requestUrl(endpoint: Place & Pick<HttpEndpoint, "model">, role: EndpointRole): string {
	const deployment = hasDeployments(endpoint) ? `/deployments/${encodeURIComponent(endpoint.model)}` : "";
	const operation = role === "chat" ? "chat/completions" : "embeddings";
	return `${apiUrl(endpoint)}${deployment}/${operation}${versionOf(endpoint)}`;
}

function versionOf({ apiVersion = "", ...place }: Place): string {
	return hasDeployments(place) ? `?api-version=${encodeURIComponent(apiVersion)}` : "";
}
