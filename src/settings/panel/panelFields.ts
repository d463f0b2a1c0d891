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
	DATABASE_URL: "Database URL",
	DATABASE_SCHEMA: "Database schema",
	DATABASE_POOL_SIZE: "Database connections",
	DATABASE_POOL_TIMEOUT: "Database: wait for a connection",
	DATABASE_POOL_RECYCLE: "Database: age of a connection",
	DATABASE_RETRY_ATTEMPTS: "Database: retries",
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
	LOG_LEVEL: "Log level",
	DIAGNOSTICS_TIMEOUT: "Time per check",
	HEALTH_CHECK_INTERVAL: "Health-check interval",
};

const examples: Readonly<Partial<Record<SettingVariable, string>>> = {
	LLM_BASE_URL: providers.openai.baseUrl as string,
	EMBEDDING_BASE_URL: "http://localhost:7997/v1",
	AZURE_OPENAI_ENDPOINT: "https://example.openai.azure.com",
	DATABASE_URL: "postgres://user@db.example.com:5432/memory",
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
		doc,
		type: type === "path" || type === "prefix" || type === "database" ? "string" : type,
		options: Object.entries(values).map(([value, label]) => ({ value, label })),
		placeholder: examples[name] ?? (rest as Variable).default ?? "",
	}));
}
