import { agentVariables } from "./agentVariables.ts";
import { backupFolder, backupVariables } from "./backupVariables.ts";
import { databaseVariables } from "./databaseVariables.ts";
import { limitVariables } from "./limitVariables.ts";
import { serverVariables } from "./serverVariables.ts";
import type { Variable } from "./variable.ts";

export type { Environment, Variable } from "./variable.ts";

/** THE table of variables: unit tests check `package.json`'s settings and the table of docs/configuration.md against it. */
export const variables = [
	{
		name: "LLM_PROVIDER",
		section: "llm",
		setting: "llm.provider",
		type: "enum",
		default: "none",
		values: {
			none: "None: keep texts word for word",
			openai: "OpenAI, or any server with its API: vLLM, LM Studio, a proxy",
			ollama: "Ollama",
			openrouter: "OpenRouter",
			azure: "Azure OpenAI",
			vscode: "Copilot's models, or those of other extensions",
		},
		doc: "Language model that distils facts from what is saved: openai (any OpenAI-compatible server), ollama, openrouter, azure, vscode (Copilot's models; in the standalone server the client's, through MCP sampling), or none, which keeps texts word for word.",
	},
	{
		name: "LLM_BASE_URL",
		section: "llm",
		setting: "llm.baseUrl",
		type: "url",
		doc: "Base URL of the language model's endpoint, such as http://db-server.local:8009/v1, or of several servers of the same model, separated by commas. Default: the provider's own.",
	},
	{
		name: "LLM_API_KEY",
		section: "llm",
		type: "string",
		secret: true,
		emptyCounts: true,
		doc: "API key for the language model's endpoint; empty for a server that needs none.",
	},
	{
		name: "LLM_CHOICE",
		section: "llm",
		setting: "llm.model",
		type: "string",
		doc: "Name of the language model. Default for openai: gpt-3.5-turbo, as in mcp-mem0.",
	},
	{
		name: "LLM_TEMPERATURE",
		section: "advanced",
		setting: "llm.temperature",
		type: "number",
		default: "0.2",
		minimum: 0,
		maximum: 2,
		doc: "Temperature of the language model.",
	},
	{
		name: "LLM_MAX_TOKENS",
		section: "advanced",
		setting: "llm.maxTokens",
		type: "integer",
		default: "2000",
		minimum: 16,
		maximum: 1_000_000,
		doc: "Maximum tokens in one answer of the language model; an answer that is cut off is requested again with more.",
	},
	{
		name: "LLM_CONTEXT_LENGTH",
		section: "advanced",
		setting: "llm.contextLength",
		type: "integer",
		minimum: 512,
		maximum: 100_000_000,
		doc: "Tokens that fit into the language model's context. Default: learned from the endpoint; for ollama 4096, because Ollama silently cuts longer prompts.",
	},
	{
		name: "LLM_HEADERS",
		section: "llm",
		setting: "llm.headers",
		type: "headers",
		doc: "Extra request headers for the language model's endpoint, as a JSON object; ${env:NAME} is replaced by an environment variable.",
	},
	{
		name: "EMBEDDING_PROVIDER",
		section: "embedding",
		setting: "embedding.provider",
		type: "enum",
		values: {
			builtin: "The built-in model, on this machine",
			openai: "OpenAI, or any server with its API",
			ollama: "Ollama",
			openrouter: "OpenRouter",
			azure: "Azure OpenAI",
		},
		doc: "Model that makes the embeddings, which find memories by meaning: builtin (on this machine), or an endpoint. Default: the language model's provider if it has embeddings, else builtin.",
	},
	{
		name: "EMBEDDING_BASE_URL",
		section: "embedding",
		setting: "embedding.baseUrl",
		type: "url",
		doc: "Base URL of the embedding endpoint, or of several servers of the same model, separated by commas; the word default means the provider's own. Default: that of the language model if the provider is the same, else the provider's own.",
	},
	{
		name: "EMBEDDING_API_KEY",
		section: "embedding",
		type: "string",
		secret: true,
		emptyCounts: true,
		doc: "API key for the embedding endpoint; empty for a server that needs none. Default: that of the language model if the host is the same.",
	},
	{
		name: "EMBEDDING_MODEL_CHOICE",
		section: "embedding",
		setting: "embedding.model",
		type: "string",
		doc: "Name of the embedding model. Default: text-embedding-3-small; for ollama nomic-embed-text.",
	},
	{
		name: "EMBEDDING_MODEL_DIMS",
		section: "embedding",
		setting: "embedding.dimensions",
		type: "integer",
		minimum: 1,
		maximum: 65_536,
		doc: "Width of the embedding model's vectors. Default: measured.",
	},
	{
		name: "EMBEDDING_QUERY_PREFIX",
		section: "embedding",
		setting: "embedding.queryPrefix",
		type: "prefix",
		doc: "What the embedding model reads before a query, such as 'search_query: ', with \\n for a line break; the word none means nothing. Default: what the model's family wants, where that is known.",
	},
	{
		name: "EMBEDDING_DOCUMENT_PREFIX",
		section: "embedding",
		setting: "embedding.documentPrefix",
		type: "prefix",
		doc: "What the embedding model reads before a memory, such as 'search_document: ', with \\n for a line break; the word none means nothing. Default: what the model's family wants, where that is known.",
	},
	{
		name: "EMBEDDING_HEADERS",
		section: "embedding",
		setting: "embedding.headers",
		type: "headers",
		doc: "Extra request headers for the embedding endpoint, as a JSON object; ${env:NAME} is replaced by an environment variable. Default: those of the language model if the host is the same.",
	},
	{
		name: "AZURE_OPENAI_API_KEY",
		section: "llm",
		type: "string",
		secret: true,
		doc: "API key for the provider azure, if LLM_API_KEY or EMBEDDING_API_KEY is not set.",
	},
	{
		name: "AZURE_OPENAI_ENDPOINT",
		section: "llm",
		setting: "azure.endpoint",
		type: "url",
		doc: "Endpoint for the provider azure, such as https://example.openai.azure.com, if LLM_BASE_URL or EMBEDDING_BASE_URL is not set.",
	},
	{
		name: "AZURE_OPENAI_API_VERSION",
		section: "llm",
		setting: "azure.apiVersion",
		type: "string",
		default: "2024-02-15-preview",
		doc: "API version for the provider azure.",
	},
	{
		name: "AZURE_OPENAI_DEPLOYMENT_NAME",
		section: "llm",
		setting: "azure.deployment",
		type: "string",
		doc: "Deployment of the language model for the provider azure, if LLM_CHOICE is not set.",
	},
	{
		name: "MCP_TIMEOUT",
		section: "advanced",
		setting: "requestTimeout",
		type: "integer",
		default: "300",
		minimum: 1,
		maximum: 3600,
		doc: "Seconds a request to a model endpoint may take, at most 300. A save does not wait that long: it returns earlier and is finished in the background.",
	},
	...limitVariables,
	{
		name: "MEMORY_DIR",
		section: "memory",
		setting: "storage.directory",
		type: "path",
		doc: "Folder of the memory database. Default: the operating system's data folder, so that every client on this machine shares one memory.",
	},
	backupFolder,
	...databaseVariables,
	{
		name: "DEFAULT_USER_ID",
		section: "memory",
		setting: "userId",
		type: "string",
		doc: "Whose memories are saved and searched. Default: the operating system's user name.",
	},
	...agentVariables,
	...backupVariables,
	{
		name: "SECRETS",
		section: "memory",
		setting: "secrets",
		type: "enum",
		default: "redact",
		values: {
			redact: "Replace them, and say so",
			ask: "Ask in VS Code; replace them elsewhere",
			refuse: "Do not save the text",
			keep: "Keep them",
		},
		doc: "What becomes of passwords, tokens and private keys in a text that is to be saved: redact, ask, refuse or keep. What stands between <private> and </private> is never saved.",
	},
	{
		name: "LOG_LEVEL",
		section: "advanced",
		setting: "logLevel",
		type: "enum",
		default: "INFO",
		values: {
			DEBUG: "Everything, including each endpoint in use",
			INFO: "What happens",
			WARNING: "What goes wrong, and what was assumed or corrected",
			ERROR: "What fails",
		},
		doc: "Detail of the log.",
	},
	{
		name: "DIAGNOSTICS_TIMEOUT",
		section: "advanced",
		setting: "diagnostics.timeout",
		type: "integer",
		default: "10",
		minimum: 1,
		maximum: 600,
		doc: "Seconds each check of the diagnostics may take.",
	},
	{
		name: "HEALTH_CHECK_INTERVAL",
		section: "advanced",
		setting: "diagnostics.interval",
		type: "integer",
		default: "5",
		minimum: 0,
		maximum: 1440,
		doc: "Minutes between health checks of idle endpoints, while a VS Code window has the focus; 0 turns them off. They cost no tokens.",
	},
	...serverVariables,
] as const satisfies readonly Variable[];

export type VariableName = (typeof variables)[number]["name"];

const byName = new Map<string, Variable>(variables.map((variable) => [variable.name, variable]));

export function variableOf(name: VariableName): Variable {
	return byName.get(name) as Variable;
}

export function isVariable(name: string): name is VariableName {
	return byName.has(name);
}
