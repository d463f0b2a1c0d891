import type { Provider } from "./providers.ts";
import { providers } from "./providers.ts";
import type { Environment } from "./variables.ts";

/** What an endpoint is used for. */
export type EndpointRole = "chat" | "embedding";

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
	/** ms that one request may take. */
	readonly timeout: number;
}

export interface ChatEndpoint extends HttpEndpoint {
	readonly temperature: number;
	readonly maxTokens: number;
	/** Tokens, where they are known without asking. */
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
	/** The width the user says the vectors have. */
	readonly dimensions?: number;
}

export interface EffectiveEndpoints {
	/** Undefined: texts are kept word for word. */
	readonly llm: ChatEndpoint | HostModel | undefined;
	/** Undefined: the built-in model. */
	readonly embedding: EmbeddingEndpoint | undefined;
	/** What was assumed, in words. */
	readonly notices: readonly string[];
	/** Names of variables that are missing or contradict others, in words. */
	readonly problems: readonly string[];
}

/** The values of the variables, parsed; undefined where unset. */
export interface EndpointValues {
	readonly llmProvider: Provider | "vscode" | "none" | undefined;
	readonly llmBaseUrl: string | undefined;
	/** Empty: the server needs no key. */
	readonly llmApiKey: string | undefined;
	readonly llmModel: string | undefined;
	readonly llmHeaders: Readonly<Record<string, string>> | undefined;
	readonly temperature: number;
	readonly maxTokens: number;
	readonly contextLength: number | undefined;
	readonly embeddingProvider: Provider | "builtin" | undefined;
	/** The word `default` stands for the provider's own. */
	readonly embeddingBaseUrl: string | undefined;
	readonly embeddingApiKey: string | undefined;
	readonly embeddingModel: string | undefined;
	readonly embeddingHeaders: Readonly<Record<string, string>> | undefined;
	readonly dimensions: number | undefined;
	readonly azureApiKey: string | undefined;
	readonly azureEndpoint: string | undefined;
	readonly azureApiVersion: string;
	readonly azureDeployment: string | undefined;
	/** `OPENAI_API_KEY` as the process found it. */
	readonly openaiApiKey: string | undefined;
	/** Whether a key is for the origin it was given for and no other, as those that are entered in VS Code are. */
	readonly boundKeys: boolean;
	/** ms */
	readonly timeout: number;
}

/** Which endpoints are used for what, from the values of the variables alone. */
export function effectiveEndpoints(values: EndpointValues): EffectiveEndpoints {
	const notices: string[] = [];
	const problems: string[] = [];
	const llm = chatEndpoint(values, notices, problems);
	const embedding = embeddingEndpoint(values, llm, notices, problems);
	const llmKeyGoesTo =
		embedding &&
		values.embeddingApiKey === undefined &&
		values.llmApiKey &&
		embedding.apiKey === values.llmApiKey &&
		originOf(embedding.baseUrl);
	if (llmKeyGoesTo && llm && llm.provider !== "vscode" && originOf(llm.baseUrl) !== llmKeyGoesTo)
		notices.push(
			`LLM_API_KEY is also sent to ${llmKeyGoesTo}, for embeddings. Set EMBEDDING_API_KEY to keep the two apart.`,
		);
	return { llm, embedding, notices, problems };
}

function chatEndpoint(
	values: EndpointValues,
	notices: string[],
	problems: string[],
): ChatEndpoint | HostModel | undefined {
	let provider = values.llmProvider;
	if (provider === undefined && (values.llmBaseUrl || values.llmApiKey || values.llmModel)) {
		provider = "openai";
		notices.push("LLM_PROVIDER is not set; openai is used, as other LLM_* variables are set.");
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
	if (baseUrl === undefined)
		problems.push("AZURE_OPENAI_ENDPOINT is missing: the provider azure needs it, or LLM_BASE_URL.");
	if (model === undefined)
		problems.push(
			azure
				? "AZURE_OPENAI_DEPLOYMENT_NAME is missing: the provider azure needs it, or LLM_CHOICE."
				: `LLM_CHOICE is missing: the provider ${provider} needs the name of a model.`,
		);
	if (baseUrl === undefined || model === undefined) return undefined;
	if (values.llmModel === undefined && !azure)
		notices.push(`LLM_CHOICE is not set; ${model} is used, as in mcp-mem0.`);
	return {
		provider,
		baseUrl,
		apiKey: firstKey([
			values.llmApiKey,
			azure ? values.azureApiKey : undefined,
			isOpenAi(baseUrl) ? values.openaiApiKey : undefined,
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
	llm: ChatEndpoint | HostModel | undefined,
	notices: string[],
	problems: string[],
): EmbeddingEndpoint | undefined {
	const llmHttp = llm && llm.provider !== "vscode" ? llm : undefined;
	let provider = values.embeddingProvider ?? llmHttp?.provider;
	if (provider === undefined && values.embeddingBaseUrl !== undefined) {
		provider = "openai";
		notices.push("EMBEDDING_PROVIDER is not set; openai is used, as EMBEDDING_BASE_URL is set.");
	}
	if (provider === undefined || provider === "builtin") {
		const unused = [
			["EMBEDDING_MODEL_CHOICE", values.embeddingModel],
			["EMBEDDING_MODEL_DIMS", values.dimensions],
			["EMBEDDING_BASE_URL", values.embeddingBaseUrl],
		].flatMap(([name, value]) => (value === undefined ? [] : [name]));
		if (unused.length > 0)
			notices.push(
				`Not used: ${unused.join(", ")}. Embeddings are made by the built-in model; set EMBEDDING_PROVIDER to use an endpoint.`,
			);
		return undefined;
	}

	const defaults = providers[provider];
	const azure = provider === "azure";
	const own = azure ? values.azureEndpoint : defaults.baseUrl;
	const given = values.embeddingBaseUrl;
	const sameProvider = llmHttp?.provider === provider ? llmHttp.baseUrl : undefined;
	const baseUrl = given === "default" ? own : (given ?? sameProvider ?? own);
	if (baseUrl === undefined) {
		problems.push(
			"AZURE_OPENAI_ENDPOINT is missing: embeddings by the provider azure need it, or EMBEDDING_BASE_URL.",
		);
		return undefined;
	}
	const sameOrigin = llmHttp !== undefined && originOf(llmHttp.baseUrl) === originOf(baseUrl);
	return {
		provider,
		baseUrl,
		apiKey: firstKey([
			values.embeddingApiKey,
			// An empty one says that the language model's server needs none; it says nothing of another host.
			(sameOrigin || !values.boundKeys ? values.llmApiKey : undefined) || undefined,
			azure ? values.azureApiKey : undefined,
			isOpenAi(baseUrl) ? values.openaiApiKey : undefined,
		]),
		headers: values.embeddingHeaders ?? (sameOrigin ? llmHttp.headers : {}),
		model: values.embeddingModel ?? defaults.embeddingModel,
		...(azure ? { apiVersion: values.azureApiVersion } : {}),
		timeout: values.timeout,
		...(values.dimensions === undefined ? {} : { dimensions: values.dimensions }),
	};
}

/** The first that is set; an empty one is set, and means that no key is sent. */
function firstKey(keys: readonly (string | undefined)[]): string | undefined {
	return keys.find((key) => key !== undefined) || undefined;
}

function isOpenAi(url: string): boolean {
	return originOf(url) === "https://api.openai.com";
}

export function originOf(url: string): string {
	return new URL(url).origin;
}

/**
 * The environment for a child process that brings an OpenAI client of its own, as mcp-mem0 prepared its own: the
 * custom endpoint is named, `OPENAI_API_KEY` stays as it is, and with Ollama nothing of OpenAI's is left to confuse it.
 */
export function childEnvironment({ llm }: Pick<EffectiveEndpoints, "llm">, env: Environment): Environment {
	const child: Record<string, string | undefined> = { ...env };
	delete child.OPENAI_BASE_URL;
	if (llm?.provider === "ollama") {
		for (const name of Object.keys(child)) if (name.startsWith("OPENAI_")) delete child[name];
	} else if (llm && llm.provider !== "vscode" && llm.baseUrl !== providers.openai.baseUrl) {
		child.OPENAI_BASE_URL = llm.baseUrl;
	}
	return child;
}

/** The lines mcp-mem0 wrote at LOG_LEVEL=DEBUG, for each role. */
export function endpointLines({ llm, embedding }: Pick<EffectiveEndpoints, "llm" | "embedding">): string[] {
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
