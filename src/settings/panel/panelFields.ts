import { providers } from "../../config/providers.ts";
import type { Variable } from "../../config/variables.ts";
import { settingsPrefix } from "../settingNames.ts";
import { type SettingVariable, settingVariables } from "../values.ts";
import type { Field } from "./protocol.ts";

const labels: Readonly<Record<SettingVariable, string>> = {
	LLM_PROVIDER: "Provider",
	LLM_BASE_URL: "Base URL",
	LLM_CHOICE: "Model",
	LLM_HEADERS: "Headers",
	AZURE_OPENAI_ENDPOINT: "Azure endpoint",
	AZURE_OPENAI_API_VERSION: "Azure API version",
	AZURE_OPENAI_DEPLOYMENT_NAME: "Azure deployment",
	EMBEDDING_PROVIDER: "Provider",
	EMBEDDING_BASE_URL: "Base URL",
	EMBEDDING_MODEL_CHOICE: "Model",
	EMBEDDING_MODEL_DIMS: "Dimensions",
	EMBEDDING_QUERY_PREFIX: "Query prefix",
	EMBEDDING_DOCUMENT_PREFIX: "Memory prefix",
	EMBEDDING_HEADERS: "Headers",
	MEMORY_DIR: "Folder",
	BACKUP_DIR: "Second folder for backups",
	DEFAULT_USER_ID: "User",
	SECRETS: "Secrets in texts",
	LLM_TEMPERATURE: "Temperature",
	LLM_MAX_TOKENS: "Tokens per answer",
	LLM_CONTEXT_LENGTH: "Context length",
	MCP_TIMEOUT: "Request timeout",
	LLM_MAX_CONCURRENCY: "Language model: requests at once",
	LLM_REQUESTS_PER_MINUTE: "Language model: requests a minute",
	EMBEDDING_MAX_CONCURRENCY: "Embeddings: requests at once",
	EMBEDDING_REQUESTS_PER_MINUTE: "Embeddings: requests a minute",
	BRIEF_TOKENS: "Tokens of a brief",
	CAPTURE: "Capture from sessions",
	BACKUP_INTERVAL: "Hours between backups",
	BACKUP_DAYS: "Days of backups",
	BACKUP_WEEKS: "Weeks of backups",
	LOG_LEVEL: "Log level",
	DIAGNOSTICS_TIMEOUT: "Time per check",
	HEALTH_CHECK_INTERVAL: "Health-check interval",
};

/** One line a field; the hover has all of it. */
const lines: Readonly<Record<SettingVariable, string>> = {
	LLM_PROVIDER: "Who distils facts from what is saved.",
	LLM_BASE_URL: "The URL of the API, which usually ends in /v1; several servers of one model with commas.",
	LLM_CHOICE: "The name of the language model.",
	LLM_HEADERS: "Sent with each request; ${env:NAME} is an environment variable.",
	AZURE_OPENAI_ENDPOINT: "The URL of your resource in Azure.",
	AZURE_OPENAI_API_VERSION: "The version of Azure's API.",
	AZURE_OPENAI_DEPLOYMENT_NAME: "The deployment, where no model is named.",
	EMBEDDING_PROVIDER: "Who makes the embeddings.",
	EMBEDDING_BASE_URL: "The URL of the API for embeddings; several servers of one model with commas.",
	EMBEDDING_MODEL_CHOICE: "The name of the embedding model.",
	EMBEDDING_MODEL_DIMS: "How wide its vectors are; measured where it is empty.",
	EMBEDDING_QUERY_PREFIX: "What the model reads before a query.",
	EMBEDDING_DOCUMENT_PREFIX: "What the model reads before a memory.",
	EMBEDDING_HEADERS: "Sent with each request; ${env:NAME} is an environment variable.",
	MEMORY_DIR: "Where the database is; by default all clients on this machine share one.",
	DEFAULT_USER_ID: "Whose memories these are; by default your name on this machine.",
	LLM_TEMPERATURE: "How freely the language model words its answers.",
	LLM_MAX_TOKENS: "How long one answer of the language model may be.",
	LLM_CONTEXT_LENGTH: "How many tokens fit into the model's context; learned where it is empty.",
	MCP_TIMEOUT: "Seconds that a request to an endpoint may take.",
	LLM_MAX_CONCURRENCY: "How many requests each server of the language model gets at once.",
	LLM_REQUESTS_PER_MINUTE: "How many requests each server of the language model gets in a minute.",
	EMBEDDING_MAX_CONCURRENCY: "How many requests each embedding server gets at once.",
	EMBEDDING_REQUESTS_PER_MINUTE: "How many requests each embedding server gets in a minute.",
	BRIEF_TOKENS: "How much a session is told at its start.",
	CAPTURE: "Whether agents' sessions are searched for what is worth remembering.",
	BACKUP_INTERVAL: "Hours between backups of the memory; 0 turns them off.",
	BACKUP_DAYS: "How many days' backups are kept.",
	BACKUP_WEEKS: "How many weeks' backups are kept.",
	BACKUP_DIR: "Where a second copy of each backup goes.",
	SECRETS: "What becomes of passwords, tokens and keys in a text that is saved.",
	LOG_LEVEL: "How much the log tells.",
	DIAGNOSTICS_TIMEOUT: "Seconds that each check of the diagnostics may take.",
	HEALTH_CHECK_INTERVAL: "Minutes between checks of idle endpoints; 0 turns them off.",
};

const examples: Readonly<Partial<Record<SettingVariable, string>>> = {
	LLM_BASE_URL: providers.openai.baseUrl as string,
	EMBEDDING_BASE_URL: "http://localhost:7997/v1",
	AZURE_OPENAI_ENDPOINT: "https://example.openai.azure.com",
	LLM_CONTEXT_LENGTH: "learned",
	LLM_MAX_CONCURRENCY: "4",
	LLM_REQUESTS_PER_MINUTE: "no limit",
	EMBEDDING_MAX_CONCURRENCY: "4",
	EMBEDDING_REQUESTS_PER_MINUTE: "no limit",
};

/** What the panel needs in order to draw the field of each setting. */
export function panelFields(): Field[] {
	return settingVariables.map(({ name, setting, section, doc, type, values = {}, ...rest }) => ({
		variable: name,
		section: section as Field["section"],
		setting: `${settingsPrefix}.${setting}`,
		label: labels[name],
		about: lines[name],
		doc,
		type: type === "path" || type === "prefix" ? "string" : type,
		options: Object.entries(values).map(([value, label]) => ({ value, label })),
		placeholder: examples[name] ?? (rest as Variable).default ?? "",
	}));
}
