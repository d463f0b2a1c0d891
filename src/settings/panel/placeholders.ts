import * as l10n from "@vscode/l10n";
import { type Provider, providers } from "../../config/providers.ts";
import { llmProviderOf } from "../embeddingUse.ts";
import type { SettingVariable, Values } from "../values.ts";

const chatExamples = (): Readonly<Record<Provider | "vscode", string>> => ({
	openai: providers.openai.chatModel as string,
	ollama: l10n.t`such as ${"qwen3:8b"}`,
	openrouter: l10n.t`such as ${"openai/gpt-4.1-mini"}`,
	azure: l10n.t("the name of your deployment"),
	vscode: l10n.t("any model that VS Code offers"),
});

/** What stands in empty fields, where it depends on the chosen providers. */
export function placeholdersOf(values: Values): Partial<Record<SettingVariable, string>> {
	const chat = llmProviderOf(values);
	const given = values.EMBEDDING_PROVIDER ?? chat;
	const embedding = given !== undefined && given in providers ? (given as Provider) : undefined;
	const ofChat = values.LLM_PROVIDER === "vscode" ? "vscode" : chat;
	return {
		...(chat ? { LLM_BASE_URL: providers[chat].baseUrl ?? "" } : {}),
		...(ofChat ? { LLM_CHOICE: chatExamples()[ofChat] } : {}),
		...(embedding
			? {
					EMBEDDING_BASE_URL: providers[embedding].baseUrl ?? "",
					EMBEDDING_MODEL_CHOICE:
						embedding === "azure" ? chatExamples().azure : providers[embedding].embeddingModel,
				}
			: {}),
	};
}
