import * as l10n from "@vscode/l10n";
import type { Config } from "../config/config.ts";
import { urlsOf } from "../config/endpoints.ts";
import type { VariableName } from "../config/variables.ts";
import { llmProviderOf } from "./embeddingUse.ts";
import type { ExaminedValues } from "./examineValues.ts";
import type { KeyVariable } from "./keys/boundKeys.ts";
import { splitPassword } from "./keys/databasePassword.ts";
import type { KeyStatus } from "./keys/keyStatus.ts";
import { headersIn, type SettingVariable, type Values } from "./values.ts";

/** A variable in effect. */
interface EffectiveRow {
	readonly variable: VariableName;
	/** Secrets and the contents of headers are masked. */
	readonly value: string;
	/** Where the value came from, in a few words. */
	readonly source: string;
	/** Not in the settings yet. */
	readonly unsaved: boolean;
}

export const mask = "••••••••";

/**
 * Each variable that has an effect, and where its value came from: together, the environment in which the standalone
 * server would do the same. Only what is set, where the values are not valid.
 * @param sources words for the source of a value that is set; default: the setting.
 */
export function effectiveRows(
	{ values, config }: ExaminedValues,
	keys: readonly KeyStatus[],
	sources: Values = {},
): EffectiveRow[] {
	const rows: EffectiveRow[] = [];
	const row: Writers["row"] = (variable, effective, otherwise = l10n.t("default")) => {
		const isSet = values[variable] !== undefined;
		const source = isSet ? (sources[variable] ?? l10n.t("setting")) : otherwise;
		const unsaved = isSet && variable in sources;
		if (effective !== undefined) rows.push({ variable, value: String(effective), source, unsaved });
	};
	const key = (variable: KeyVariable) => {
		const status = keys.find(({ slot }) => slot.variable === variable);
		if (status) rows.push({ variable, ...keyRow(status) });
	};
	if (!config) {
		for (const [variable, value] of Object.entries(values) as [SettingVariable, string][])
			row(variable, variable.endsWith("_HEADERS") ? masked(value) : splitPassword(value).url);
		return rows;
	}
	const memoryDir = () => row("MEMORY_DIR", config.memoryDir, l10n.t("default: the system's data folder"));
	if (config.teamServer) {
		row("TEAM_SERVER_URL", config.teamServer.url);
		key("TEAM_SERVER_TOKEN");
		memoryDir();
		row("BRIEF_TOKENS", config.briefTokens);
		// The server decides on these: only what is set all the same.
		for (const name of ["DEFAULT_USER_ID", "CAPTURE", "TEAM_REVIEW"] as const) row(name, values[name]);
	} else {
		languageModel(config, values, { row, key });
		embeddings(config, values, { row, key });
		row("MCP_TIMEOUT", values.MCP_TIMEOUT ?? 300);
		memoryDir();
		row("DATABASE_URL", values.DATABASE_URL && splitPassword(values.DATABASE_URL).url);
		if (config.database) row("DATABASE_SCHEMA", config.database.schema);
		row("DEFAULT_USER_ID", config.userId, l10n.t("default: the system's user name"));
		row("BRIEF_TOKENS", config.briefTokens);
		row("CAPTURE", config.capture);
		row("TEAM_REVIEW", String(config.teamReview));
	}
	row("LOG_LEVEL", config.logLevel);
	row("DIAGNOSTICS_TIMEOUT", config.diagnosticsTimeout / 1000);
	row("HEALTH_CHECK_INTERVAL", config.healthCheckInterval / 60_000);
	return rows;
}

function keyRow({ slot, own, used, ambient }: KeyStatus): Omit<EffectiveRow, "variable"> {
	if (used?.variable === slot.variable) {
		const words = {
			".env": l10n.t(".env, not saved yet"),
			entered: l10n.t("entered, not saved yet"),
			stored: l10n.t("secret storage"),
		};
		return { value: mask, source: words[own?.unsaved ?? "stored"], unsaved: own?.unsaved !== undefined };
	}
	if (used || ambient)
		return {
			value: mask,
			source: used ? l10n.t`as ${used.variable}` : "OPENAI_API_KEY",
			unsaved: false,
		};
	const none =
		slot.variable === "TEAM_SERVER_TOKEN" ? l10n.t("no token is stored") : l10n.t("no key is stored");
	const source = own?.kind === "none" ? l10n.t("needs none") : none;
	return { value: "", source, unsaved: false };
}

interface Writers {
	readonly row: (name: SettingVariable, value: string | number | undefined, otherwise?: string) => void;
	readonly key: (name: KeyVariable) => void;
}

function languageModel({ llm }: Config, values: Values, { row, key }: Writers): void {
	const assumed = llm ? l10n.t("assumed, because other values are set") : l10n.t("default");
	row("LLM_PROVIDER", llm?.provider ?? "none", assumed);
	if (!llm) return;
	if (llm.provider === "vscode") row("LLM_CHOICE", llm.model);
	else {
		const azure = llm.provider === "azure";
		row(
			"LLM_BASE_URL",
			urlsOf(llm).join(", "),
			azure ? l10n.t`as ${"AZURE_OPENAI_ENDPOINT"}` : l10n.t("default: the provider's own"),
		);
		key("LLM_API_KEY");
		row("LLM_CHOICE", llm.model, azure ? l10n.t`as ${"AZURE_OPENAI_DEPLOYMENT_NAME"}` : l10n.t("default"));
		row("LLM_TEMPERATURE", llm.temperature);
		row("LLM_HEADERS", values.LLM_HEADERS && masked(values.LLM_HEADERS));
	}
	row("LLM_MAX_TOKENS", llm.maxTokens);
	row("LLM_CONTEXT_LENGTH", llm.contextLength);
	if (llm.provider !== "vscode") {
		row("LLM_MAX_CONCURRENCY", llm.maxConcurrency);
		row("LLM_REQUESTS_PER_MINUTE", llm.requestsPerMinute);
	}
	if (llm.provider === "azure") row("AZURE_OPENAI_API_VERSION", llm.apiVersion);
}

function embeddings({ llm, embedding }: Config, values: Values, { row, key }: Writers): void {
	const follows = embedding && embedding.provider === llm?.provider && llmProviderOf(values) !== undefined;
	row(
		"EMBEDDING_PROVIDER",
		embedding?.provider ?? "builtin",
		follows
			? l10n.t`as ${"LLM_PROVIDER"}`
			: embedding
				? l10n.t("assumed, because EMBEDDING_BASE_URL is set")
				: l10n.t("default"),
	);
	if (!embedding) return;
	const http = llm?.provider === "vscode" ? undefined : llm;
	const urls = urlsOf(embedding).join(", ");
	const sameUrl = follows && http && urlsOf(http).join(", ") === urls;
	const urlSource = sameUrl ? l10n.t`as ${"LLM_BASE_URL"}` : l10n.t("default: the provider's own");
	row("EMBEDDING_BASE_URL", urls, urlSource);
	key("EMBEDDING_API_KEY");
	row("EMBEDDING_MODEL_CHOICE", embedding.model);
	row("EMBEDDING_MODEL_DIMS", embedding.dimensions);
	const { query, document } = embedding.prefixes;
	const wanted = l10n.t`as models like ${embedding.model} want it`;
	row("EMBEDDING_QUERY_PREFIX", query ? asPrefix(query) : values.EMBEDDING_QUERY_PREFIX, wanted);
	row("EMBEDDING_DOCUMENT_PREFIX", document ? asPrefix(document) : values.EMBEDDING_DOCUMENT_PREFIX, wanted);
	row("EMBEDDING_MAX_CONCURRENCY", embedding.maxConcurrency);
	row("EMBEDDING_REQUESTS_PER_MINUTE", embedding.requestsPerMinute);
	const shared = http?.headers === embedding.headers ? values.LLM_HEADERS : undefined;
	const headers = values.EMBEDDING_HEADERS ?? shared;
	row("EMBEDDING_HEADERS", headers && masked(headers), l10n.t`as ${"LLM_HEADERS"}`);
	if (embedding.provider === "azure" && llm?.provider !== "azure")
		row("AZURE_OPENAI_API_VERSION", embedding.apiVersion);
}

/** As it is written in a configuration. */
function asPrefix(text: string): string {
	return text.replaceAll("\n", "\\n");
}

/** The names of headers stay; the values may be secret, except for the names of environment variables. */
function masked(headers: string): string {
	const found = headersIn(headers);
	if (!found) return mask;
	const shown = Object.entries(found).map(([name, value]) => [
		name,
		/^(Bearer )?\$\{env:[^}]+\}$/.test(value) ? value : mask,
	]);
	return JSON.stringify(Object.fromEntries(shown));
}
