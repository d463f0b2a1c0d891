import type { ChosenProviders } from "./givenHosts.ts";
import type { Reading } from "./reader.ts";
import type { ConfigProblem } from "./remarks.ts";
import type { VariableName } from "./variables.ts";

/** Why the default host of the language model may not be the one that is meant. */
export function chatDoubt({ values, doubts }: Reading, azure: boolean): ConfigProblem | undefined {
	if (values.LLM_BASE_URL || (azure && values.AZURE_OPENAI_ENDPOINT)) return undefined;
	return firstDoubt(doubts, ["LLM_BASE_URL", "LLM_PROVIDER", "AZURE_OPENAI_ENDPOINT"]);
}

/** Why the host of the embeddings, which nobody names, may not be the one that is meant. */
export function embeddingDoubt(
	reading: Reading,
	{ chat, embedding }: ChosenProviders,
): ConfigProblem | undefined {
	if (reading.values.EMBEDDING_BASE_URL) return undefined;
	const own = firstDoubt(reading.doubts, ["EMBEDDING_BASE_URL", "EMBEDDING_PROVIDER"]);
	const apart = chat && chat.provider !== embedding?.provider && reading.values.EMBEDDING_PROVIDER;
	return own ?? (apart ? undefined : chatDoubt(reading, embedding?.provider === "azure"));
}

function firstDoubt(doubts: Reading["doubts"], names: readonly VariableName[]): ConfigProblem | undefined {
	for (const variable of names) {
		const { written = "", place = "" } = doubts.get(variable) ?? {};
		if (place) return { kind: "in-doubt", variable, written, place };
	}
	return undefined;
}
