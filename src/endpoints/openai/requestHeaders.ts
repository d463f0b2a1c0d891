import type { HttpEndpoint } from "../../config/endpoints.ts";

/** The headers of every request to an endpoint. Those that the user configured win. */
export function requestHeaders({
	apiKey,
	provider,
	headers,
}: Pick<HttpEndpoint, "apiKey" | "provider" | "headers">): Record<string, string> {
	const key: Record<string, string> =
		apiKey === undefined
			? {}
			: provider === "azure"
				? { "api-key": apiKey }
				: { authorization: `Bearer ${apiKey}` };
	const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
	return {
		accept: "application/json",
		"content-type": "application/json",
		"user-agent": "mcp-mem0",
		...key,
		...own,
	};
}
