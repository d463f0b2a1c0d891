import type { Config, ConfigResult } from "../../config/config.ts";
import { providers } from "../../config/providers.ts";
import { reasonOf, statementOf } from "../../config/remarks.ts";
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
	{ config, notices }: ConfigResult,
): ConfigurationFinding[] {
	return [
		...correctedUrls(config, notices),
		...unused(env),
		...ambientVariables(env, ambient, config),
		...plainHttp(config),
		...embeddingHost(env, config),
		...sharedKey(notices),
	];
}

/** URLs that were read with corrections; other programs may stumble over them as they are. */
function correctedUrls({ llm, embedding }: Config, notices: ConfigResult["notices"]): ConfigurationFinding[] {
	return notices.flatMap((notice) => {
		if (notice.kind !== "corrected") return [];
		const { variable, url } = notice;
		const inUse =
			variable === "LLM_BASE_URL"
				? llm && llm.provider !== "vscode"
				: variable === "EMBEDDING_BASE_URL" && embedding;
		if (!inUse) return [];
		return [
			{
				name: variable === "LLM_BASE_URL" ? "mended-llm" : "mended-embedding",
				title: `${variable} is written as it is meant`,
				status: "warning",
				seen: `${statementOf(notice)}.`,
				cause: reasonOf(notice),
				fixes: [setTo(variable, url)],
			},
		];
	});
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
function ambientVariables(env: Environment, ambient: Environment, { llm }: Config): ConfigurationFinding[] {
	const name = ["OPENAI_BASE_URL", "OPENAI_API_BASE"].find((each) => (env[each] ?? ambient[each])?.trim());
	const given = name && (env[name] ?? ambient[name])?.trim();
	if (!name || !given || !llm || llm.provider === "vscode") return [];
	const read = readEndpointUrl(given, "openai");
	if (typeof read === "string" || read.url === llm.baseUrl || env.LLM_BASE_URL?.trim()) return [];
	return [
		{
			name: "ambient",
			title: "No variables of other programs are in the way",
			status: "warning",
			seen: `${name} is ${read.url}, but requests go to ${llm.baseUrl}.`,
			cause: `${name} is for other programs and is not read here. LLM_BASE_URL is read, but it is not set.`,
			fixes: [setTo("LLM_BASE_URL", read.url), setTo("LLM_BASE_URL", llm.baseUrl)],
		},
	];
}

/** Keys that anyone on the network path can read. */
function plainHttp({ llm, embedding }: Config): ConfigurationFinding[] {
	const roles = [
		["llm", "LLM_BASE_URL", llm?.provider === "vscode" ? undefined : llm],
		["embedding", "EMBEDDING_BASE_URL", embedding],
	] as const;
	const seen = new Set<string>();
	return roles.flatMap(([role, variable, endpoint]) => {
		if (!endpoint?.apiKey || !endpoint.baseUrl.startsWith("http:") || seen.has(endpoint.baseUrl)) return [];
		seen.add(endpoint.baseUrl);
		const { hostname } = new URL(endpoint.baseUrl);
		// A name without a domain belongs to the same network.
		if (isPrivateHost(hostname) || !hostname.includes(".")) return [];
		return [
			{
				name: `plain-http-${role}`,
				title: "Keys travel encrypted",
				status: "warning",
				seen: `The key for ${endpoint.baseUrl} is sent over plain http, to a host that is not in a private network.`,
				cause: "Anyone on the network path can read the key and the memories.",
				fixes: [setTo(variable, endpoint.baseUrl.replace(/^http:/, "https:"))],
			},
		];
	});
}

/** Texts that go to api.openai.com although nothing names it. */
function embeddingHost(env: Environment, { llm, embedding }: Config): ConfigurationFinding[] {
	const openai = providers.openai.baseUrl as string;
	if (embedding?.baseUrl !== openai || env.EMBEDDING_BASE_URL?.trim()) return [];
	if (!llm || llm.provider === "vscode" || llm.baseUrl === openai) return [];
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

/** A key that was entered for one host and is sent to two. */
function sharedKey(notices: ConfigResult["notices"]): ConfigurationFinding[] {
	return notices.flatMap((notice) => {
		if (notice.kind !== "shared-key") return [];
		const { origin } = notice;
		const label = `Enter the key for ${origin}`;
		return [
			{
				name: "shared-key",
				title: "Each host gets only its own key",
				status: "warning",
				seen: `${statementOf(notice)}.`,
				cause: reasonOf(notice),
				fixes: [{ kind: "enter-key", label, variable: "EMBEDDING_API_KEY", origin }],
			},
		];
	});
}
