import type { EndpointError } from "../../endpoints/endpointError.ts";
import { families } from "../../endpoints/openai/families.ts";
import { requestHeaders } from "../../endpoints/openai/requestHeaders.ts";
import { failure } from "../findings.ts";
import { advice, openSetting, setVariable } from "../fixes.ts";
import { type Answer, failed } from "../probe.ts";
import { refusesKey } from "../reach.ts";
import type { Fix } from "../report.ts";
import type { Target } from "../target.ts";

/** Why the server refuses the key to the memory's own request, and what to do. */
export async function explainRefusedKey(target: Target, { status, serverMessage }: EndpointError) {
	const empty = await target.empty();
	if (!failed(empty) && refusesKey(empty)) return explainRefusedAnswer(target, empty);
	// The key is known, and may not do this.
	const quote = serverMessage ? ` It said: “${serverMessage}”.` : "";
	const { endpoint, host, modelVariable } = target;
	if (endpoint.apiKey === undefined) {
		const cause = `No key is set for ${target.origin}.`;
		return failure(`${host} wants an API key (HTTP ${status}).${quote}`, cause, [target.enterKey]);
	}
	const seen = `${host} refused the API key for ${endpoint.model} (HTTP ${status}).${quote}`;
	const cause = "The key may not use this model, or not for this kind of request.";
	return failure(seen, cause, [target.enterKey, openSetting(modelVariable)]);
}

/** Why the server refuses the key to an empty request, and what to do. */
export async function explainRefusedAnswer(target: Target, answer: Answer) {
	const { endpoint, host, run, headersVariable, providerVariable } = target;
	const result = (what: string, cause: string, ...fixes: readonly Fix[]) =>
		failure(`${host} ${what} (HTTP ${answer.status}).${target.quote(answer)}`, cause, fixes);
	const setHeaders = openSetting(headersVariable, `Set ${headersVariable}`);
	const scheme = String(answer.headers["www-authenticate"] ?? "");
	if (/^(basic|digest|negotiate|ntlm)/i.test(scheme) || answer.status === 407) {
		const cause = "A proxy or gateway in front of the server has its own sign-in.";
		return result("wants a user name and a password", cause, setHeaders);
	}
	if (endpoint.apiKey === undefined) {
		const ambient = run.ambient.OPENAI_API_KEY?.trim()
			? " OPENAI_API_KEY is set in the environment, but is sent to api.openai.com only."
			: "";
		return result("wants an API key", `No key is set for ${target.origin}.${ambient}`, target.enterKey);
	}
	const header = await acceptedHeader(target);
	if (header === undefined)
		return result("refused the API key", causeOf(endpoint.apiKey, target), target.enterKey);
	const isAzure = endpoint.provider === "azure";
	const provider = isAzure ? "openai" : "azure";
	return result(
		"refused the key as it was sent",
		`It takes the key in the header “${header}”, not in “${isAzure ? "api-key" : "Authorization: Bearer"}”.`,
		(isAzure && header === "authorization") || (!isAzure && target.family === "azure")
			? setVariable(providerVariable, provider, `Use the provider ${provider}`)
			: advice(
					`Put the key into an environment variable, and set ${headersVariable} to {"${header}": "\${env:NAME}"}`,
				),
		setHeaders,
	);
}

/** What is wrong with a key, judged by its form; reveals none of its letters. */
function causeOf(key: string, { family, host }: Target): string {
	const { name, keyPrefix, getKey, refusedKey } = families[family];
	if (/^(your|my|sk-your|xxx|changeme|none|null|undefined)/i.test(key))
		return "The key looks like the placeholder of an example. It was sent as it is.";
	if (keyPrefix && !key.startsWith(keyPrefix))
		return `Keys of ${name} start with ${keyPrefix}; this one does not.${getKey ? ` ${getKey}` : ""}`;
	const { openrouter } = families;
	if (family !== "openrouter" && openrouter.keyPrefix && key.startsWith(openrouter.keyPrefix))
		return `It is a key of ${openrouter.name}, and ${host} is another server.`;
	return refusedKey ?? "The key is mistyped, has expired, or belongs to another server.";
}

/** Another header in which the server takes the key. The key goes to the same host only. */
async function acceptedHeader(target: Target): Promise<string | undefined> {
	const { apiKey = "", provider } = target.endpoint;
	const { authorization: _, "api-key": __, ...rest } = requestHeaders(target.endpoint);
	const others = provider === "azure" ? ["authorization"] : ["api-key", "x-api-key"];
	const accepted = await Promise.all(
		others.map(async (name) => {
			const headers = { ...rest, [name]: name === "authorization" ? `Bearer ${apiKey}` : apiKey };
			const answer = await target.post({}, headers);
			return !failed(answer) && !refusesKey(answer) && answer.status < 500 ? name : undefined;
		}),
	);
	return accepted.find((name) => name !== undefined);
}
