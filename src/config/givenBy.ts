import { type ChosenProviders, chatUrl, embeddingUrl } from "./givenHosts.ts";
import type { EndpointRole } from "./providers.ts";
import type { Reading } from "./reader.ts";
import type { azureDeploymentOf } from "./urls.ts";
import type { VariableName } from "./variables.ts";

/** The variables that define an endpoint, so that errors name what the user has set. */
export interface GivenBy {
	readonly url: VariableName;
	/** The URL as the user wrote it; undefined for the provider's own. */
	readonly written: string | undefined;
	/** OPENAI_API_KEY is not a variable of ours. */
	readonly key: VariableName | "OPENAI_API_KEY";
	readonly model: VariableName;
}

/** @param sharesKey whether the embedding host may get the language model's key, because it is the same host. */
export function givenBy(
	role: EndpointRole,
	reading: Reading,
	chosen: ChosenProviders,
	sharesKey: boolean,
): GivenBy {
	const { env, values } = reading;
	const url = urlVariable(role, reading, chosen);
	const isAzure = chosen[role]?.provider === "azure";
	const own = role === "chat" ? "LLM_API_KEY" : "EMBEDDING_API_KEY";
	const keys = [own, ...(sharesKey ? ["LLM_API_KEY" as const] : [])] as const;
	const written = env[url]?.trim();
	const spare = isAzure && values.AZURE_OPENAI_API_KEY ? "AZURE_OPENAI_API_KEY" : undefined;
	const ambient = reading.ambient.OPENAI_API_KEY?.trim() && !written ? "OPENAI_API_KEY" : undefined;
	const names = { chat: "LLM_CHOICE", embedding: "EMBEDDING_MODEL_CHOICE" } as const;
	const isDeployment =
		role === "chat" && isAzure && !values.LLM_CHOICE && values.AZURE_OPENAI_DEPLOYMENT_NAME;
	return {
		url,
		// A query may hold a key.
		written: written && written.toLowerCase() !== "default" ? written.replace(/\?.*/s, "?…") : undefined,
		key: keys.find((name) => values[name]) ?? spare ?? ambient ?? own,
		model: isDeployment ? "AZURE_OPENAI_DEPLOYMENT_NAME" : names[role],
	};
}

function urlVariable(role: EndpointRole, { values }: Reading, chosen: ChosenProviders): VariableName {
	const ofAzure = chosen[role]?.provider === "azure" && values.AZURE_OPENAI_ENDPOINT !== undefined;
	const elsewhere = ofAzure ? "AZURE_OPENAI_ENDPOINT" : undefined;
	if (role === "chat") return values.LLM_BASE_URL ? "LLM_BASE_URL" : (elsewhere ?? "LLM_BASE_URL");
	const { EMBEDDING_BASE_URL: own, LLM_BASE_URL: shared } = values;
	if (own && own !== "default") return "EMBEDDING_BASE_URL";
	const follows = own === undefined && shared && embeddingUrl(values, chosen) === chatUrl(values, chosen);
	return follows ? "LLM_BASE_URL" : (elsewhere ?? "EMBEDDING_BASE_URL");
}

/** The deployment in a role's own URL: requests to that URL reach no other. */
export function deploymentIn(
	{ notices }: Reading,
	found: ReturnType<typeof azureDeploymentOf>,
	{ url, model: variable }: GivenBy,
	named: string | undefined,
): string | undefined {
	const isOwn = url === (variable === "EMBEDDING_MODEL_CHOICE" ? "EMBEDDING_BASE_URL" : "LLM_BASE_URL");
	// AZURE_OPENAI_ENDPOINT is for both roles.
	if (!found || (!isOwn && (named !== undefined || url !== "AZURE_OPENAI_ENDPOINT"))) return undefined;
	const { deployment } = found;
	if (named !== undefined && named !== deployment)
		notices.push({ kind: "overridden", variable, deployment, url });
	return deployment;
}
