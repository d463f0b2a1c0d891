import { createHash } from "node:crypto";
import * as l10n from "@vscode/l10n";
import {
	type EndpointRole,
	type Endpoints,
	endpointOf,
	type HttpEndpoint,
	originsOf,
} from "../../config/endpoints.ts";
import { ConfigError } from "../../config/remarks.ts";
import { originsIn } from "../../config/urlList.ts";
import { isPrivateHost } from "../../config/urls.ts";
import { readUsableConfig } from "../../config/usableConfig.ts";
import type { Environment } from "../../config/variables.ts";

/** Whether others on the network can read what is sent to an origin, or to one of several. */
export function isReadableInTransit(origins: string): boolean {
	return originsIn(origins).some((origin) => {
		const { protocol, hostname } = new URL(origin);
		return protocol === "http:" && !isPrivateHost(hostname);
	});
}

/** What may be secret in requests to an endpoint, in words; undefined: nothing. No header is known to be harmless. */
export function secretsOf({ apiKey, headers }: Pick<HttpEndpoint, "apiKey" | "headers">): string | undefined {
	const parts = [...(apiKey ? ["key"] : []), ...(Object.keys(headers).length > 0 ? ["headers"] : [])];
	return parts.length > 0 ? parts.join(" and ") : undefined;
}

/** What `secretsOf` names, in the window's language. */
export function secretWords(what: string): string {
	const words: Readonly<Record<string, string>> = {
		key: l10n.t("key"),
		headers: l10n.t("headers"),
		"key and headers": l10n.t("key and headers"),
	};
	return words[what] ?? what;
}

/** The endpoint of a role, if others could read a secret on its way there. */
function exposed(endpoints: Endpoints, role: EndpointRole) {
	const endpoint = endpointOf(endpoints, role);
	if (!endpoint || endpoint.provider === "vscode") return undefined;
	const what = secretsOf(endpoint);
	const origin = originsOf(endpoint);
	return what && isReadableInTransit(origin) ? { origin, what } : undefined;
}

/** The part of VS Code's SecretStorage used here: a change of it is noticed in every window. */
export interface Storage {
	get(name: string): PromiseLike<string | undefined>;
	store(name: string, value: string): PromiseLike<void>;
}

/** Asks a person. `what` is sent: "key", "headers", "key and headers"; `why` there is something to ask. */
export type AskToSend = (origin: string, what: string, why: "readable" | "other host") => Promise<boolean>;

const agreement = (origin: string) => `PLAIN_HTTP ${origin}`;

/**
 * Whether a secret may go to an origin: if nobody else can read it in transit, or the person has agreed.
 * @param ask without it, only an earlier agreement counts.
 */
export async function mayTravel(storage: Storage, origin: string, what: string, ask?: AskToSend) {
	if (!isReadableInTransit(origin) || (await storage.get(agreement(origin))) !== undefined) return true;
	if (!ask || !(await ask(origin, what, "readable"))) return false;
	await storage.store(agreement(origin), "agreed");
	return true;
}

const recordOf = (headers: HttpEndpoint["headers"]) =>
	`HEADERS ${createHash("sha256").update(JSON.stringify(headers)).digest("hex").slice(0, 32)}`;

/**
 * Whether headers may go to an endpoint. They belong to the host that was configured when they were first seen: where a
 * setting then names another one, such as a half-typed URL or one more server, they stay here until a person acts on it.
 */
export async function headersBelong(
	storage: Storage,
	endpoint: Pick<HttpEndpoint, "headers" | "baseUrl" | "otherUrls">,
	ask?: AskToSend,
): Promise<boolean> {
	if (Object.keys(endpoint.headers).length === 0) return true;
	const record = recordOf(endpoint.headers);
	const hosts = (await storage.get(record))?.split(" ") ?? [];
	const others = originsIn(originsOf(endpoint)).filter((origin) => !hosts.includes(origin));
	if (others.length === 0) return true;
	if (hosts.length > 0 && !(await ask?.(others.join(" and "), "headers", "other host"))) return false;
	await storage.store(record, [...hosts, ...others].join(" "));
	return true;
}

/** Whether the secrets of some roles may go to their endpoints. */
export async function mayAsk(
	storage: Storage,
	endpoints: Endpoints,
	roles: readonly EndpointRole[],
	ask?: AskToSend,
): Promise<boolean> {
	for (const role of roles) if ((await withheld(storage, endpoints, role, ask)).length > 0) return false;
	return true;
}

/** What of a role's secrets may not go to its endpoint. */
async function withheld(storage: Storage, endpoints: Endpoints, role: EndpointRole, ask?: AskToSend) {
	const found = exposed(endpoints, role);
	if (found && !(await mayTravel(storage, found.origin, found.what, ask))) return ["API_KEY", "HEADERS"];
	const endpoint = endpointOf(endpoints, role);
	if (!endpoint || endpoint.provider === "vscode") return [];
	return (await headersBelong(storage, endpoint, ask)) ? [] : ["HEADERS"];
}

const prefixes = { chat: "LLM", embedding: "EMBEDDING" } as const;

/** With values that are not valid, nobody is asked anything. */
function usableConfig(env: Environment, ambient: Environment): Endpoints | undefined {
	try {
		return readUsableConfig(env, ambient).config;
	} catch (error) {
		if (error instanceof ConfigError) return undefined;
		throw error;
	}
}

/** A configuration without the secrets that may not go where it would send them. */
export async function withoutExposed(
	storage: Storage,
	env: Environment,
	ambient: Environment,
	ask?: AskToSend,
): Promise<Environment> {
	const config = usableConfig(env, ambient);
	if (!config) return env;
	const rest: Record<string, string | undefined> = { ...env };
	for (const role of ["chat", "embedding"] as const)
		for (const name of await withheld(storage, config, role, ask)) delete rest[`${prefixes[role]}_${name}`];
	return rest;
}
