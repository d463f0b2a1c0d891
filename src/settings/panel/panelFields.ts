import * as l10n from "@vscode/l10n";
import { providers } from "../../config/providers.ts";
import type { Variable } from "../../config/variables.ts";
import { settingsPrefix } from "../settingNames.ts";
import { type SettingVariable, settingVariables } from "../values.ts";
import type { Field } from "./protocol.ts";

const labels = (): Readonly<Record<SettingVariable, string>> => ({
	LLM_PROVIDER: l10n.t("Provider"),
	LLM_BASE_URL: l10n.t("Base URL"),
	LLM_CHOICE: l10n.t("Model"),
	LLM_HEADERS: l10n.t("Headers"),
	AZURE_OPENAI_ENDPOINT: l10n.t("Azure endpoint"),
	AZURE_OPENAI_API_VERSION: l10n.t("Azure API version"),
	AZURE_OPENAI_DEPLOYMENT_NAME: l10n.t("Azure deployment"),
	EMBEDDING_PROVIDER: l10n.t("Provider"),
	EMBEDDING_BASE_URL: l10n.t("Base URL"),
	EMBEDDING_MODEL_CHOICE: l10n.t("Model"),
	EMBEDDING_MODEL_DIMS: l10n.t("Dimensions"),
	EMBEDDING_QUERY_PREFIX: l10n.t("Query prefix"),
	EMBEDDING_DOCUMENT_PREFIX: l10n.t("Memory prefix"),
	EMBEDDING_HEADERS: l10n.t("Headers"),
	MEMORY_DIR: l10n.t("Folder"),
	BACKUP_DIR: l10n.t("Second folder for backups"),
	DATABASE_URL: l10n.t("Database URL"),
	TEAM_SERVER_URL: l10n.t("Team's server"),
	DATABASE_SCHEMA: l10n.t("Database schema"),
	DATABASE_POOL_SIZE: l10n.t("Database connections"),
	DATABASE_POOL_TIMEOUT: l10n.t("Database: wait for a connection"),
	DATABASE_POOL_RECYCLE: l10n.t("Database: age of a connection"),
	DATABASE_RETRY_ATTEMPTS: l10n.t("Database: retries"),
	TEAM_REVIEW: l10n.t("Review of what is shared"),
	DEFAULT_USER_ID: l10n.t("User"),
	SECRETS: l10n.t("Secrets in texts"),
	LLM_TEMPERATURE: l10n.t("Temperature"),
	LLM_MAX_TOKENS: l10n.t("Tokens per answer"),
	LLM_CONTEXT_LENGTH: l10n.t("Context length"),
	MCP_TIMEOUT: l10n.t("Request timeout"),
	LLM_MAX_CONCURRENCY: l10n.t("Language model: requests at once"),
	LLM_REQUESTS_PER_MINUTE: l10n.t("Language model: requests a minute"),
	EMBEDDING_MAX_CONCURRENCY: l10n.t("Embeddings: requests at once"),
	EMBEDDING_REQUESTS_PER_MINUTE: l10n.t("Embeddings: requests a minute"),
	BRIEF_TOKENS: l10n.t("Tokens of a brief"),
	CAPTURE: l10n.t("Capture from sessions"),
	BACKUP_INTERVAL: l10n.t("Hours between backups"),
	BACKUP_DAYS: l10n.t("Days of backups"),
	BACKUP_WEEKS: l10n.t("Weeks of backups"),
	LOG_LEVEL: l10n.t("Log level"),
	DIAGNOSTICS_TIMEOUT: l10n.t("Time per check"),
	HEALTH_CHECK_INTERVAL: l10n.t("Health-check interval"),
});

/** One line a field; the hover has all of it. */
const lines = (): Readonly<Record<SettingVariable, string>> => ({
	LLM_PROVIDER: l10n.t("Who distils facts from what is saved."),
	LLM_BASE_URL: l10n.t(
		"The URL of the API, which usually ends in /v1; several servers of one model with commas.",
	),
	LLM_CHOICE: l10n.t("The name of the language model."),
	LLM_HEADERS: l10n.t("Sent with each request; ${env:NAME} is an environment variable."),
	AZURE_OPENAI_ENDPOINT: l10n.t("The URL of your resource in Azure."),
	AZURE_OPENAI_API_VERSION: l10n.t("The version of Azure's API."),
	AZURE_OPENAI_DEPLOYMENT_NAME: l10n.t("The deployment, where no model is named."),
	EMBEDDING_PROVIDER: l10n.t("Who makes the embeddings."),
	EMBEDDING_BASE_URL: l10n.t("The URL of the API for embeddings; several servers of one model with commas."),
	EMBEDDING_MODEL_CHOICE: l10n.t("The name of the embedding model."),
	EMBEDDING_MODEL_DIMS: l10n.t("How wide its vectors are; measured where it is empty."),
	EMBEDDING_QUERY_PREFIX: l10n.t("What the model reads before a query."),
	EMBEDDING_DOCUMENT_PREFIX: l10n.t("What the model reads before a memory."),
	EMBEDDING_HEADERS: l10n.t("Sent with each request; ${env:NAME} is an environment variable."),
	MEMORY_DIR: l10n.t("Where the database is; by default all clients on this machine share one."),
	DEFAULT_USER_ID: l10n.t("Whose memories these are; by default your name on this machine."),
	LLM_TEMPERATURE: l10n.t("How freely the language model words its answers."),
	LLM_MAX_TOKENS: l10n.t("How long one answer of the language model may be."),
	LLM_CONTEXT_LENGTH: l10n.t("How many tokens fit into the model's context; learned where it is empty."),
	MCP_TIMEOUT: l10n.t("Seconds that a request to an endpoint may take."),
	LLM_MAX_CONCURRENCY: l10n.t("How many requests each server of the language model gets at once."),
	LLM_REQUESTS_PER_MINUTE: l10n.t("How many requests each server of the language model gets in a minute."),
	EMBEDDING_MAX_CONCURRENCY: l10n.t("How many requests each embedding server gets at once."),
	EMBEDDING_REQUESTS_PER_MINUTE: l10n.t("How many requests each embedding server gets in a minute."),
	BRIEF_TOKENS: l10n.t("How much a session is told at its start."),
	CAPTURE: l10n.t("Whether agents' sessions are searched for what is worth remembering."),
	BACKUP_INTERVAL: l10n.t("Hours between backups of the memory; 0 turns them off."),
	BACKUP_DAYS: l10n.t("How many days' backups are kept."),
	BACKUP_WEEKS: l10n.t("How many weeks' backups are kept."),
	BACKUP_DIR: l10n.t("Where a second copy of each backup goes."),
	DATABASE_URL: l10n.t("Paste it here; a password in it moves to the secret storage."),
	TEAM_SERVER_URL: l10n.t("The URL of its MCP endpoint, as its administrator tells you."),
	DATABASE_SCHEMA: l10n.t("The schema of the memory's tables."),
	DATABASE_POOL_SIZE: l10n.t("How many connections this process may have."),
	DATABASE_POOL_TIMEOUT: l10n.t("Seconds to wait for a connection."),
	DATABASE_POOL_RECYCLE: l10n.t("Seconds until a connection is replaced; 0: never."),
	DATABASE_RETRY_ATTEMPTS: l10n.t("How often a request is made again after its connection broke."),
	TEAM_REVIEW: l10n.t("Whether an administrator accepts what is shared with the team."),
	SECRETS: l10n.t("What becomes of passwords, tokens and keys in a text that is saved."),
	LOG_LEVEL: l10n.t("How much the log tells."),
	DIAGNOSTICS_TIMEOUT: l10n.t("Seconds that each check of the diagnostics may take."),
	HEALTH_CHECK_INTERVAL: l10n.t("Minutes between checks of idle endpoints; 0 turns them off."),
});

const examples = (): Readonly<Partial<Record<SettingVariable, string>>> => ({
	LLM_BASE_URL: providers.openai.baseUrl as string,
	EMBEDDING_BASE_URL: "http://localhost:7997/v1",
	AZURE_OPENAI_ENDPOINT: "https://example.openai.azure.com",
	DATABASE_URL: "postgres://user@db.example.com:5432/memory",
	TEAM_SERVER_URL: "https://memory.example.com/mcp",
	LLM_CONTEXT_LENGTH: l10n.t("learned"),
	LLM_MAX_CONCURRENCY: "4",
	LLM_REQUESTS_PER_MINUTE: l10n.t("no limit"),
	EMBEDDING_MAX_CONCURRENCY: "4",
	EMBEDDING_REQUESTS_PER_MINUTE: l10n.t("no limit"),
});

/** What package.json says of our settings, by their names, in the window's language. */
export type ManifestSettings = Readonly<
	Record<
		string,
		{
			readonly markdownDescription?: string;
			readonly enum?: readonly string[];
			readonly enumDescriptions?: readonly string[];
		}
	>
>;

/**
 * What the panel needs in order to draw the field of each setting.
 * @param manifest instead of the table of variables, which is in English.
 */
export function panelFields(manifest: ManifestSettings = {}): Field[] {
	const [label, line, example] = [labels(), lines(), examples()];
	return settingVariables.map(({ name, setting, section, doc, type, values = {}, ...rest }) => {
		const {
			markdownDescription,
			enum: all = [],
			enumDescriptions = [],
		} = manifest[`${settingsPrefix}.${setting}`] ?? {};
		const meaning = (value: string, meant: string) => enumDescriptions[all.indexOf(value)] ?? meant;
		return {
			variable: name,
			section: section as Field["section"],
			setting: `${settingsPrefix}.${setting}`,
			label: label[name],
			about: line[name],
			doc: markdownDescription === undefined ? doc : withoutMarkdown(markdownDescription),
			type: type === "path" || type === "prefix" ? "string" : type,
			options: Object.entries(values).map(([value, meant]) => ({ value, label: meaning(value, meant) })),
			placeholder: example[name] ?? (rest as Variable).default ?? "",
		};
	});
}

/** Up to the variable's name, behind which there are links, and without the marks of code. */
function withoutMarkdown(description: string): string {
	return description.replace(/\s*\(`[A-Z_]+`\).*$/s, "").replaceAll("`", "");
}
