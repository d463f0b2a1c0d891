import type { EndpointRole, HttpEndpoint } from "../../config/endpoints.ts";
import type { ServerFamily } from "./families.ts";

type Place = Pick<HttpEndpoint, "provider" | "baseUrl" | "apiVersion">;

/** The URL that the paths of the API follow. */
export function apiUrl({ provider, baseUrl }: Place): string {
	return provider === "azure" ? `${baseUrl}/openai` : baseUrl;
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
	const deployment =
		endpoint.provider === "azure" ? `/deployments/${encodeURIComponent(endpoint.model)}` : "";
	const operation = role === "chat" ? "chat/completions" : "embeddings";
	return `${apiUrl(endpoint)}${deployment}/${operation}${versionOf(endpoint)}`;
}

function versionOf({ provider, apiVersion = "" }: Place): string {
	return provider === "azure" ? `?api-version=${encodeURIComponent(apiVersion)}` : "";
}
