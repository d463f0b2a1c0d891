import type { Config } from "../../config/config.ts";
import { originOf } from "../../config/endpoints.ts";
import { providers } from "../../config/providers.ts";
import { isPrivateHost, readEndpointUrl } from "../../config/urls.ts";
import type { Environment } from "../../config/variables.ts";
import type { ConfigurationFinding } from "./configuration.ts";

/** Values that are valid each by itself, and together do something else than they seem to be meant for. */
export function findContradictions(
	env: Environment,
	ambient: Environment,
	config: Config,
): ConfigurationFinding[] {
	return [
		...mended(env, config),
		...unused(env),
		...ambientVariables(env, ambient, config),
		...plainHttp(config),
		...embeddingHost(env, config),
		...sharedKey(env, config),
	];
}

/** URLs with slips that are read as what they mean; writing them as such keeps other programs from stumbling. */
function mended(env: Environment, config: Config): ConfigurationFinding[] {
	const roles = [
		["LLM_BASE_URL", config.llm],
		["EMBEDDING_BASE_URL", config.embedding],
	] as const;
	return roles.flatMap(([name, endpoint]) => {
		const given = env[name]?.trim();
		if (!given || !endpoint || endpoint.provider === "vscode") return [];
		const read = readEndpointUrl(given, endpoint.provider);
		if (typeof read === "string" || read.mends.length === 0 || given.toLowerCase() === "default") return [];
		return [
			{
				name: name === "LLM_BASE_URL" ? "mended-llm" : "mended-embedding",
				title: `${name} is written as it is meant`,
				draft: {
					status: "warning",
					seen: `${name} is read as ${read.url}.`,
					cause: `${capital(read.mends.join("; "))}.`,
					fixes: [
						{
							kind: "set",
							label: `Set ${name} to ${read.url}`,
							changes: [{ variable: name, value: read.url }],
						},
					],
				},
			},
		];
	});
}

/** Values that are there and have no effect, since the provider is another. */
function unused(env: Environment): ConfigurationFinding[] {
	if (env.LLM_PROVIDER?.trim().toLowerCase() !== "none" || !env.LLM_BASE_URL?.trim()) return [];
	return [
		{
			name: "unused",
			title: "The language model is used",
			draft: {
				status: "warning",
				seen: "LLM_BASE_URL is set, and LLM_PROVIDER is none: no language model is used.",
				cause: "LLM_PROVIDER decides whether there is a language model.",
				fixes: [
					{
						kind: "set",
						label: "Set LLM_PROVIDER to openai",
						changes: [{ variable: "LLM_PROVIDER", value: "openai" }],
					},
					{
						kind: "set",
						label: "Leave LLM_BASE_URL unset",
						changes: [{ variable: "LLM_BASE_URL", value: undefined }],
					},
				],
			},
		},
	];
}

/** Variables of other programs' OpenAI clients, which have no say here. */
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
			draft: {
				status: "warning",
				seen: `${name} is ${read.url}, and requests go to ${llm.baseUrl}.`,
				cause: `${name} is another program's, and is not read. LLM_BASE_URL is, and is not set.`,
				fixes: [
					{
						kind: "set",
						label: `Set LLM_BASE_URL to ${read.url}`,
						changes: [{ variable: "LLM_BASE_URL", value: read.url }],
					},
					{
						kind: "set",
						label: `Set LLM_BASE_URL to ${llm.baseUrl}`,
						changes: [{ variable: "LLM_BASE_URL", value: llm.baseUrl }],
					},
				],
			},
		},
	];
}

/** Keys that everybody on the way can read. */
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
		// A name without a domain is one of the same network.
		if (isPrivateHost(hostname) || !hostname.includes(".")) return [];
		const secure = endpoint.baseUrl.replace(/^http:/, "https:");
		return [
			{
				name: `plain-http-${role}`,
				title: "Keys travel encrypted",
				draft: {
					status: "warning" as const,
					seen: `The key for ${endpoint.baseUrl} is sent over plain http, to a host that is not in a private network.`,
					cause: "Everybody on the way can read the key and the memories.",
					fixes: [
						{
							kind: "set" as const,
							label: `Set ${variable} to ${secure}`,
							changes: [{ variable, value: secure }],
						},
					],
				},
			},
		];
	});
}

/** Texts that go to api.openai.com though nothing names it. */
function embeddingHost(env: Environment, { llm, embedding }: Config): ConfigurationFinding[] {
	const openai = providers.openai.baseUrl as string;
	if (embedding?.baseUrl !== openai || env.EMBEDDING_BASE_URL?.trim()) return [];
	if (!llm || llm.provider === "vscode" || llm.baseUrl === openai) return [];
	return [
		{
			name: "embedding-host",
			title: "Embeddings go where they are meant to",
			draft: {
				status: "warning",
				seen: `Embeddings go to ${openai}, and the language model is at ${llm.baseUrl}.`,
				cause: "EMBEDDING_PROVIDER is openai, and EMBEDDING_BASE_URL is not set.",
				fixes: [
					{
						kind: "set",
						label: "Set EMBEDDING_BASE_URL to default: api.openai.com is meant",
						changes: [{ variable: "EMBEDDING_BASE_URL", value: "default" }],
					},
					{
						kind: "set",
						label: `Set EMBEDDING_BASE_URL to ${llm.baseUrl}`,
						changes: [{ variable: "EMBEDDING_BASE_URL", value: llm.baseUrl }],
					},
					{
						kind: "set",
						label: "Use the built-in embedding model",
						changes: [{ variable: "EMBEDDING_PROVIDER", value: "builtin" }],
					},
				],
			},
		},
	];
}

/** A key that was entered for one host and is sent to two. */
function sharedKey(env: Environment, { llm, embedding }: Config): ConfigurationFinding[] {
	if (!llm || llm.provider === "vscode" || !embedding?.apiKey || env.EMBEDDING_API_KEY !== undefined)
		return [];
	const [from, to] = [originOf(llm.baseUrl), originOf(embedding.baseUrl)];
	if (embedding.apiKey !== env.LLM_API_KEY?.trim() || from === to) return [];
	return [
		{
			name: "shared-key",
			title: "Each host gets its own key only",
			draft: {
				status: "warning",
				seen: `LLM_API_KEY is also sent to ${to}, for embeddings.`,
				cause: "EMBEDDING_API_KEY is not set, so that of the language model is used.",
				fixes: [
					{ kind: "enter-key", label: `Enter the key for ${to}`, variable: "EMBEDDING_API_KEY", origin: to },
				],
			},
		},
	];
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
