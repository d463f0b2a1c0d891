import {
	type EndpointRole,
	type Endpoints,
	endpointOf,
	type HttpEndpoint,
	originOf,
} from "../../config/endpoints.ts";
import { ConfigError } from "../../config/remarks.ts";
import { isPrivateHost } from "../../config/urls.ts";
import { readUsableConfig } from "../../config/usableConfig.ts";
import type { Environment } from "../../config/variables.ts";

/** Whether others on the network can read what is sent to an origin. */
export function isReadableInTransit(origin: string): boolean {
	const { protocol, hostname } = new URL(origin);
	return protocol === "http:" && !isPrivateHost(hostname);
}

/** What may be secret in requests to an endpoint, in words; undefined: nothing. No header is known to be harmless. */
export function secretsOf({ apiKey, headers }: Pick<HttpEndpoint, "apiKey" | "headers">): string | undefined {
	const parts = [...(apiKey ? ["key"] : []), ...(Object.keys(headers).length > 0 ? ["headers"] : [])];
	return parts.length > 0 ? parts.join(" and ") : undefined;
}

/** The endpoint of a role, if others could read a secret on its way there. */
function exposed(endpoints: Endpoints, role: EndpointRole) {
	const endpoint = endpointOf(endpoints, role);
	if (!endpoint || endpoint.provider === "vscode") return undefined;
	const what = secretsOf(endpoint);
	const origin = originOf(endpoint.baseUrl);
	return what && isReadableInTransit(origin) ? { origin, what } : undefined;
}

/** The part of VS Code's SecretStorage used here: a change of it is noticed in every window. */
interface Storage {
	get(name: string): PromiseLike<string | undefined>;
	store(name: string, value: string): PromiseLike<void>;
}

/** Asks a person. `what` is sent: "key", "headers", "key and headers". */
export type AskForTransit = (origin: string, what: string) => Promise<boolean>;

const agreement = (origin: string) => `PLAIN_HTTP ${origin}`;

/**
 * Whether a secret may go to an origin: if nobody else can read it in transit, or the person has agreed.
 * @param ask without it, only an earlier agreement counts.
 */
export async function mayTravel(storage: Storage, origin: string, what: string, ask?: AskForTransit) {
	if (!isReadableInTransit(origin) || (await storage.get(agreement(origin))) !== undefined) return true;
	if (!ask || !(await ask(origin, what))) return false;
	await storage.store(agreement(origin), "agreed");
	return true;
}

/** `mayTravel` for the endpoints of some roles. */
export async function mayAsk(
	storage: Storage,
	endpoints: Endpoints,
	roles: readonly EndpointRole[],
	ask?: AskForTransit,
): Promise<boolean> {
	for (const role of roles) {
		const found = exposed(endpoints, role);
		if (found && !(await mayTravel(storage, found.origin, found.what, ask))) return false;
	}
	return true;
}

/** The variables with the secrets of each role. */
const secretVariables = {
	chat: ["LLM_API_KEY", "LLM_HEADERS"],
	embedding: ["EMBEDDING_API_KEY", "EMBEDDING_HEADERS"],
} as const;

/** With values that are not valid, nobody is asked anything. */
function usableConfig(env: Environment, ambient: Environment): Endpoints | undefined {
	try {
		return readUsableConfig(env, ambient).config;
	} catch (error) {
		if (error instanceof ConfigError) return undefined;
		throw error;
	}
}

/** A configuration without the secrets that may not travel. */
export async function withoutExposed(
	storage: Storage,
	env: Environment,
	ambient: Environment,
	ask?: AskForTransit,
): Promise<Environment> {
	const config = usableConfig(env, ambient);
	if (!config) return env;
	const rest: Record<string, string | undefined> = { ...env };
	for (const role of ["chat", "embedding"] as const)
		if (!(await mayAsk(storage, config, [role], ask)))
			for (const name of secretVariables[role]) delete rest[name];
	return rest;
}
