import type { OAuthConfig } from "../../../config/team.ts";

/** Where clients find which identity provider issues the tokens (RFC 9728). */
const wellKnown = "/.well-known/oauth-protected-resource";

/** Whether a request asks for the metadata: at the root, or with the path of the endpoint behind. */
export function asksForMetadata(url: string | undefined): boolean {
	const path = (url ?? "").replace(/^https?:\/\/[^/?#]+/i, "").split("?", 1)[0] ?? "";
	return path === wellKnown || path.startsWith(`${wellKnown}/`);
}

export function resourceMetadata(resource: string, { issuer, scopes }: OAuthConfig): object {
	return {
		resource,
		authorization_servers: [issuer],
		bearer_methods_supported: ["header"],
		resource_name: "Mem0",
		...(scopes.length > 0 ? { scopes_supported: scopes } : {}),
	};
}

/**
 * The WWW-Authenticate header of a refusal.
 * @param resource absent: no identity provider issues tokens for it.
 */
export function challenge(
	resource: string | undefined,
	scopes: readonly string[] = [],
	error?: "invalid_token" | "insufficient_scope",
): string {
	const { origin, pathname } = resource === undefined ? { origin: "", pathname: "" } : new URL(resource);
	const parts = [
		...(error ? [`error="${error}"`] : []),
		...(origin ? [`resource_metadata="${origin}${wellKnown}${pathname === "/" ? "" : pathname}"`] : []),
		...(origin && scopes.length > 0 ? [`scope="${scopes.join(" ").replace(/["\\]/g, "")}"`] : []),
	];
	return ["Bearer", parts.join(", ")].filter((part) => part !== "").join(" ");
}
