import { type EndpointRole, type Provider, providers } from "./providers.ts";
import type { VariableValues } from "./reader.ts";

/** The provider of a role. */
export interface ChosenProvider {
	readonly provider: Provider;
	/** It follows from other variables: nobody named it. */
	readonly assumed: boolean;
}

export type ChosenProviders = Readonly<Record<EndpointRole, ChosenProvider | undefined>>;

/*
 * Where a role's requests go, as far as the given values say so: all values in effect, or those of one source, to find
 * the host that its keys are for; see `urlsIn` for several servers. The provider's own host counts for a source that
 * chose the provider.
 */

export function chatUrl(values: VariableValues, { chat }: ChosenProviders): string | undefined {
	if (!chat || values.LLM_BASE_URL) return chat && values.LLM_BASE_URL;
	return ownUrl(values, chat, values.LLM_PROVIDER);
}

export function embeddingUrl(values: VariableValues, chosen: ChosenProviders): string | undefined {
	const { chat, embedding } = chosen;
	if (!embedding) return undefined;
	const { EMBEDDING_BASE_URL: given, EMBEDDING_PROVIDER: named } = values;
	if (given === "default") return ownUrl(values, { ...embedding, assumed: true }, named);
	if (given !== undefined) return given;
	const follows = chat?.provider === embedding.provider ? chatUrl(values, chosen) : undefined;
	return follows ?? ownUrl(values, embedding, named);
}

function ownUrl(values: VariableValues, { provider, assumed }: ChosenProvider, named: string | undefined) {
	if (provider === "azure") return values.AZURE_OPENAI_ENDPOINT;
	return assumed || named === provider ? providers[provider].baseUrl : undefined;
}
