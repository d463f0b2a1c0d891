import { placeChoice } from "../databasePresets.ts";
import { embeddingUse, llmProviderOf } from "../embeddingUse.ts";
import { type SettingVariable, settingVariables, type Values } from "../values.ts";

/** What a team's server decides for itself. */
const ofOwnMemory =
	/^(LLM|EMBEDDING|AZURE_OPENAI|DATABASE|BACKUP)_|^(MCP_TIMEOUT|DEFAULT_USER_ID|CAPTURE|TEAM_REVIEW)$/;

/** Settings that have an effect with these values, or are set all the same: nothing that is set is hidden. */
export function visibleFields(values: Values, required: readonly SettingVariable[]): SettingVariable[] {
	const given = values.LLM_PROVIDER ?? llmProviderOf(values) ?? "none";
	const use = embeddingUse(values, required);
	const embedding = use === "builtin" ? undefined : (values.EMBEDDING_PROVIDER ?? llmProviderOf(values));
	const llmEndpoint = given !== "none" && given !== "vscode";
	const azure = given === "azure" || embedding === "azure";
	const database = values.DATABASE_URL !== undefined;
	const server = placeChoice(values, required) === "server";
	const shown: Readonly<Partial<Record<SettingVariable, boolean>>> = {
		DATABASE_URL: !server,
		TEAM_SERVER_URL: server || !database,
		LLM_BASE_URL: llmEndpoint && given !== "azure",
		LLM_CHOICE: given !== "none",
		LLM_HEADERS: llmEndpoint,
		LLM_TEMPERATURE: llmEndpoint,
		LLM_MAX_TOKENS: given !== "none",
		LLM_CONTEXT_LENGTH: given !== "none",
		EMBEDDING_PROVIDER: use === "default" || use === "another",
		EMBEDDING_BASE_URL: use === "another",
		EMBEDDING_MODEL_CHOICE: use !== "builtin",
		EMBEDDING_MODEL_DIMS: false,
		EMBEDDING_QUERY_PREFIX: false,
		EMBEDDING_DOCUMENT_PREFIX: false,
		EMBEDDING_HEADERS: use !== "builtin",
		AZURE_OPENAI_ENDPOINT: azure,
		AZURE_OPENAI_API_VERSION: azure,
		AZURE_OPENAI_DEPLOYMENT_NAME: false,
		DATABASE_SCHEMA: database,
		DATABASE_POOL_SIZE: database,
		DATABASE_POOL_TIMEOUT: database,
		DATABASE_POOL_RECYCLE: database,
		DATABASE_RETRY_ATTEMPTS: database,
		LLM_MAX_CONCURRENCY: llmEndpoint,
		LLM_REQUESTS_PER_MINUTE: llmEndpoint,
		EMBEDDING_MAX_CONCURRENCY: use !== "builtin",
		EMBEDDING_REQUESTS_PER_MINUTE: use !== "builtin",
		MCP_TIMEOUT: llmEndpoint || use !== "builtin",
	};
	return settingVariables
		.filter(
			({ name }) =>
				((shown[name] ?? true) && !(server && ofOwnMemory.test(name))) ||
				required.includes(name) ||
				(values[name] !== undefined && values[name] !== "default" && name !== "EMBEDDING_PROVIDER"),
		)
		.map(({ name }) => name);
}
