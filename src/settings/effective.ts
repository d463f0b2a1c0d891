import type { Config } from "../config/config.ts";
import type { EmbeddingEndpoint, HttpEndpoint } from "../config/endpoints.ts";
import type { Environment, VariableName } from "../config/variables.ts";
import { llmProviderOf } from "./embeddingUse.ts";
import { type Examined, examineValues } from "./fieldRemarks.ts";
import { type KeyVariable, keyVariables } from "./keys/boundKeys.ts";
import { headersIn, type SettingVariable, type Values } from "./values.ts";

/** A variable in effect. */
export interface EffectiveRow {
	readonly variable: VariableName;
	/** Secrets, and what headers hold, are masked. */
	readonly value: string;
	/** Where the value came from, in a few words. */
	readonly source: string;
}

export interface EffectiveInput {
	readonly values: Values;
	/** Where a value that is set came from; the setting where nothing is said. */
	readonly sources?: Readonly<Partial<Record<SettingVariable, string>>>;
	/** The keys that are at hand, never the keys themselves: `none` for a server that needs none. */
	readonly keys: Readonly<
		Partial<Record<KeyVariable, { readonly kind: "key" | "none"; readonly source: string }>>
	>;
	/** The process environment. */
	readonly ambient: Environment;
}

export interface Effective extends Examined {
	/** The environment in which the standalone server would do the same; only what is set, where that is not valid. */
	readonly rows: readonly EffectiveRow[];
}

export const mask = "••••••••";

/** What results from the values: each variable that has a say, and where it came from. */
export function effectiveConfiguration({ values, sources = {}, keys, ambient }: EffectiveInput): Effective {
	// Each key is called by its variable here, so that it can be seen which is used where.
	const named = Object.fromEntries(
		keyVariables.flatMap((name) => {
			const key = keys[name];
			return key ? [[name, key.kind === "none" ? "" : name]] : [];
		}),
	);
	const openAi = ambient.OPENAI_API_KEY?.trim() ? { OPENAI_API_KEY: "OPENAI_API_KEY" } : {};
	const examined = examineValues(
		{ ...values, ...named },
		{ ...ambient, OPENAI_API_KEY: undefined, ...openAi },
	);

	const rows: EffectiveRow[] = [];
	const row = (variable: VariableName, value: string | undefined, source: string) => {
		if (value !== undefined) rows.push({ variable, value, source });
	};
	const setting = (
		variable: SettingVariable,
		effective: string | number | undefined,
		otherwise = "default",
	) =>
		row(
			variable,
			effective === undefined ? undefined : String(effective),
			values[variable] === undefined ? otherwise : (sources[variable] ?? "setting"),
		);
	const key = (variable: KeyVariable, { apiKey }: HttpEndpoint) => {
		const own = keys[variable];
		if (apiKey === variable) row(variable, mask, own?.source ?? "");
		else if (apiKey !== undefined) row(variable, mask, apiKey === "LLM_API_KEY" ? "as LLM_API_KEY" : apiKey);
		else row(variable, "", own?.kind === "none" ? "needs none" : "no key is stored");
	};

	if (!examined.result) {
		for (const [variable, value] of Object.entries(values) as [SettingVariable, string][])
			setting(variable, variable.endsWith("_HEADERS") ? masked(value) : value);
		return { ...examined, rows };
	}
	const { config } = examined.result;
	languageModel(config, values, { setting, key });
	embeddings(config, values, { setting, key });
	setting("MCP_TIMEOUT", values.MCP_TIMEOUT ?? 300);
	setting("MEMORY_DIR", config.memoryDir, "default: the system's data folder");
	setting("DEFAULT_USER_ID", config.userId, "default: the system's user name");
	setting("LOG_LEVEL", config.logLevel);
	setting("DIAGNOSTICS_TIMEOUT", config.diagnosticsTimeout / 1000);
	setting("HEALTH_CHECK_INTERVAL", config.healthCheckInterval / 60_000);
	return { ...examined, rows };
}

interface Writers {
	readonly setting: (name: SettingVariable, value: string | number | undefined, otherwise?: string) => void;
	readonly key: (name: KeyVariable, endpoint: HttpEndpoint) => void;
}

function languageModel({ llm }: Config, values: Values, { setting, key }: Writers): void {
	setting("LLM_PROVIDER", llm?.provider ?? "none", llm ? "assumed, as other values are set" : "default");
	if (!llm) return;
	if (llm.provider === "vscode") setting("LLM_CHOICE", llm.model);
	else {
		const azure = llm.provider === "azure";
		setting("LLM_BASE_URL", llm.baseUrl, azure ? "as AZURE_OPENAI_ENDPOINT" : "default: the provider's own");
		key("LLM_API_KEY", llm);
		setting("LLM_CHOICE", llm.model, azure ? "as AZURE_OPENAI_DEPLOYMENT_NAME" : "default");
		setting("LLM_TEMPERATURE", llm.temperature);
		setting("LLM_HEADERS", values.LLM_HEADERS && masked(values.LLM_HEADERS));
	}
	setting("LLM_MAX_TOKENS", llm.maxTokens);
	setting("LLM_CONTEXT_LENGTH", llm.contextLength);
	azureVersion(llm, setting);
}

function embeddings({ llm, embedding }: Config, values: Values, { setting, key }: Writers): void {
	const follows = embedding && embedding.provider === llm?.provider && llmProviderOf(values) !== undefined;
	setting(
		"EMBEDDING_PROVIDER",
		embedding?.provider ?? "builtin",
		follows ? "as LLM_PROVIDER" : embedding ? "assumed, as EMBEDDING_BASE_URL is set" : "default",
	);
	if (!embedding) return;
	const ofLlm = llm && llm.provider !== "vscode" && follows && llm.baseUrl === embedding.baseUrl;
	setting("EMBEDDING_BASE_URL", embedding.baseUrl, ofLlm ? "as LLM_BASE_URL" : "default: the provider's own");
	key("EMBEDDING_API_KEY", embedding);
	setting("EMBEDDING_MODEL_CHOICE", embedding.model);
	setting("EMBEDDING_MODEL_DIMS", embedding.dimensions);
	const headers =
		values.EMBEDDING_HEADERS ?? (headersShared(llm, embedding) ? values.LLM_HEADERS : undefined);
	setting("EMBEDDING_HEADERS", headers && masked(headers), "as LLM_HEADERS");
	if (llm?.provider !== "azure") azureVersion(embedding, setting);
}

function azureVersion(
	endpoint: { readonly provider: string; readonly apiVersion?: string },
	setting: Writers["setting"],
) {
	if (endpoint.provider === "azure") setting("AZURE_OPENAI_API_VERSION", endpoint.apiVersion);
}

function headersShared(llm: Config["llm"], { headers }: EmbeddingEndpoint): boolean {
	return llm !== undefined && llm.provider !== "vscode" && llm.headers === headers;
}

/** The names of headers stay; what they hold may be secret, but for the names of environment variables. */
function masked(headers: string): string {
	const found = headersIn(headers);
	if (!found) return mask;
	const shown = Object.entries(found).map(([name, value]) => [
		name,
		/^(Bearer )?\$\{env:[^}]+\}$/.test(value) ? value : mask,
	]);
	return JSON.stringify(Object.fromEntries(shown));
}
