import type { ConfigResult } from "../../config/config.ts";
import { type Endpoints, type HttpEndpoint, httpOnly, originsOf, urlsOf } from "../../config/endpoints.ts";
import { providers } from "../../config/providers.ts";
import { type ConfigNotice, reasonOf, statementOf } from "../../config/remarks.ts";
import { isPrivateHost, readEndpointUrl } from "../../config/urls.ts";
import type { Environment, VariableName } from "../../config/variables.ts";
import { type CheckResult, warning } from "../findings.ts";
import { enterKey, openSetting, setVariable, useBuiltin } from "../fixes.ts";

export type ConfigurationFinding = CheckResult & { readonly stage: string; readonly title: string };

/** Values that are valid one by one, but together probably do not do what the user wants. */
export function findContradictions(
	env: Environment,
	ambient: Environment,
	{ config: { llm, embedding }, notices }: ConfigResult,
): ConfigurationFinding[] {
	const http = httpOnly(llm);
	const isSet = (name: VariableName) => Boolean(env[name]?.trim());
	return [
		...notices.map((notice) => remarkedOn(notice, { llm: http, embedding })),
		isSet("EMBEDDING_PROVIDER") ? undefined : unusedEmbedding(notices),
		unused(env),
		http && !isSet("LLM_BASE_URL") ? ambientVariables({ ...ambient, ...env }, http.baseUrl) : undefined,
		plainHttp("LLM_BASE_URL", http),
		http?.apiKey && embedding?.baseUrl === http.baseUrl
			? undefined
			: plainHttp("EMBEDDING_BASE_URL", embedding),
		http && embedding && !isSet("EMBEDDING_BASE_URL") ? embeddingHost(http, embedding) : undefined,
	].filter((finding) => finding !== undefined);
}

/** Corrected URLs, and a host that may need a key. */
function remarkedOn(notice: ConfigNotice, { llm, embedding }: Endpoints): ConfigurationFinding | undefined {
	const found = { status: "warning", seen: `${statementOf(notice)}.`, cause: reasonOf(notice) } as const;
	if (notice.kind === "not-shared") {
		const fixes = [enterKey("EMBEDDING_API_KEY", embedding ? originsOf(embedding) : notice.origin)];
		return { stage: "not-shared", title: "Key of each host", ...found, fixes };
	}
	if (notice.kind !== "corrected") return undefined;
	const { variable, url } = notice;
	const endpoints: Partial<Record<VariableName, unknown>> = {
		LLM_BASE_URL: llm,
		EMBEDDING_BASE_URL: embedding,
	};
	if (!endpoints[variable]) return undefined;
	const title = `Spelling of ${variable}`;
	return { stage: `corrected-${short(variable)}`, title, ...found, fixes: [setVariable(variable, url)] };
}

/** Values that have no effect, because the provider is another. */
function unused(env: Environment): ConfigurationFinding | undefined {
	if (env.LLM_PROVIDER?.trim().toLowerCase() !== "none" || !env.LLM_BASE_URL?.trim()) return undefined;
	return {
		stage: "unused",
		title: "Use of the language model",
		...warning(
			"LLM_BASE_URL is set, but LLM_PROVIDER is none: no language model is used.",
			"LLM_PROVIDER decides whether there is a language model.",
			[
				setVariable("LLM_PROVIDER", "openai"),
				setVariable("LLM_BASE_URL", undefined, "Leave LLM_BASE_URL unset"),
			],
		),
	};
}

/** Values for an embedding model, where nobody chose a provider. */
function unusedEmbedding(notices: readonly ConfigNotice[]): ConfigurationFinding | undefined {
	const notice = notices.find(({ kind }) => kind === "unused");
	if (!notice) return undefined;
	const fixes = [openSetting("EMBEDDING_PROVIDER", "Set EMBEDDING_PROVIDER"), useBuiltin];
	return {
		stage: "unused-embedding",
		title: "Use of the embedding model",
		...warning(`${statementOf(notice)}.`, reasonOf(notice), fixes),
	};
}

/** Variables for the OpenAI clients of other programs, which have no effect here. */
function ambientVariables(env: Environment, baseUrl: string): ConfigurationFinding | undefined {
	const name = ["OPENAI_BASE_URL", "OPENAI_API_BASE"].find((each) => env[each]?.trim());
	const read = readEndpointUrl((name && env[name]?.trim()) ?? "", "openai");
	if (!("url" in read) || read.url === baseUrl) return undefined;
	return {
		stage: "ambient",
		title: "Variables of other programs",
		...warning(
			`${name} is ${read.url}, but requests go to ${baseUrl}.`,
			`${name} is for other programs and is not read here. LLM_BASE_URL is read, but it is not set.`,
			[setVariable("LLM_BASE_URL", read.url), setVariable("LLM_BASE_URL", baseUrl)],
		),
	};
}

/** A key that anyone on the network path can read. */
function plainHttp(
	variable: "LLM_BASE_URL" | "EMBEDDING_BASE_URL",
	endpoint: HttpEndpoint | undefined,
): ConfigurationFinding | undefined {
	const urls = endpoint?.apiKey ? urlsOf(endpoint) : [];
	const readable = urls.filter((url) => {
		const { protocol, hostname } = new URL(url);
		// A name without a domain belongs to the same network.
		return protocol === "http:" && !isPrivateHost(hostname) && hostname.includes(".");
	});
	if (readable.length === 0) return undefined;
	const encrypted = urls.map((url) => (readable.includes(url) ? url.replace(/^http:/, "https:") : url));
	return {
		stage: `plain-http-${short(variable)}`,
		title: "Encryption of keys",
		...warning(
			`The key for ${readable.join(", ")} is sent over plain http, to a host that is not in a private network.`,
			"Anyone on the network path can read the key and the memories.",
			[setVariable(variable, encrypted.join(", "))],
		),
	};
}

/** Texts that go to api.openai.com although nothing names it. */
function embeddingHost(llm: HttpEndpoint, embedding: HttpEndpoint): ConfigurationFinding | undefined {
	const openai = providers.openai.baseUrl as string;
	if (embedding.baseUrl !== openai || llm.baseUrl === openai) return undefined;
	return {
		stage: "embedding-host",
		title: "Host of the embeddings",
		...warning(
			`Embeddings go to ${openai}, but the language model is at ${llm.baseUrl}.`,
			"EMBEDDING_PROVIDER is openai, and EMBEDDING_BASE_URL is not set.",
			[
				setVariable("EMBEDDING_BASE_URL", "default", "Set EMBEDDING_BASE_URL to default, for api.openai.com"),
				setVariable("EMBEDDING_BASE_URL", urlsOf(llm).join(", ")),
				useBuiltin,
			],
		),
	};
}

/** The role of an endpoint's URL, in the ids of findings. */
function short(variable: VariableName): string {
	return variable === "LLM_BASE_URL" ? "llm" : "embedding";
}
