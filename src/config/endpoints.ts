import * as l10n from "@vscode/l10n";
import { boundValue, providerKey } from "./boundValues.ts";
import { chatDoubt, embeddingDoubt } from "./doubts.ts";
import { type Prefixes, prefixesOf } from "./embeddingPrefixes.ts";
import { deploymentIn, type GivenBy, givenBy } from "./givenBy.ts";
import { type ChosenProviders, chatUrl, embeddingUrl } from "./givenHosts.ts";
import { type Network, networkOf } from "./network.ts";
import { type EndpointRole, type Provider, providers } from "./providers.ts";
import type { Reading } from "./reader.ts";
import { secretsIn } from "./secrets.ts";
import { boundOrigin, covers, originsIn, urlsIn } from "./urlList.ts";
import { azureDeploymentOf, isPrivateHost } from "./urls.ts";
import type { VariableName } from "./variables.ts";

export type { EndpointRole } from "./providers.ts";
export { covers } from "./urlList.ts";
export { originOf } from "./urls.ts";

/** An endpoint that is reached over HTTP. */
export interface HttpEndpoint {
	readonly provider: Provider;
	/** Normalised, without a slash at the end; for azure the resource's URL, or its /openai/v1. */
	readonly baseUrl: string;
	/** Of further servers of the same model, among which requests are shared. They get the same key and headers. */
	readonly otherUrls?: readonly string[] | undefined;
	/** Undefined: the server needs none, and no Authorization header is sent. */
	readonly apiKey: string | undefined;
	readonly headers: Readonly<Record<string, string>>;
	/** For azure the name of the deployment. */
	readonly model: string;
	/** All secrets of the configuration: not to be sent, but to be hidden in what the server answers. */
	readonly secrets?: readonly string[];
	/** What decides by which way it is reached. Default: directly. */
	readonly network?: Network;
	/** For azure. */
	readonly apiVersion?: string | undefined;
	/** ms one request may take. */
	readonly timeout: number;
	/** Requests to one server at the same time. Default: a few. */
	readonly maxConcurrency?: number | undefined;
	/** Requests to one server in any minute. Default: no limit. */
	readonly requestsPerMinute?: number | undefined;
	/** What the user has set, for errors. */
	readonly given?: GivenBy;
}

/** The base URLs of all servers of an endpoint. */
export function urlsOf({ baseUrl, otherUrls = [] }: Pick<HttpEndpoint, "baseUrl" | "otherUrls">) {
	return [baseUrl, ...otherUrls] as const;
}

/** An endpoint's servers, each as an endpoint of its own. */
export function serversOf<T extends HttpEndpoint>(endpoint: T): T[] {
	return urlsOf(endpoint).map((baseUrl) => ({ ...endpoint, baseUrl, otherUrls: undefined }));
}

/** What the key of an endpoint is bound to, and whoever gets its texts: the origin, or those of all servers. */
export function originsOf(endpoint: Pick<HttpEndpoint, "baseUrl" | "otherUrls">): string {
	return boundOrigin(urlsOf(endpoint));
}

export interface ChatEndpoint extends HttpEndpoint {
	readonly temperature: number;
	readonly maxTokens: number;
	/** Tokens; absent where the endpoint must be asked. */
	readonly contextLength?: number | undefined;
}

/** A language model that VS Code or the MCP client brings; `model` is its family or id. */
export interface HostModel {
	readonly provider: "vscode";
	readonly model: string | undefined;
	readonly maxTokens: number;
	readonly contextLength?: number | undefined;
}

export interface EmbeddingEndpoint extends HttpEndpoint {
	/** Width of the vectors, if the user sets it. */
	readonly dimensions?: number | undefined;
	/** Sent before each text. */
	readonly prefixes: Prefixes;
}

export interface Endpoints {
	/** Undefined: texts are kept word for word. */
	readonly llm: ChatEndpoint | HostModel | undefined;
	/** Undefined: the built-in model. */
	readonly embedding: EmbeddingEndpoint | undefined;
}

/** s; no request waits longer for its answer. */
const longestRequest = 300;

/** Which endpoints are used for what. What is missing, or was assumed, is added to the remarks of the reading. */
export function effectiveEndpoints(reading: Reading): Endpoints {
	const { notices, values } = reading;
	const { LLM_API_KEY: llmKey, MCP_TIMEOUT: seconds } = values;
	if (seconds > longestRequest)
		notices.push({ kind: "capped", variable: "MCP_TIMEOUT", value: seconds, limit: longestRequest });
	const timeout = 1000 * Math.min(longestRequest, seconds);
	const chosen = chooseProviders(reading);
	const llm = chatEndpoint(reading, timeout, chosen);
	const http = httpOnly(llm);
	const embedding = embeddingEndpoint(reading, timeout, chosen, http);
	if (http && embedding && llmKey && embedding.apiKey === undefined && values.EMBEDDING_API_KEY !== "") {
		const keyOrigin = originsOf(http);
		const others = originsIn(originsOf(embedding)).filter((each) => !covers(keyOrigin, each));
		const origin = others.find((each) => !isPrivateHost(new URL(each).hostname));
		if (origin !== undefined) notices.push({ kind: "not-shared", origin, keyOrigin });
	}
	return { llm, embedding };
}

function chooseProviders({ env, values, notices }: Reading): ChosenProviders {
	const openai = { provider: "openai", assumed: true } as const;
	const { LLM_BASE_URL: url, LLM_API_KEY: key, LLM_CHOICE: model, EMBEDDING_PROVIDER: named } = values;
	const notSet = !env.LLM_PROVIDER?.trim() && (url || key || model);
	if (notSet) {
		const because = l10n.t("because other LLM_* variables are set");
		notices.push({ kind: "assumed", variable: "LLM_PROVIDER", value: openai.provider, because });
	}
	const given = values.LLM_PROVIDER;
	const chat = notSet
		? openai
		: given === "none" || given === "vscode"
			? undefined
			: { provider: given, assumed: false };
	if (named === "builtin") return { chat, embedding: undefined };
	if (named) return { chat, embedding: { provider: named, assumed: false } };
	if (chat || values.EMBEDDING_BASE_URL === undefined) return { chat, embedding: chat };
	const because = l10n.t("because EMBEDDING_BASE_URL is set");
	notices.push({ kind: "assumed", variable: "EMBEDDING_PROVIDER", value: openai.provider, because });
	return { chat, embedding: openai };
}

export function endpointOf({ llm, embedding }: Endpoints, role: EndpointRole) {
	return role === "chat" ? llm : embedding;
}

/** The language model, if it is reached over HTTP. */
export function httpOnly(llm: Endpoints["llm"]): ChatEndpoint | undefined {
	return llm?.provider === "vscode" ? undefined : llm;
}

function chatEndpoint(reading: Reading, timeout: number, chosen: ChosenProviders): Endpoints["llm"] {
	const { values, notices, problems } = reading;
	const { LLM_CHOICE: llmModel, LLM_MAX_TOKENS: maxTokens, LLM_CONTEXT_LENGTH: contextLength } = values;
	if (values.LLM_PROVIDER === "vscode")
		return { provider: "vscode", model: llmModel, maxTokens, contextLength };
	// An invalid URL must not give way to a default host.
	if (!chosen.chat || isInvalid(reading, "LLM_BASE_URL")) return undefined;
	const urlOf = (each: typeof values) => chatUrl(each, chosen);
	const { urls, deployment } = resources(urlOf(values));
	const provider = deployment ? "azure" : chosen.chat.provider;
	const defaults = providers[provider];
	const azure = provider === "azure";
	const doubt = chatDoubt(reading, azure);
	if (doubt) {
		problems.push(doubt);
		return undefined;
	}
	const named = llmModel ?? (azure ? values.AZURE_OPENAI_DEPLOYMENT_NAME : defaults.chatModel);
	const given = givenBy("chat", reading, chosen, false);
	const model = deploymentIn(reading, deployment, given, named) ?? named;
	const missing = { kind: "missing", role: "chat", provider } as const;
	if (urls === undefined)
		problems.push({ ...missing, variable: "AZURE_OPENAI_ENDPOINT", instead: "LLM_BASE_URL" });
	if (model === undefined)
		problems.push(
			azure
				? { ...missing, variable: "AZURE_OPENAI_DEPLOYMENT_NAME", instead: "LLM_CHOICE" }
				: { ...missing, variable: "LLM_CHOICE" },
		);
	if (urls === undefined || model === undefined) return undefined;
	if (llmModel === undefined && !azure)
		notices.push({
			kind: "assumed",
			variable: "LLM_CHOICE",
			value: model,
			because: l10n.t("as in mcp-mem0"),
		});
	const [baseUrl, ...otherUrls] = urls;
	return {
		provider,
		baseUrl,
		otherUrls,
		apiKey: (boundValue(reading, "LLM_API_KEY", urlOf) ?? providerKey(reading, provider, urlOf)) || undefined,
		headers: boundValue(reading, "LLM_HEADERS", urlOf) ?? {},
		model,
		secrets: secretsIn(reading.env, reading.ambient),
		network: networkOf(reading.ambient),
		apiVersion: azure ? (deployment?.apiVersion ?? values.AZURE_OPENAI_API_VERSION) : undefined,
		timeout,
		maxConcurrency: values.LLM_MAX_CONCURRENCY,
		requestsPerMinute: values.LLM_REQUESTS_PER_MINUTE,
		given,
		temperature: values.LLM_TEMPERATURE,
		maxTokens,
		contextLength: contextLength ?? defaults.contextLength,
	};
}

function embeddingEndpoint(
	reading: Reading,
	timeout: number,
	chosen: ChosenProviders,
	llm: ChatEndpoint | undefined,
): EmbeddingEndpoint | undefined {
	const { values, notices, problems } = reading;
	const { EMBEDDING_MODEL_CHOICE: named, EMBEDDING_MODEL_DIMS: dimensions } = values;
	if (!chosen.embedding) {
		const names = ["EMBEDDING_MODEL_CHOICE", "EMBEDDING_MODEL_DIMS", "EMBEDDING_BASE_URL"] as const;
		const unused = names.filter((name) => values[name]);
		if (unused.length > 0) notices.push({ kind: "unused", variables: unused });
		return undefined;
	}
	// An invalid URL must not give way to a default host.
	const follows =
		values.EMBEDDING_BASE_URL === undefined && chosen.chat?.provider === chosen.embedding.provider;
	if (isInvalid(reading, "EMBEDDING_BASE_URL") || (follows && isInvalid(reading, "LLM_BASE_URL")))
		return undefined;
	const urlOf = (each: typeof values) => embeddingUrl(each, chosen);
	const { urls, deployment } = resources(urlOf(values));
	const provider = deployment ? "azure" : chosen.embedding.provider;
	const azure = provider === "azure";
	const doubt = embeddingDoubt(reading, chosen);
	if (doubt) {
		// The language model may have the same.
		if (!problems.some(({ variable }) => variable === doubt.variable)) problems.push(doubt);
		return undefined;
	}
	if (urls === undefined) {
		const [variable, instead] = ["AZURE_OPENAI_ENDPOINT", "EMBEDDING_BASE_URL"] as const;
		problems.push({ kind: "missing", variable, role: "embedding", provider, instead });
		return undefined;
	}
	const [baseUrl, ...otherUrls] = urls;
	const sameOrigin = llm !== undefined && covers(originsOf(llm), boundOrigin(urls));
	const key =
		boundValue(reading, "EMBEDDING_API_KEY", urlOf) ??
		// An empty key means that the language model's server needs none; it says nothing about another host.
		((sameOrigin && boundValue(reading, "LLM_API_KEY", (each) => chatUrl(each, chosen))) || undefined) ??
		providerKey(reading, provider, urlOf);
	const given = givenBy("embedding", reading, chosen, sameOrigin);
	const model =
		deploymentIn(reading, deployment, given, named) ?? named ?? providers[provider].embeddingModel;
	const known = prefixesOf(model);
	return {
		provider,
		baseUrl,
		otherUrls,
		apiKey: key || undefined,
		headers: boundValue(reading, "EMBEDDING_HEADERS", urlOf) ?? (sameOrigin ? llm.headers : {}),
		model,
		prefixes: {
			query: values.EMBEDDING_QUERY_PREFIX ?? known.query,
			document: values.EMBEDDING_DOCUMENT_PREFIX ?? known.document,
		},
		secrets: secretsIn(reading.env, reading.ambient),
		network: networkOf(reading.ambient),
		apiVersion: azure ? (deployment?.apiVersion ?? values.AZURE_OPENAI_API_VERSION) : undefined,
		timeout,
		maxConcurrency: values.EMBEDDING_MAX_CONCURRENCY,
		requestsPerMinute: values.EMBEDDING_REQUESTS_PER_MINUTE,
		given,
		dimensions,
	};
}

/** The servers' base URLs; where they lead to deployments of Azure, those of the resources, and the first deployment. */
function resources(value: string | undefined) {
	if (value === undefined) return { urls: undefined, deployment: undefined };
	const deployments = urlsIn(value).map((url) => ({ url, found: azureDeploymentOf(url) }));
	const urls = deployments.map(({ url, found }) => found?.resource ?? url) as [string, ...string[]];
	return { urls, deployment: deployments[0]?.found };
}

function isInvalid({ problems }: Reading, name: VariableName): boolean {
	return problems.some(({ variable }) => variable === name);
}

/** The lines that mcp-mem0 logs at LOG_LEVEL=DEBUG, for each role. */
export function endpointLines({ llm, embedding }: Endpoints): string[] {
	const roles = { "language model": httpOnly(llm), embeddings: embedding };
	return Object.entries(roles).flatMap(([role, endpoint]) => {
		if (!endpoint) return [];
		const { provider, model } = endpoint;
		return urlsOf(endpoint).flatMap((url) =>
			url === providers[provider].baseUrl
				? [`Using the ${provider} endpoint: ${url} (${role}, model ${model})`]
				: [
						`Set custom OpenAI base URL: ${url} (${role})`,
						`Using custom OpenAI endpoint: ${url} (${role}, model ${model})`,
					],
		);
	});
}
