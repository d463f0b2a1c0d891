import * as l10n from "@vscode/l10n";
import type { Change } from "./edits.ts";
import { type SettingVariable, settingVariables, type Values } from "./values.ts";

/** A set of values to start from. */
export interface Preset {
	readonly id: string;
	readonly label: string;
	/** What it means, and what is left to fill in. */
	readonly description: string;
	/** The values it sets; the other variables of endpoints are unset. */
	readonly values: Values;
	/** What only the person knows. */
	readonly required: readonly SettingVariable[];
}

export const presets: readonly Preset[] = [
	{
		id: "builtin",
		get label() {
			return l10n.t("Built-in and offline");
		},
		get description() {
			return l10n.t(
				"No language model: texts are kept word for word. The built-in model makes the embeddings. Nothing leaves this machine, and nothing needs to be installed.",
			);
		},
		values: { LLM_PROVIDER: "none", EMBEDDING_PROVIDER: "builtin" },
		required: [],
	},
	{
		id: "copilot",
		get label() {
			return l10n.t("Copilot's models");
		},
		get description() {
			return l10n.t(
				"A model of GitHub Copilot, or of another extension, distils facts; VS Code asks for your consent once. Copilot makes no embeddings, so the built-in model makes them.",
			);
		},
		values: { LLM_PROVIDER: "vscode", EMBEDDING_PROVIDER: "builtin" },
		required: [],
	},
	{
		id: "openai",
		get label() {
			return l10n.t("OpenAI");
		},
		get description() {
			return l10n.t("Facts and embeddings by api.openai.com. It needs an API key from platform.openai.com.");
		},
		values: {
			LLM_PROVIDER: "openai",
			LLM_CHOICE: "gpt-4.1-mini",
			EMBEDDING_MODEL_CHOICE: "text-embedding-3-small",
		},
		required: [],
	},
	{
		id: "custom",
		get label() {
			return l10n.t("Custom OpenAI-compatible server");
		},
		get description() {
			return l10n.t(
				"Your own server with the OpenAI API, for facts and embeddings. Enter its base URL, which usually ends in /v1, and the names of its models.",
			);
		},
		values: { LLM_PROVIDER: "openai" },
		required: ["LLM_BASE_URL", "LLM_CHOICE", "EMBEDDING_MODEL_CHOICE"],
	},
	{
		id: "proxy",
		get label() {
			return l10n.t("Proxy to OpenAI");
		},
		get description() {
			return l10n.t(
				"OpenAI's models through a proxy. Enter the proxy's base URL with its path, such as https://your-proxy.example/openai/v1.",
			);
		},
		values: {
			LLM_PROVIDER: "openai",
			LLM_CHOICE: "gpt-4.1-mini",
			EMBEDDING_MODEL_CHOICE: "text-embedding-3-small",
		},
		required: ["LLM_BASE_URL"],
	},
	{
		id: "mixed",
		get label() {
			return l10n.t("Own server, embeddings by OpenAI");
		},
		get description() {
			return l10n.t(
				"Facts by your own server, embeddings by api.openai.com. Each has its own key, which goes only to its own host.",
			);
		},
		values: {
			LLM_PROVIDER: "openai",
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_BASE_URL: "default",
			EMBEDDING_MODEL_CHOICE: "text-embedding-3-small",
		},
		required: ["LLM_BASE_URL", "LLM_CHOICE"],
	},
	{
		id: "ollama",
		get label() {
			return l10n.t("Ollama");
		},
		get description() {
			return l10n.t(
				"Models on this machine, by Ollama at localhost:11434. It needs no key. Get the models first: ollama pull qwen3:8b, and ollama pull nomic-embed-text.",
			);
		},
		values: { LLM_PROVIDER: "ollama", EMBEDDING_MODEL_CHOICE: "nomic-embed-text" },
		required: ["LLM_CHOICE"],
	},
	{
		id: "lmstudio",
		get label() {
			return l10n.t("LM Studio");
		},
		get description() {
			return l10n.t(
				"Models on this machine, by LM Studio's server at localhost:1234. It needs no key unless you turned that on. Load a chat model and an embedding model there.",
			);
		},
		values: { LLM_PROVIDER: "openai", LLM_BASE_URL: "http://localhost:1234/v1" },
		required: ["LLM_CHOICE", "EMBEDDING_MODEL_CHOICE"],
	},
	{
		id: "vllm",
		get label() {
			return l10n.t("vLLM");
		},
		get description() {
			return l10n.t(
				"Facts by vLLM at localhost:8000. One vLLM serves one model, so the built-in model makes the embeddings; for a second vLLM choose another endpoint under Embeddings.",
			);
		},
		values: {
			LLM_PROVIDER: "openai",
			LLM_BASE_URL: "http://localhost:8000/v1",
			EMBEDDING_PROVIDER: "builtin",
		},
		required: ["LLM_CHOICE"],
	},
	{
		id: "litellm",
		get label() {
			return l10n.t("LiteLLM");
		},
		get description() {
			return l10n.t(
				"Many providers behind a LiteLLM proxy, here at localhost:4000. LiteLLM issues the key; models have the names in its configuration.",
			);
		},
		values: { LLM_PROVIDER: "openai", LLM_BASE_URL: "http://localhost:4000/v1" },
		required: ["LLM_CHOICE", "EMBEDDING_MODEL_CHOICE"],
	},
	{
		id: "openrouter",
		get label() {
			return l10n.t("OpenRouter");
		},
		get description() {
			return l10n.t(
				"Many providers behind openrouter.ai, which needs a key. Names of models, including embedding models, are provider/model.",
			);
		},
		values: {
			LLM_PROVIDER: "openrouter",
			LLM_CHOICE: "openai/gpt-4.1-mini",
			EMBEDDING_MODEL_CHOICE: "openai/text-embedding-3-small",
		},
		required: [],
	},
	{
		id: "azure",
		get label() {
			return l10n.t("Azure OpenAI");
		},
		get description() {
			return l10n.t(
				"Your resource in Azure, such as https://example.openai.azure.com. Instead of models, enter the names of your deployments.",
			);
		},
		values: { LLM_PROVIDER: "azure" },
		required: ["AZURE_OPENAI_ENDPOINT", "LLM_CHOICE", "EMBEDDING_MODEL_CHOICE"],
	},
];

/** A preset replaces every variable that says where texts go and to which model. */
export function presetChanges({ values }: Preset): Change[] {
	return settingVariables
		.filter(({ section }) => section === "llm" || section === "embedding")
		.map(({ name }) => ({ variable: name, value: values[name] }));
}
