import { type Network, networkOf } from "./network.ts";
import type { VariableValues } from "./reader.ts";
import type { ConfigProblem } from "./remarks.ts";
import type { Environment } from "./variables.ts";

/** The identity provider of a team. */
export interface OAuthConfig {
	/** As its tokens and its metadata spell it. */
	readonly issuer: string;
	/** Absent: the public URL of the server. */
	readonly audience: string | undefined;
	/** What a token must have. */
	readonly scopes: readonly string[];
	/** The claim that names the person. */
	readonly userClaim: string;
	readonly admins: readonly string[];
	/** By which way the provider is reached. */
	readonly network: Network;
}

export interface TeamConfig {
	/** Where clients reach the server: the URL of its MCP endpoint. */
	readonly publicUrl: string | undefined;
	readonly oauth: OAuthConfig | undefined;
	/** Of each person, in each process; 0: any number. */
	readonly requestsPerMinute: number;
}

/** @param problems gets what is wrong. */
export function readTeam(
	values: VariableValues,
	ambient: Environment,
	problems: ConfigProblem[],
): TeamConfig {
	const refuse = (variable: ConfigProblem["variable"], value: string, accepted: string) => {
		problems.push({ kind: "invalid", variable, value: JSON.stringify(value), accepted });
		return undefined;
	};
	const url = (variable: "PUBLIC_URL" | "OAUTH_ISSUER", example: string): URL | undefined => {
		const text = values[variable];
		if (text === undefined) return undefined;
		const parsed = URL.canParse(text) ? new URL(text) : undefined;
		if (parsed && (parsed.username || parsed.password)) {
			problems.push({
				kind: "invalid",
				variable,
				value: "(hidden, because it may contain a password)",
				accepted: `a URL such as ${example}`,
			});
			return undefined;
		}
		const plain = parsed && !parsed.search && !parsed.hash;
		const safe = parsed?.protocol === "https:" || (parsed?.protocol === "http:" && isThisMachine(parsed));
		return plain && safe ? parsed : refuse(variable, text, `an https URL such as ${example}`);
	};
	const publicUrl = url("PUBLIC_URL", "https://memory.example.com/mcp");
	const issuer = url("OAUTH_ISSUER", "https://login.example.com/realms/team");
	return {
		// Without a path, the server itself is meant.
		publicUrl: publicUrl && (publicUrl.pathname === "/" ? new URL("/mcp", publicUrl) : publicUrl).href,
		oauth: issuer && {
			issuer: values.OAUTH_ISSUER ?? "",
			audience: values.OAUTH_AUDIENCE,
			scopes: values.OAUTH_SCOPE?.split(/[\s,]+/).filter((scope) => scope !== "") ?? [],
			userClaim: values.OAUTH_USER_CLAIM,
			admins: values.OAUTH_ADMINS?.split(",").map((name) => name.trim()) ?? [],
			network: networkOf(ambient),
		},
		requestsPerMinute: values.RATE_LIMIT_PER_MINUTE,
	};
}

/** Whether nobody can read along on the way. */
function isThisMachine({ hostname }: URL): boolean {
	return hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
}
