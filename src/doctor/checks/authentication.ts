import { requestHeaders } from "../../endpoints/openai/requestHeaders.ts";
import type { CheckResult } from "../findings.ts";
import { type Answer, failed } from "../probe.ts";
import type { Fix, ServerFamily } from "../report.ts";
import type { Target } from "../target.ts";

/** Whether an answer means that the key is missing or not taken. */
export function refusesKey({ status }: Answer): boolean {
	return status === 401 || status === 403 || status === 407;
}

/**
 * Why the key is not taken, and what to do.
 * @param refused which request was: the list of models, or an empty request to the model, which costs no tokens.
 */
export async function checkKey(
	target: Target,
	answer: Answer,
	family: ServerFamily,
	refused: "list" | "request",
): Promise<CheckResult> {
	const { endpoint, host, run } = target;
	const said = target.wordsOf(answer);
	const words = said ? ` It said: “${said}”.` : "";
	const draft = (what: string, cause: string, fixes: readonly Fix[]): CheckResult => ({
		status: "failed",
		seen: `${host} ${what} (HTTP ${answer.status}).${words}`,
		cause,
		fixes,
		evidence: [
			refused === "list"
				? target.evidence("GET", target.modelsUrl(), answer)
				: target.evidence("POST", target.requestUrl, answer),
		],
	});
	const openHeaders: Fix = {
		kind: "open-setting",
		label: `Set ${target.headersVariable}`,
		variable: target.headersVariable,
	};
	const scheme = String(answer.headers["www-authenticate"] ?? "");
	if (/^(basic|digest|negotiate|ntlm)/i.test(scheme) || answer.status === 407)
		return draft(
			"wants a user name and a password",
			"A proxy or gateway before the server asks for its own sign-in.",
			[openHeaders],
		);
	if (endpoint.apiKey === undefined) {
		const ambient = run.ambient.OPENAI_API_KEY?.trim()
			? " OPENAI_API_KEY is set in the environment, but is sent to api.openai.com only."
			: "";
		return draft("wants an API key", `No key is set for ${target.origin}.${ambient}`, [target.enterKey]);
	}
	const header = await acceptedHeader(target, refused);
	if (header !== undefined) {
		const azure = family === "azure" && endpoint.provider !== "azure";
		return draft(
			`refused the key as it was sent`,
			`It takes the key in the header “${header}”, not in “${endpoint.provider === "azure" ? "api-key" : "Authorization: Bearer"}”.`,
			[
				azure || (endpoint.provider === "azure" && header === "authorization")
					? {
							kind: "set",
							label: `Use the provider ${azure ? "azure" : "openai"}`,
							changes: [{ variable: target.providerVariable, value: azure ? "azure" : "openai" }],
						}
					: {
							kind: "advice",
							label: `Put the key into an environment variable, and set ${target.headersVariable} to {"${header}": "\${env:NAME}"}`,
						},
				openHeaders,
			],
		);
	}
	return draft("refused the API key", causeIn(endpoint.apiKey, family, host), [target.enterKey]);
}

/** What is wrong with a key by its looks; says nothing of its letters. */
function causeIn(key: string, family: ServerFamily, host: string): string {
	if (/^["'`]|["'`]$/.test(key))
		return "The key begins or ends with a quotation mark, which is not part of it.";
	if (/^(bearer|token)/i.test(key))
		return "The key begins with a word such as Bearer, which requests add by themselves.";
	if (/^(your|my|sk-your|xxx|changeme|none|null|undefined)/i.test(key))
		return "The key is the placeholder of an example.";
	if (family === "litellm" && !key.startsWith("sk-"))
		return "Keys of LiteLLM start with sk-; this one does not. Make one in its dashboard, or with /key/generate.";
	if (key.startsWith("sk-or-") && family !== "openrouter")
		return `It is a key of OpenRouter, and ${host} is another server.`;
	if (family === "openrouter" && !key.startsWith("sk-or-"))
		return "Keys of OpenRouter start with sk-or-; this one does not.";
	if (family === "litellm")
		return "The proxy does not know this key: it was mistyped, deleted, or made for another LiteLLM.";
	if (family === "azure")
		return "The key belongs to another Azure resource, or the endpoint to another region.";
	return "The key is mistyped, has run out, or belongs to another server.";
}

/** Another header in which the server takes the key; it goes to the same host only. */
async function acceptedHeader(target: Target, refused: "list" | "request"): Promise<string | undefined> {
	const { apiKey = "", provider } = target.endpoint;
	const { authorization: _, "api-key": __, ...rest } = requestHeaders(target.endpoint);
	const others: readonly (readonly [string, string])[] =
		provider === "azure"
			? [["authorization", `Bearer ${apiKey}`]]
			: [
					["api-key", apiKey],
					["x-api-key", apiKey],
				];
	const tried = await Promise.all(
		others.map(async ([name, value]) => {
			const headers = { ...rest, [name]: value };
			const answer =
				refused === "list" ? await target.get(target.modelsUrl(), headers) : await target.post({}, headers);
			return !failed(answer) && !refusesKey(answer) && answer.status < 500 ? name : undefined;
		}),
	);
	return tried.find((name) => name !== undefined);
}
