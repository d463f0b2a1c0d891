import type { EndpointRole, HttpEndpoint } from "../../config/endpoints.ts";
import { type ProxyServer, proxyInWords } from "../../config/proxies.ts";
import { type Redact, redactor } from "../../config/redact.ts";
import { secretsOfHeaders } from "../../config/secrets.ts";
import {
	EndpointError,
	type EndpointErrorFields,
	type EndpointErrorKind,
	type RefusedParameter,
} from "../endpointError.ts";
import type { ProxyError } from "../network/proxyError.ts";
import { isWebPage } from "./answerBody.ts";
import { families, familyOf, howToStart } from "./families.ts";
import { repeatable, serverMessage } from "./serverMessage.ts";
import { modelsUrl } from "./urls.ts";

export interface RequestContext {
	readonly endpoint: Pick<
		HttpEndpoint,
		"provider" | "baseUrl" | "apiVersion" | "model" | "apiKey" | "headers" | "secrets"
	>;
	readonly role: EndpointRole;
	readonly url: string;
	/** The user's texts in the request. */
	readonly texts?: readonly string[];
	/** Through which the request went. */
	readonly proxy?: ProxyServer | undefined;
}

const tooLong =
	/context[ _](length|size|window)|maximum context|too many tokens|too long|too large|exceeds? [^.]{0,60}(tokens|context)|n_ctx|max_model_len|input length/i;
const batchTooLarge =
	/batch[ _-]size|too many (inputs|items|texts)|batch of \d+|array [^.]*(too long|at most)|maximum [^.]*(batch|inputs)/i;
const noModel =
	/model[^.]{0,200}(not (found|exist|loaded|available|supported)|does not exist|doesn't exist|unknown|no such)|(unknown|invalid|no such|unsupported) model|DeploymentNotFound|deployment[^.]{0,80}does not exist|try pulling|no models? loaded/i;
const quota = /insufficient_quota|exceeded your current quota|billing|credits/i;
const tokenLimit =
	/(?:context (?:length|size|window)(?: is| of)?|n_ctx|max_model_len|maximum (?:input )?length(?: is| of)?|at most)\D{0,12}(\d{2,})/i;
const batchLimit = /(?:allowed batch size|at most|maximum[^.\d]*|<=?)\s*(\d+)/i;

const retried = "The request is tried again later.";
const addCredit = "Add credit, or choose another endpoint.";

const variables = {
	chat: { url: "LLM_BASE_URL", key: "LLM_API_KEY", model: "LLM_CHOICE" },
	embedding: {
		// Unset, it is the language model's.
		url: "EMBEDDING_BASE_URL (or LLM_BASE_URL)",
		key: "EMBEDDING_API_KEY (or LLM_API_KEY)",
		model: "EMBEDDING_MODEL_CHOICE",
	},
} as const;

/** LLM_API_KEY may be set, for another host: only the role's own key is sure to be sent. */
const missingKey = { chat: "LLM_API_KEY", embedding: "EMBEDDING_API_KEY" } as const;

/** The error that a status and body mean, for every server family (pure). */
export function errorOfAnswer(
	context: RequestContext,
	status: number,
	retryAfter: string | null,
	body: string,
): EndpointError {
	const { endpoint, role, url } = context;
	const { message, codes, code } = serverMessage(body, redactorOf(endpoint), context.texts);
	const text = `${message ?? ""} ${codes}`;
	// Some answer with 200 and put the real status into the body.
	const real = status < 400 ? (code ?? (/unexpected endpoint/i.test(text) ? 404 : 400)) : status;
	const variable = variables[role];
	const model = JSON.stringify(endpoint.model);
	const error = (
		kind: EndpointErrorKind,
		what: string,
		advice: string,
		more: Partial<EndpointErrorFields> = {},
	) =>
		new EndpointError(kind, what, advice, {
			role,
			url,
			status: status < 400 ? code : status,
			serverMessage: message,
			retryAfter: waitOf(retryAfter),
			...more,
		});
	const family = () => families[familyOf(endpoint.provider, endpoint.baseUrl, [{ body }])];
	const modelMissing = () => {
		const advice =
			family().getModel?.(endpoint.model) ??
			`The server lists its models at ${modelsUrl(endpoint, role).replace(/\?.*/, "")}.`;
		return error("model-not-found", `has no model ${model}`, `Check ${variable.model}. ${advice}`);
	};
	const tooLarge = () => {
		const advice = `Use a model ${role === "chat" ? "with a larger context" : "that takes longer texts"}.`;
		const limit = numberIn(tokenLimit, text);
		return error("too-large", "cannot take a text this long", advice, { limit });
	};

	switch (real) {
		case 401:
		case 403:
			if (/moderat|flagged|content.?policy/i.test(text)) break;
			return endpoint.apiKey === undefined
				? error("unauthorized", "wants an API key", `Set ${missingKey[role]}.`)
				: error(
						"unauthorized",
						"refused the API key",
						`Check ${variable.key}: it must be a key for this server that may use ${model}.`,
					);
		case 402:
			return error("payment", "has no credit left", addCredit);
		case 404:
		case 405: {
			if (noModel.test(text) || (/model_not_found|not_found_error/i.test(codes) && /model/i.test(text)))
				return modelMissing();
			const ending = `most servers expect it to end in /v1${/\/v1(\/|$)/.test(url) ? ", but some do not" : ""}`;
			return error("not-found", "does not know this path", `Check ${variable.url}: ${ending}.`);
		}
		case 408:
		case 504:
			return error("timeout", "gave up waiting for its model", "Try again, or use a faster model.");
		case 429:
			return quota.test(text)
				? error("payment", "has no quota left", addCredit)
				: error("rate-limited", "is asked too often", retried);
		case 501: {
			const [what, enable] =
				role === "chat" ? ["chat completions"] : ["embeddings", family().enableEmbeddings];
			const advice = `${enable ? `${enable}, or set` : "Set"} ${variable.url} to a server that does.`;
			return error("rejected", `does not offer ${what}`, advice);
		}
	}
	if (real >= 500 || real === 424) {
		if (/loading/i.test(text)) return error("loading", "is still loading its model", retried);
		return tooLong.test(text)
			? tooLarge()
			: error("server-error", "failed", `See the server's log. ${retried}`);
	}
	if (batchTooLarge.test(text) || (real === 413 && role === "embedding" && !/token/i.test(text)))
		return error("batch-too-large", "does not take so many texts in one request", "", {
			limit: numberIn(batchLimit, text),
		});
	if (/completion tokens/i.test(text) && /max_(completion_)?tokens/i.test(text) && !/context/i.test(text))
		return error("answer-too-long", "does not give answers of so many tokens", "Lower LLM_MAX_TOKENS.", {
			limit: numberIn(/at most\s+(\d{2,})/i, text),
		});
	const parameter = refusedParameter(text);
	if (parameter) return error("unsupported", `refuses the parameter ${parameter}`, "", { parameter });
	if (tooLong.test(text) || real === 413) return tooLarge();
	if (noModel.test(text)) return modelMissing();
	return error("rejected", "refused the request", `Check ${variable.url} and ${variable.model}.`);
}

/** The error of an answer with status 200 that is not an answer of the API. */
export function errorOfBody(context: RequestContext, body: string): EndpointError {
	const { role, url, endpoint, texts } = context;
	const check = `Check ${variables[role].url}`;
	const error = (what: string, advice: string, message?: string) =>
		new EndpointError("no-api", what, `${advice}${throughProxy(context)}`, {
			role,
			url,
			serverMessage: message,
		});
	if (isWebPage(body)) {
		const advice = `${check}: it seems to lead to a website or a proxy's sign-in page. Most servers expect it to end in /v1.`;
		return error(
			"answered with a web page",
			advice,
			serverMessage(body, redactorOf(endpoint), texts).message,
		);
	}
	const what = body.trim() === "" ? "answered with nothing" : "answered with something that is not JSON";
	return error(what, `${check}, and that nothing cuts off the server's answers.`);
}

/** The error that a failed connection means. */
export function errorOfConnection(context: RequestContext, failure: unknown): EndpointError {
	const { role, url, endpoint } = context;
	const cause = rootCause(failure);
	const { code } = cause as { code?: unknown };
	const name = typeof code === "string" ? code : "";
	const { host, hostname } = new URL(url);
	const variable = variables[role].url;
	const error = (kind: EndpointErrorKind, what: string, advice: string) =>
		new EndpointError(kind, what, `${advice}${throughProxy(context)}`, { role, url, cause: failure });
	const unreachable = (what: string, advice: string) => error("unreachable", what, advice);
	if (/ENOTFOUND|EAI_AGAIN|EAI_NODATA/.test(name))
		return unreachable(
			`cannot be found: no host is called ${hostname}`,
			`Check ${variable} and your network or VPN.`,
		);
	if (/ECONNREFUSED/.test(name))
		return unreachable(
			`cannot be reached: nothing listens at ${host}`,
			`${howToStart(url)}, or correct ${variable}.`,
		);
	if (/CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO_(VERIFY|GET)|EPROTO/.test(name))
		return unreachable(
			`has a certificate that is not trusted, or does not speak TLS (${name})`,
			/EPROTO|SSL|WRONG_VERSION/.test(name)
				? `Use http:// in ${variable} if the server does not speak TLS.`
				: "Set NODE_EXTRA_CA_CERTS to the file of your company's certificate, or fix the server's.",
		);
	if (/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN/.test(name))
		return unreachable(
			`cannot be reached: ${host} does not answer (${name})`,
			`Check ${variable}, the network and the firewall.`,
		);
	const said = cause instanceof Error ? cause.message : String(cause);
	if (name === "TOO_LONG")
		return error("no-api", said, `Check ${variable}: it must lead to an OpenAI-compatible server.`);
	const detail = name || repeatable(said, redactorOf(endpoint));
	const advice = `See the server's log. ${retried}`;
	return error("connection-lost", `broke off the connection (${detail})`, advice);
}

/** The error of a request that a proxy has kept from its server. */
export function errorOfProxy({ role, url }: RequestContext, failure: ProxyError): EndpointError {
	const { what, advice } = failure.explained;
	const { status } = failure;
	return new EndpointError("proxy", `cannot be reached: ${what}`, advice, {
		role,
		url,
		status,
		cause: failure,
	});
}

/** What else may be at fault; empty without a proxy. */
export function throughProxy({ proxy }: RequestContext): string {
	return proxy ? ` It is asked by the proxy ${proxyInWords(proxy)}, which may be at fault.` : "";
}

export function timeoutError(context: RequestContext, ms: number): EndpointError {
	const { role, url } = context;
	return new EndpointError(
		"timeout",
		`did not answer within ${Math.round(ms / 1000)} s`,
		`Try a smaller model${role === "chat" ? ", or a larger MCP_TIMEOUT" : ""}.${throughProxy(context)}`,
		{ role, url },
	);
}

/** Hides what is sent to an endpoint, and every other secret of the configuration. */
export function redactorOf({ apiKey = "", headers, secrets = [] }: RequestContext["endpoint"]): Redact {
	return redactor([apiKey, ...secretsOfHeaders(headers), ...secrets]);
}

function refusedParameter(text: string): RefusedParameter | undefined {
	if (/max_tokens/i.test(text) && /unsupported|not supported|instead/i.test(text)) return "max_tokens";
	if (/temperature/i.test(text)) return "temperature";
	if (/dimensions|matryoshka/i.test(text)) return "dimensions";
	if (/response_format|json_object|json_schema|json mode|structured output|guided/i.test(text))
		return "response_format";
	return undefined;
}

function numberIn(pattern: RegExp, text: string): number | undefined {
	const found = pattern.exec(text)?.[1];
	return found === undefined ? undefined : Number(found);
}

/** `Retry-After` is in seconds or a date (RFC 9110 §10.2.3). */
function waitOf(header: string | null): number | undefined {
	if (header === null) return undefined;
	const seconds = Number(header);
	const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
	return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** The reason may be in `cause`, and after several addresses were tried in an AggregateError. */
function rootCause(error: unknown): object {
	let current: unknown = error;
	for (let depth = 0; depth < 6; depth += 1) {
		const { cause, errors } = (current ?? {}) as { cause?: unknown; errors?: unknown };
		const inner = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
		if (inner === undefined || inner === null || typeof inner !== "object") break;
		current = inner;
	}
	return typeof current === "object" && current !== null ? current : new Error(String(current));
}
