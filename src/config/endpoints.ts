import { type Provider, providers } from "./providers.ts";
import type { VariableReader } from "./reader.ts";
import type { Environment } from "./variables.ts";

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
	readonly apiVersion?: string;
	/** ms one request may take. */
	readonly timeout: number;
}

export interface ChatEndpoint extends HttpEndpoint {
	readonly temperature: number;
	readonly maxTokens: number;
	/** Tokens; absent where the endpoint must be asked. */
	readonly contextLength?: number;
}

/** A language model that VS Code or the MCP client brings; `model` is its family or id. */
export interface HostModel {
	readonly provider: "vscode";
	readonly model: string | undefined;
	readonly maxTokens: number;
	readonly contextLength?: number;
}

export interface EmbeddingEndpoint extends HttpEndpoint {
	/** Width of the vectors, if the user sets it. */
	readonly dimensions?: number;
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
export type EndpointValues = ReturnType<typeof readEndpointValues>;

export function readEndpointValues(read: VariableReader, env: Environment) {
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
		/** ms */
		timeout: 1000 * Math.min(longestRequest, timeout),
	};
}

export interface KeyRules {
	/** `OPENAI_API_KEY` of the process, for api.openai.com only. */
	readonly openaiApiKey: string | undefined;
	/** Whether a key goes only to the origin it was entered for, as in VS Code. */
	readonly boundKeys: boolean;
}

type Remarks = Pick<VariableReader, "problems" | "notices">;

/** Which endpoints are used for what. What is missing, or was assumed, is added to `remarks`. */
export function effectiveEndpoints(values: EndpointValues, keys: KeyRules, remarks: Remarks): Endpoints {
	const llm = chatEndpoint(values, keys, remarks);
	const embedding = embeddingEndpoint(values, keys, llm, remarks);
	const { llmApiKey, embeddingApiKey } = values;
	if (llm && llm.provider !== "vscode" && embedding && llmApiKey && embeddingApiKey === undefined) {
		const origin = originOf(embedding.baseUrl);
		if (embedding.apiKey === llmApiKey && originOf(llm.baseUrl) !== origin)
			remarks.notices.push({ kind: "shared-key", origin });
	}
	return { llm, embedding };
}

function chatEndpoint(
	values: EndpointValues,
	{ openaiApiKey }: KeyRules,
	{ notices, problems }: Remarks,
): Endpoints["llm"] {
	let provider = values.llmProvider;
	if (provider === undefined && (values.llmBaseUrl || values.llmApiKey || values.llmModel)) {
		provider = "openai";
		const because = "because other LLM_* variables are set";
		notices.push({ kind: "assumed", variable: "LLM_PROVIDER", value: provider, because });
	}
	if (provider === undefined || provider === "none") return undefined;
	const common = {
		maxTokens: values.maxTokens,
		...(values.contextLength === undefined ? {} : { contextLength: values.contextLength }),
	};
	if (provider === "vscode") return { provider, model: values.llmModel, ...common };

	const defaults = providers[provider];
	const azure = provider === "azure";
	const baseUrl = values.llmBaseUrl ?? (azure ? values.azureEndpoint : defaults.baseUrl);
	const model = values.llmModel ?? (azure ? values.azureDeployment : defaults.chatModel);
	const missing = { kind: "missing", role: "llm", provider } as const;
	if (baseUrl === undefined)
		problems.push({ ...missing, variable: "AZURE_OPENAI_ENDPOINT", instead: "LLM_BASE_URL" });
	if (model === undefined)
		problems.push(
			azure
				? { ...missing, variable: "AZURE_OPENAI_DEPLOYMENT_NAME", instead: "LLM_CHOICE" }
				: { ...missing, variable: "LLM_CHOICE" },
		);
	if (baseUrl === undefined || model === undefined) return undefined;
	if (values.llmModel === undefined && !azure)
		notices.push({ kind: "assumed", variable: "LLM_CHOICE", value: model, because: "as in mcp-mem0" });
	return {
		provider,
		baseUrl,
		apiKey: firstKey([
			values.llmApiKey,
			azure ? values.azureApiKey : undefined,
			isOpenAi(baseUrl) ? openaiApiKey : undefined,
		]),
		headers: values.llmHeaders ?? {},
		model,
		...(azure ? { apiVersion: values.azureApiVersion } : {}),
		timeout: values.timeout,
		temperature: values.temperature,
		...(defaults.contextLength === undefined ? {} : { contextLength: defaults.contextLength }),
		...common,
	};
}

function embeddingEndpoint(
	values: EndpointValues,
	{ openaiApiKey, boundKeys }: KeyRules,
	llm: Endpoints["llm"],
	{ notices, problems }: Remarks,
): EmbeddingEndpoint | undefined {
	const llmHttp = llm && llm.provider !== "vscode" ? llm : undefined;
	let provider = values.embeddingProvider ?? llmHttp?.provider;
	if (provider === undefined && values.embeddingBaseUrl !== undefined) {
		provider = "openai";
		const because = "because EMBEDDING_BASE_URL is set";
		notices.push({ kind: "assumed", variable: "EMBEDDING_PROVIDER", value: provider, because });
	}
	if (provider === undefined || provider === "builtin") {
		const given = {
			EMBEDDING_MODEL_CHOICE: values.embeddingModel,
			EMBEDDING_MODEL_DIMS: values.dimensions,
			EMBEDDING_BASE_URL: values.embeddingBaseUrl,
		};
		const unused = (Object.keys(given) as (keyof typeof given)[]).filter((name) => given[name] !== undefined);
		if (unused.length > 0) notices.push({ kind: "unused", variables: unused });
		return undefined;
	}

	const defaults = providers[provider];
	const azure = provider === "azure";
	const own = azure ? values.azureEndpoint : defaults.baseUrl;
	const given = values.embeddingBaseUrl;
	const sameProvider = llmHttp?.provider === provider ? llmHttp.baseUrl : undefined;
	const baseUrl = given === "default" ? own : (given ?? sameProvider ?? own);
	if (baseUrl === undefined) {
		problems.push({
			kind: "missing",
			variable: "AZURE_OPENAI_ENDPOINT",
			role: "embedding",
			provider,
			instead: "EMBEDDING_BASE_URL",
		});
		return undefined;
	}
	const sameOrigin = llmHttp !== undefined && originOf(llmHttp.baseUrl) === originOf(baseUrl);
	return {
		provider,
		baseUrl,
		apiKey: firstKey([
			values.embeddingApiKey,
			// An empty key means that the language model's server needs none; it says nothing about another host.
			(sameOrigin || !boundKeys ? values.llmApiKey : undefined) || undefined,
			azure ? values.azureApiKey : undefined,
			isOpenAi(baseUrl) ? openaiApiKey : undefined,
		]),
		headers: values.embeddingHeaders ?? (sameOrigin ? llmHttp.headers : {}),
		model: values.embeddingModel ?? defaults.embeddingModel,
		...(azure ? { apiVersion: values.azureApiVersion } : {}),
		timeout: values.timeout,
		...(values.dimensions === undefined ? {} : { dimensions: values.dimensions }),
	};
}

/** The first key that is set; an empty one means that no key is sent. */
function firstKey(keys: readonly (string | undefined)[]): string | undefined {
	return keys.find((key) => key !== undefined) || undefined;
}

function isOpenAi(url: string): boolean {
	return originOf(url) === "https://api.openai.com";
}

export function originOf(url: string): string {
	return new URL(url).origin;
}

/** The lines that mcp-mem0 logs at LOG_LEVEL=DEBUG, for each role. */
export function endpointLines({ llm, embedding }: Endpoints): string[] {
	const roles: [string, HttpEndpoint | HostModel | undefined][] = [
		["language model", llm],
		["embeddings", embedding],
	];
	return roles.flatMap(([role, endpoint]) => {
		if (!endpoint || endpoint.provider === "vscode") return [];
		const custom = endpoint.baseUrl !== providers[endpoint.provider].baseUrl;
		return custom
			? [
					`Set custom OpenAI base URL: ${endpoint.baseUrl} (${role})`,
					`Using custom OpenAI endpoint: ${endpoint.baseUrl} (${role}, model ${endpoint.model})`,
				]
			: [`Using the ${endpoint.provider} endpoint: ${endpoint.baseUrl} (${role}, model ${endpoint.model})`];
	});
}
