import { type EndpointRole, type Provider, providers } from "./providers.ts";
import type { VariableReader } from "./reader.ts";
import type { Environment } from "./variables.ts";

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

/** The values of the variables that describe endpoints. An empty key means that the server needs none. */
type EndpointValues = ReturnType<typeof readEndpointValues>;

export function readEndpointValues(read: VariableReader, env: Environment, ambient: Environment) {
	const llmProvider = read.word("LLM_PROVIDER");
	const llmKind = llmProvider === "vscode" || llmProvider === "none" ? "openai" : llmProvider;
	const embeddingProvider = read.word("EMBEDDING_PROVIDER");
	const embeddingKind = embeddingProvider === "builtin" ? llmKind : (embeddingProvider ?? llmKind);
	const timeout = read.number("MCP_TIMEOUT");
	if (timeout > longestRequest)
		read.notices.push({ kind: "capped", variable: "MCP_TIMEOUT", value: timeout, limit: longestRequest });
	return {
		llmProvider: env.LLM_PROVIDER?.trim() ? llmProvider : undefined,
		llmBaseUrl: read.url("LLM_BASE_URL", llmKind),
		llmApiKey: read.text("LLM_API_KEY"),
		llmModel: read.text("LLM_CHOICE"),
		llmHeaders: read.headers("LLM_HEADERS"),
		temperature: read.number("LLM_TEMPERATURE"),
		maxTokens: read.number("LLM_MAX_TOKENS"),
		contextLength: read.number("LLM_CONTEXT_LENGTH"),
		embeddingProvider,
		/** The word `default` stands for the provider's own. */
		embeddingBaseUrl: read.url("EMBEDDING_BASE_URL", embeddingKind),
		embeddingApiKey: read.text("EMBEDDING_API_KEY"),
		embeddingModel: read.text("EMBEDDING_MODEL_CHOICE"),
		embeddingHeaders: read.headers("EMBEDDING_HEADERS"),
		dimensions: read.number("EMBEDDING_MODEL_DIMS"),
		azureApiKey: read.text("AZURE_OPENAI_API_KEY"),
		azureEndpoint: read.url("AZURE_OPENAI_ENDPOINT", "azure"),
		azureApiVersion: read.text("AZURE_OPENAI_API_VERSION"),
		azureDeployment: read.text("AZURE_OPENAI_DEPLOYMENT_NAME"),
		/** For api.openai.com only. */
		openaiApiKey: ambient.OPENAI_API_KEY?.trim() || undefined,
		/** ms */
		timeout: 1000 * Math.min(longestRequest, timeout),
	};
}

type Remarks = Pick<VariableReader, "problems" | "notices">;

/**
 * Which endpoints are used for what. What is missing, or was assumed, is added to `remarks`.
 * @param boundKeys whether a key goes only to the origin it was entered for, as in VS Code.
 */
export function effectiveEndpoints(values: EndpointValues, boundKeys: boolean, remarks: Remarks): Endpoints {
	const llm = chatEndpoint(values, remarks);
	const http = httpOnly(llm);
	const embedding = embeddingEndpoint(values, boundKeys, http, remarks);
	const { llmApiKey, embeddingApiKey } = values;
	if (http && embedding && llmApiKey && embeddingApiKey === undefined && embedding.apiKey === llmApiKey) {
		const origin = originOf(embedding.baseUrl);
		if (originOf(http.baseUrl) !== origin) remarks.notices.push({ kind: "shared-key", origin });
	}
	return { llm, embedding };
}

export function endpointOf(
	{ llm, embedding }: Endpoints,
	role: EndpointRole,
): Endpoints["llm"] | Endpoints["embedding"] {
	return role === "chat" ? llm : embedding;
}

/** The language model, if it is reached over HTTP. */
export function httpOnly(llm: Endpoints["llm"]): ChatEndpoint | undefined {
	return llm?.provider === "vscode" ? undefined : llm;
}

function chatEndpoint(values: EndpointValues, { notices, problems }: Remarks): Endpoints["llm"] {
	const { llmModel, maxTokens, contextLength, timeout, temperature } = values;
	let provider = values.llmProvider;
	if (provider === undefined && (values.llmBaseUrl || values.llmApiKey || llmModel)) {
		provider = "openai";
		const because = "because other LLM_* variables are set";
		notices.push({ kind: "assumed", variable: "LLM_PROVIDER", value: provider, because });
	}
	if (provider === undefined || provider === "none") return undefined;
	if (provider === "vscode") return { provider, model: llmModel, maxTokens, contextLength };

	const defaults = providers[provider];
	const azure = provider === "azure";
	const baseUrl = values.llmBaseUrl ?? (azure ? values.azureEndpoint : defaults.baseUrl);
	const model = llmModel ?? (azure ? values.azureDeployment : defaults.chatModel);
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
		apiKey: (values.llmApiKey ?? providerKey(values, provider, baseUrl)) || undefined,
		headers: values.llmHeaders ?? {},
		model,
		apiVersion: azure ? values.azureApiVersion : undefined,
		timeout,
		temperature,
		maxTokens,
		contextLength: contextLength ?? defaults.contextLength,
	};
}

function embeddingEndpoint(
	values: EndpointValues,
	boundKeys: boolean,
	llm: ChatEndpoint | undefined,
	{ notices, problems }: Remarks,
): EmbeddingEndpoint | undefined {
	const { embeddingBaseUrl: given, embeddingModel, dimensions, timeout } = values;
	let provider = values.embeddingProvider ?? llm?.provider;
	if (provider === undefined && given !== undefined) {
		provider = "openai";
		const because = "because EMBEDDING_BASE_URL is set";
		notices.push({ kind: "assumed", variable: "EMBEDDING_PROVIDER", value: provider, because });
	}
	if (provider === undefined || provider === "builtin") {
		const endpointOnly = {
			EMBEDDING_MODEL_CHOICE: embeddingModel,
			EMBEDDING_MODEL_DIMS: dimensions,
			EMBEDDING_BASE_URL: given,
		};
		const unused = Object.entries(endpointOnly).flatMap(([name, value]) =>
			value === undefined ? [] : [name],
		);
		if (unused.length > 0) notices.push({ kind: "unused", variables: unused });
		return undefined;
	}

	const defaults = providers[provider];
	const azure = provider === "azure";
	const own = azure ? values.azureEndpoint : defaults.baseUrl;
	const sameProvider = llm?.provider === provider ? llm.baseUrl : undefined;
	const baseUrl = given === "default" ? own : (given ?? sameProvider ?? own);
	if (baseUrl === undefined) {
		const [variable, instead] = ["AZURE_OPENAI_ENDPOINT", "EMBEDDING_BASE_URL"] as const;
		problems.push({ kind: "missing", variable, role: "embedding", provider, instead });
		return undefined;
	}
	const sameOrigin = llm !== undefined && originOf(llm.baseUrl) === originOf(baseUrl);
	// An empty key means that the language model's server needs none; it says nothing about another host.
	const shared = (sameOrigin || !boundKeys ? values.llmApiKey : undefined) || undefined;
	const key = values.embeddingApiKey ?? shared ?? providerKey(values, provider, baseUrl);
	return {
		provider,
		baseUrl,
		apiKey: key || undefined,
		headers: values.embeddingHeaders ?? (sameOrigin ? llm.headers : {}),
		model: embeddingModel ?? defaults.embeddingModel,
		apiVersion: azure ? values.azureApiVersion : undefined,
		timeout,
		dimensions,
	};
}

/** The key of the provider, where no key is set for the role. */
function providerKey(values: EndpointValues, provider: Provider, baseUrl: string): string | undefined {
	if (provider === "azure" && values.azureApiKey) return values.azureApiKey;
	return originOf(baseUrl) === "https://api.openai.com" ? values.openaiApiKey : undefined;
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
