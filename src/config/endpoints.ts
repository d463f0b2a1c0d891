import { boundValue, providerKey } from "./boundValues.ts";
import { chatDoubt, embeddingDoubt } from "./doubts.ts";
import { type ChosenProviders, chatUrl, embeddingUrl } from "./givenHosts.ts";
import { type Network, networkOf } from "./network.ts";
import { type EndpointRole, type Provider, providers } from "./providers.ts";
import type { Reading } from "./reader.ts";
import { secretsIn } from "./secrets.ts";
import { isPrivateHost, originOf } from "./urls.ts";

export type { EndpointRole } from "./providers.ts";
export { originOf } from "./urls.ts";

/** An endpoint that is reached over HTTP. */
export interface HttpEndpoint {
	readonly provider: Provider;
	/** Normalised, without a slash at the end; for azure the resource's URL. */
	readonly baseUrl: string;
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
		const [origin, keyOrigin] = [originOf(embedding.baseUrl), originOf(http.baseUrl)];
		if (origin !== keyOrigin && !isPrivateHost(new URL(origin).hostname))
			notices.push({ kind: "not-shared", origin, keyOrigin });
	}
	return { llm, embedding };
}

function chooseProviders({ env, values, notices }: Reading): ChosenProviders {
	const openai = { provider: "openai", assumed: true } as const;
	const { LLM_BASE_URL: url, LLM_API_KEY: key, LLM_CHOICE: model, EMBEDDING_PROVIDER: named } = values;
	const notSet = !env.LLM_PROVIDER?.trim() && (url || key || model);
	if (notSet) {
		const because = "because other LLM_* variables are set";
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
	const because = "because EMBEDDING_BASE_URL is set";
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
	if (!chosen.chat) return undefined;
	const { provider } = chosen.chat;
	const defaults = providers[provider];
	const azure = provider === "azure";
	const doubt = chatDoubt(reading, azure);
	if (doubt) {
		problems.push(doubt);
		return undefined;
	}
	const baseUrl = chatUrl(values, chosen);
	const model = llmModel ?? (azure ? values.AZURE_OPENAI_DEPLOYMENT_NAME : defaults.chatModel);
	const missing = { kind: "missing", role: "chat", provider } as const;
	if (baseUrl === undefined)
		problems.push({ ...missing, variable: "AZURE_OPENAI_ENDPOINT", instead: "LLM_BASE_URL" });
	if (model === undefined)
		problems.push(
			azure
				? { ...missing, variable: "AZURE_OPENAI_DEPLOYMENT_NAME", instead: "LLM_CHOICE" }
				: { ...missing, variable: "LLM_CHOICE" },
		);
	if (baseUrl === undefined || model === undefined) return undefined;
	if (llmModel === undefined && !azure)
		notices.push({ kind: "assumed", variable: "LLM_CHOICE", value: model, because: "as in mcp-mem0" });
	return {
		provider,
		baseUrl,
		apiKey:
			(boundValue(reading, "LLM_API_KEY", chatUrl, chosen) ??
				providerKey(reading, provider, chatUrl, chosen)) ||
			undefined,
		headers: boundValue(reading, "LLM_HEADERS", chatUrl, chosen) ?? {},
		model,
		secrets: secretsIn(reading.env, reading.ambient),
		network: networkOf(reading.ambient),
		apiVersion: azure ? values.AZURE_OPENAI_API_VERSION : undefined,
		timeout,
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
	const { EMBEDDING_MODEL_CHOICE: model, EMBEDDING_MODEL_DIMS: dimensions } = values;
	if (!chosen.embedding) {
		const names = ["EMBEDDING_MODEL_CHOICE", "EMBEDDING_MODEL_DIMS", "EMBEDDING_BASE_URL"] as const;
		const unused = names.filter((name) => values[name]);
		if (unused.length > 0) notices.push({ kind: "unused", variables: unused });
		return undefined;
	}
	const { provider } = chosen.embedding;
	const azure = provider === "azure";
	const doubt = embeddingDoubt(reading, chosen);
	if (doubt) {
		// The language model may have the same.
		if (!problems.some(({ variable }) => variable === doubt.variable)) problems.push(doubt);
		return undefined;
	}
	const baseUrl = embeddingUrl(values, chosen);
	if (baseUrl === undefined) {
		const [variable, instead] = ["AZURE_OPENAI_ENDPOINT", "EMBEDDING_BASE_URL"] as const;
		problems.push({ kind: "missing", variable, role: "embedding", provider, instead });
		return undefined;
	}
	const sameOrigin = llm !== undefined && originOf(llm.baseUrl) === originOf(baseUrl);
	const key =
		boundValue(reading, "EMBEDDING_API_KEY", embeddingUrl, chosen) ??
		// An empty key means that the language model's server needs none; it says nothing about another host.
		((sameOrigin && boundValue(reading, "LLM_API_KEY", chatUrl, chosen)) || undefined) ??
		providerKey(reading, provider, embeddingUrl, chosen);
	return {
		provider,
		baseUrl,
		apiKey: key || undefined,
		headers:
			boundValue(reading, "EMBEDDING_HEADERS", embeddingUrl, chosen) ?? (sameOrigin ? llm.headers : {}),
		model: model ?? providers[provider].embeddingModel,
		secrets: secretsIn(reading.env, reading.ambient),
		network: networkOf(reading.ambient),
		apiVersion: azure ? values.AZURE_OPENAI_API_VERSION : undefined,
		timeout,
		dimensions,
	};
}

/** The lines that mcp-mem0 logs at LOG_LEVEL=DEBUG, for each role. */
export function endpointLines({ llm, embedding }: Endpoints): string[] {
	const roles = { "language model": httpOnly(llm), embeddings: embedding };
	return Object.entries(roles).flatMap(([role, endpoint]) => {
		if (!endpoint) return [];
		const { provider, baseUrl, model } = endpoint;
		if (baseUrl === providers[provider].baseUrl)
			return [`Using the ${provider} endpoint: ${baseUrl} (${role}, model ${model})`];
		return [
			`Set custom OpenAI base URL: ${baseUrl} (${role})`,
			`Using custom OpenAI endpoint: ${baseUrl} (${role}, model ${model})`,
		];
	});
}
