import type { ConfigResult } from "../../config/config.ts";
import { type Endpoints, type HttpEndpoint, httpOnly } from "../../config/endpoints.ts";
import { providers } from "../../config/providers.ts";
import { type ConfigNotice, reasonOf, statementOf } from "../../config/remarks.ts";
import { isPrivateHost, readEndpointUrl } from "../../config/urls.ts";
import type { Environment, VariableName } from "../../config/variables.ts";
import type { CheckResult } from "../findings.ts";
import type { Fix } from "../report.ts";

export interface ConfigurationFinding extends CheckResult {
	readonly name: string;
	readonly title: string;
}

/** The fix that sets one variable; undefined unsets it. */
export function setTo(variable: VariableName, value: string | undefined, label?: string): Fix {
	return { kind: "set", label: label ?? `Set ${variable} to ${value}`, changes: [{ variable, value }] };
}

/** Values that are valid one by one, but together do something other than what they seem to be meant for. */
export function findContradictions(
	env: Environment,
	ambient: Environment,
	{ config: { llm, embedding }, notices }: ConfigResult,
): ConfigurationFinding[] {
	const http = httpOnly(llm);
	const isSet = (name: VariableName) => Boolean(env[name]?.trim());
	return [
		...notices.flatMap((notice) => remarkedOn(notice, { llm: http, embedding })),
		...unused(env),
		...(http && !isSet("LLM_BASE_URL") ? ambientVariables({ ...ambient, ...env }, http.baseUrl) : []),
		...plainHttp("LLM_BASE_URL", http),
		...(http?.apiKey && embedding?.baseUrl === http.baseUrl
			? []
			: plainHttp("EMBEDDING_BASE_URL", embedding)),
		...(http && embedding && !isSet("EMBEDDING_BASE_URL") ? embeddingHost(http, embedding) : []),
	];
}

/** URLs that other programs may stumble over, and a key that was entered for one host and is sent to two. */
function remarkedOn(notice: ConfigNotice, { llm, embedding }: Endpoints): ConfigurationFinding[] {
	const found = { status: "warning", seen: `${statementOf(notice)}.`, cause: reasonOf(notice) } as const;
	if (notice.kind === "shared-key") {
		const { origin } = notice;
		const label = `Enter the key for ${origin}`;
		const fixes: Fix[] = [{ kind: "enter-key", label, variable: "EMBEDDING_API_KEY", origin }];
		return [{ name: "shared-key", title: "Each host gets only its own key", ...found, fixes }];
	}
	if (notice.kind !== "corrected") return [];
	const { variable, url } = notice;
	const role =
		variable === "LLM_BASE_URL" ? "llm" : variable === "EMBEDDING_BASE_URL" ? "embedding" : undefined;
	if (!role || !(role === "llm" ? llm : embedding)) return [];
	const title = `${variable} is written as it is meant`;
	return [{ name: `corrected-${role}`, title, ...found, fixes: [setTo(variable, url)] }];
}

/** Values that have no effect, because the provider is another. */
function unused(env: Environment): ConfigurationFinding[] {
	if (env.LLM_PROVIDER?.trim().toLowerCase() !== "none" || !env.LLM_BASE_URL?.trim()) return [];
	return [
		{
			name: "unused",
			title: "The language model is used",
			status: "warning",
			seen: "LLM_BASE_URL is set, but LLM_PROVIDER is none: no language model is used.",
			cause: "LLM_PROVIDER decides whether there is a language model.",
			fixes: [setTo("LLM_PROVIDER", "openai"), setTo("LLM_BASE_URL", undefined, "Leave LLM_BASE_URL unset")],
		},
	];
}

/** Variables for the OpenAI clients of other programs, which have no effect here. */
function ambientVariables(env: Environment, baseUrl: string): ConfigurationFinding[] {
	const name = ["OPENAI_BASE_URL", "OPENAI_API_BASE"].find((each) => env[each]?.trim());
	const read = readEndpointUrl((name && env[name]?.trim()) ?? "", "openai");
	if (typeof read === "string" || read.url === baseUrl) return [];
	return [
		{
			name: "ambient",
			title: "No variables of other programs are in the way",
			status: "warning",
			seen: `${name} is ${read.url}, but requests go to ${baseUrl}.`,
			cause: `${name} is for other programs and is not read here. LLM_BASE_URL is read, but it is not set.`,
			fixes: [setTo("LLM_BASE_URL", read.url), setTo("LLM_BASE_URL", baseUrl)],
		},
	];
}

/** A key that anyone on the network path can read. */
function plainHttp(
	variable: "LLM_BASE_URL" | "EMBEDDING_BASE_URL",
	endpoint: HttpEndpoint | undefined,
): ConfigurationFinding[] {
	if (!endpoint?.apiKey || !endpoint.baseUrl.startsWith("http:")) return [];
	const { hostname } = new URL(endpoint.baseUrl);
	// A name without a domain belongs to the same network.
	if (isPrivateHost(hostname) || !hostname.includes(".")) return [];
	return [
		{
			name: `plain-http-${variable === "LLM_BASE_URL" ? "llm" : "embedding"}`,
			title: "Keys travel encrypted",
			status: "warning",
			seen: `The key for ${endpoint.baseUrl} is sent over plain http, to a host that is not in a private network.`,
			cause: "Anyone on the network path can read the key and the memories.",
			fixes: [setTo(variable, endpoint.baseUrl.replace(/^http:/, "https:"))],
		},
	];
}

/** Texts that go to api.openai.com although nothing names it. */
function embeddingHost(llm: HttpEndpoint, embedding: HttpEndpoint): ConfigurationFinding[] {
	const openai = providers.openai.baseUrl as string;
	if (embedding.baseUrl !== openai || llm.baseUrl === openai) return [];
	return [
		{
			name: "embedding-host",
			title: "Embeddings go where they are meant to",
			status: "warning",
			seen: `Embeddings go to ${openai}, but the language model is at ${llm.baseUrl}.`,
			cause: "EMBEDDING_PROVIDER is openai, and EMBEDDING_BASE_URL is not set.",
			fixes: [
				setTo("EMBEDDING_BASE_URL", "default", "Set EMBEDDING_BASE_URL to default, for api.openai.com"),
				setTo("EMBEDDING_BASE_URL", llm.baseUrl),
				setTo("EMBEDDING_PROVIDER", "builtin", "Use the built-in embedding model"),
			],
		},
	];
}
