import { type EndpointRole, type Provider, providers } from "./providers.ts";
import type { Reading } from "./reader.ts";
import { secretsIn } from "./secrets.ts";

export type { EndpointRole } from "./providers.ts";

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

/** s; Node's `fetch` does not wait longer for the first byte of an answer. */
const longestRequest = 300;

/**
 * Which endpoints are used for what. What is missing, or was assumed, is added to the remarks of the reading.
 * @param boundKeys whether a key goes only to the origin it was entered for, as in VS Code.
 */
export function effectiveEndpoints(reading: Reading, boundKeys: boolean): Endpoints {
	const { notices, values } = reading;
	const { LLM_API_KEY: llmKey, EMBEDDING_API_KEY: embeddingKey, MCP_TIMEOUT: seconds } = values;
	if (seconds > longestRequest)
		notices.push({ kind: "capped", variable: "MCP_TIMEOUT", value: seconds, limit: longestRequest });
	const timeout = 1000 * Math.min(longestRequest, seconds);
	const llm = chatEndpoint(reading, timeout);
	const http = httpOnly(llm);
	const embedding = embeddingEndpoint(reading, timeout, boundKeys, http);
	if (http && embedding && llmKey && embeddingKey === undefined && embedding.apiKey === llmKey) {
		const origin = originOf(embedding.baseUrl);
		if (originOf(http.baseUrl) !== origin) notices.push({ kind: "shared-key", origin });
	}
	return { llm, embedding };
}

export function endpointOf({ llm, embedding }: Endpoints, role: EndpointRole) {
	return role === "chat" ? llm : embedding;
}

/** The language model, if it is reached over HTTP. */
export function httpOnly(llm: Endpoints["llm"]): ChatEndpoint | undefined {
	return llm?.provider === "vscode" ? undefined : llm;
}

function chatEndpoint(reading: Reading, timeout: number): Endpoints["llm"] {
	const { env, values, notices, problems } = reading;
	const { LLM_CHOICE: llmModel, LLM_MAX_TOKENS: maxTokens, LLM_CONTEXT_LENGTH: contextLength } = values;
	let provider = env.LLM_PROVIDER?.trim() ? values.LLM_PROVIDER : undefined;
	if (provider === undefined && (values.LLM_BASE_URL || values.LLM_API_KEY || llmModel)) {
		provider = "openai";
		const because = "because other LLM_* variables are set";
		notices.push({ kind: "assumed", variable: "LLM_PROVIDER", value: provider, because });
	}
	if (provider === undefined || provider === "none") return undefined;
	if (provider === "vscode") return { provider, model: llmModel, maxTokens, contextLength };

	const defaults = providers[provider];
	const azure = provider === "azure";
	const baseUrl = values.LLM_BASE_URL ?? (azure ? values.AZURE_OPENAI_ENDPOINT : defaults.baseUrl);
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
		apiKey: (values.LLM_API_KEY ?? providerKey(reading, provider, baseUrl)) || undefined,
		headers: values.LLM_HEADERS ?? {},
		model,
		secrets: secretsIn(reading.env, reading.ambient),
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
	boundKeys: boolean,
	llm: ChatEndpoint | undefined,
): EmbeddingEndpoint | undefined {
	const { values, notices, problems } = reading;
	const {
		EMBEDDING_BASE_URL: given,
		EMBEDDING_MODEL_CHOICE: model,
		EMBEDDING_MODEL_DIMS: dimensions,
	} = values;
	let provider = values.EMBEDDING_PROVIDER ?? llm?.provider;
	if (provider === undefined && given !== undefined) {
		provider = "openai";
		const because = "because EMBEDDING_BASE_URL is set";
		notices.push({ kind: "assumed", variable: "EMBEDDING_PROVIDER", value: provider, because });
	}
	if (provider === undefined || provider === "builtin") {
		const endpointOnly = ["EMBEDDING_MODEL_CHOICE", "EMBEDDING_MODEL_DIMS", "EMBEDDING_BASE_URL"] as const;
		const unused = endpointOnly.filter((name) => values[name] !== undefined);
		if (unused.length > 0) notices.push({ kind: "unused", variables: unused });
		return undefined;
	}

	const defaults = providers[provider];
	const azure = provider === "azure";
	const own = azure ? values.AZURE_OPENAI_ENDPOINT : defaults.baseUrl;
	const sameProvider = llm?.provider === provider ? llm.baseUrl : undefined;
	const baseUrl = given === "default" ? own : (given ?? sameProvider ?? own);
	if (baseUrl === undefined) {
		const [variable, instead] = ["AZURE_OPENAI_ENDPOINT", "EMBEDDING_BASE_URL"] as const;
		problems.push({ kind: "missing", variable, role: "embedding", provider, instead });
		return undefined;
	}
	const sameOrigin = llm !== undefined && originOf(llm.baseUrl) === originOf(baseUrl);
	// An empty key means that the language model's server needs none; it says nothing about another host.
	const shared = (sameOrigin || !boundKeys ? values.LLM_API_KEY : undefined) || undefined;
	const key = values.EMBEDDING_API_KEY ?? shared ?? providerKey(reading, provider, baseUrl);
	return {
		provider,
		baseUrl,
		apiKey: key || undefined,
		headers: values.EMBEDDING_HEADERS ?? (sameOrigin ? llm.headers : {}),
		model: model ?? defaults.embeddingModel,
		secrets: secretsIn(reading.env, reading.ambient),
		apiVersion: azure ? values.AZURE_OPENAI_API_VERSION : undefined,
		timeout,
		dimensions,
	};
}

/** The key of the provider, where no key is set for the role. */
function providerKey({ values, ambient }: Reading, provider: Provider, baseUrl: string) {
	if (provider === "azure" && values.AZURE_OPENAI_API_KEY) return values.AZURE_OPENAI_API_KEY;
	return originOf(baseUrl) === "https://api.openai.com" ? ambient.OPENAI_API_KEY?.trim() : undefined;
}

export function originOf(url: string): string {
	return new URL(url).origin;
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
