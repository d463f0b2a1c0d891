import { isRecord, isWebPage, serverMessage } from "../../endpoints/openai/serverMessage.ts";
import type { CheckResult } from "../findings.ts";
import { type Answer, failed } from "../probe.ts";
import type { Fix } from "../report.ts";
import { askFamily } from "../serverFamily.ts";
import { jsonOf, type Target } from "../target.ts";
import { refusesKey } from "./authentication.ts";

/** Where the API is, when it is not where the URL says; asks the usual places on the same host. */
export async function findBaseUrl(
	target: Target,
	listed: Answer,
	evidence: readonly string[],
): Promise<CheckResult> {
	const { baseUrl } = target.endpoint;
	const seen = whatCame(target, listed);
	const redirect = redirected(listed, baseUrl);
	if (redirect !== undefined)
		return {
			status: "failed",
			seen: `${baseUrl} redirects to ${redirect}.`,
			cause: "Requests follow no redirects, as a key must not reach another host unasked.",
			fixes: [target.setUrl(redirect), target.openUrl],
			evidence,
		};
	const found = await Promise.all(
		candidates(baseUrl, target.endpoint.provider).map(async (url) => {
			const answer = await target.get(target.modelsUrl(url));
			return !failed(answer) && (isApiList(answer) || refusesKey(answer)) ? url : undefined;
		}),
	);
	const right = found.find((url) => url !== undefined);
	if (right !== undefined)
		return {
			status: "failed",
			seen,
			cause: `The API is at ${right}.`,
			fixes: [target.setUrl(right)],
			evidence,
		};
	if (target.role === "chat" && (await askFamily(target)) === "tei")
		return {
			status: "failed",
			seen,
			cause: "text-embeddings-inference listens there: it makes embeddings, and is no language model.",
			fixes: [useForEmbeddings(baseUrl), target.openUrl],
			evidence,
		};
	return {
		status: "failed",
		seen,
		cause: isWebPage(listed.body)
			? "The URL leads to a website, or to a proxy that wants you to sign in."
			: "There is no OpenAI-compatible API at this URL, nor at the usual ones of this host.",
		fixes: [target.openUrl],
		evidence,
	};
}

function useForEmbeddings(baseUrl: string): Fix {
	return {
		kind: "set",
		label: "Use it for embeddings, and no language model",
		changes: [
			{ variable: "LLM_PROVIDER", value: "none" },
			{ variable: "LLM_BASE_URL", value: undefined },
			{ variable: "EMBEDDING_PROVIDER", value: "openai" },
			{ variable: "EMBEDDING_BASE_URL", value: baseUrl },
		],
	};
}

function whatCame(target: Target, { status, body }: Answer): string {
	const { baseUrl, apiKey = "" } = target.endpoint;
	const title = serverMessage(body, [apiKey]).message;
	if (isWebPage(body))
		return `${baseUrl}/models answers with a web page${title ? `, “${title}”` : ""} (HTTP ${status}).`;
	if (status === 404 || status === 405) return `There is nothing at ${baseUrl}/models (HTTP ${status}).`;
	return `${baseUrl}/models answers with something else than a list of models (HTTP ${status})${title ? `: “${title}”` : ""}.`;
}

/** Base URLs on the same host, the likeliest first. */
function candidates(baseUrl: string, provider: string): string[] {
	const { origin, pathname } = new URL(baseUrl);
	const path = pathname.replace(/\/$/, "");
	const parent = path.replace(/\/[^/]*$/, "");
	const paths =
		provider === "azure"
			? ["", path.replace(/\/openai.*$/, "")]
			: [
					`${path}/v1`,
					path.replace(/(\/v\d+)(?=.*\/v\d+)/, ""),
					path.replace(/\/v\d+$/, ""),
					"/v1",
					"/api/v1",
					"/openai/v1",
					`${parent}/v1`,
				];
	return [...new Set(paths.map((each) => `${origin}${each}`))].filter((url) => url !== baseUrl);
}

function isApiList(answer: Answer): boolean {
	const value = jsonOf(answer);
	return answer.status === 200 && isRecord(value) && Array.isArray(value.data);
}

/** The base URL that a redirect of the list of models means. */
function redirected({ status, headers }: Answer, baseUrl: string): string | undefined {
	const { location } = headers;
	if (status < 300 || status >= 400 || location === undefined) return undefined;
	const url = new URL(location, `${baseUrl}/models`);
	if (!/^https?:$/.test(url.protocol) || !/\/models\/?$/.test(url.pathname)) return undefined;
	return `${url.origin}${url.pathname.replace(/\/models\/?$/, "")}`;
}
