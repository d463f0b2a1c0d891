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
import { exceededLimit } from "./limits.ts";
import { chatForms, embeddingForms } from "./requestForms.ts";
import { repeatable, serverMessage } from "./serverMessage.ts";
import { modelsUrl } from "./urls.ts";

export interface RequestContext {
	readonly endpoint: Pick<
		HttpEndpoint,
		"provider" | "baseUrl" | "apiVersion" | "model" | "apiKey" | "headers" | "secrets" | "given"
	>;
	readonly role: EndpointRole;
	readonly url: string;
	/** The user's texts in the request. */
	readonly texts?: readonly string[];
	/** Through which the request went. */
	readonly proxy?: ProxyServer | undefined;
}

const noModel =
	/model[^.]{0,200}(not (found|exist|loaded|available|supported)|does not exist|doesn't exist|unknown|no such)|(unknown|invalid|no such|unsupported) model|DeploymentNotFound|deployment[^.]{0,80}does not exist|try pulling|no models? loaded/i;
const quota = /insufficient_quota|exceeded your current quota|billing|credits/i;
/** A server that fails may say anything; one that refuses says so. */
const refuses =
	/support|permit|allow|accept|recogni|must|only|invalid|enabled|require|forbidden|restricted|unavailable|必须|支持/i;

const retried = "The request is tried again later.";
const addCredit = "Add credit, or choose another endpoint.";

/** The variables that the user has set, or should set. */
function namesOf({ endpoint: { given }, role }: RequestContext) {
	const own = role === "chat" ? "LLM" : "EMBEDDING";
	const url = given?.url ?? `${own}_BASE_URL`;
	return {
		url,
		checkUrl: given && given.written === undefined ? `Set ${url}` : `Check ${url}`,
		key: given?.key ?? `${own}_API_KEY`,
		/** LLM_API_KEY may be set, for another host: only the role's own key is sure to be sent. */
		missingKey: `${own}_API_KEY`,
		model: given?.model ?? (role === "chat" ? "LLM_CHOICE" : "EMBEDDING_MODEL_CHOICE"),
	};
}

/** What a server that gives no reason means by 413. */
const unsaid = {
	chat: { kind: "too-large", limit: undefined },
	embedding: { kind: "batch-too-large", limit: undefined },
} as const;

const refusal: Readonly<Partial<Record<RefusedParameter, string>>> = {
	system: "takes no system message",
	stream: "only answers as a stream",
	thinking: "refuses the way it is told not to think",
};

/** Where a request went, and the URL as the user wrote it if that differs. */
function placeOf({ endpoint: { given, baseUrl }, role, url }: RequestContext) {
	const { written = baseUrl } = given ?? {};
	const start = written.replace(/(\/|\?…)+$/, "").toLowerCase();
	const asWritten = url.toLowerCase().startsWith(start);
	return { role, url, ...(asWritten || !given ? {} : { written: `${given.url}=${written}` }) };
}

/** A header of an answer, by its name in lower case. */
type Header = (name: string) => string | null | undefined;

/** The error that a status, headers and body mean, for every server family (pure). */
export function errorOfAnswer(
	context: RequestContext,
	status: number,
	header: Header,
	body: string,
): EndpointError {
	const { endpoint, role, url } = context;
	const { message, text, codes, code } = serverMessage(body, redactorOf(endpoint), context.texts);
	// Some answer with 200 and put the real status into the body.
	const real = status < 400 ? (code ?? (/unexpected endpoint/i.test(text) ? 404 : 400)) : status;
	const variable = namesOf(context);
	const model = JSON.stringify(endpoint.model);
	const error = (
		kind: EndpointErrorKind,
		what: string,
		advice: string,
		more: Partial<EndpointErrorFields> = {},
	) =>
		new EndpointError(kind, what, advice, {
			...placeOf(context),
			status: status < 400 ? code : status,
			serverMessage: message,
			retryAfter: waitOf(header),
			...more,
		});
	const family = () => families[familyOf(endpoint.provider, endpoint.baseUrl, [{ body }])];
	const modelMissing = () => {
		const advice =
			family().getModel?.(endpoint.model) ??
			`The server lists its models at ${modelsUrl(endpoint, role).replace(/\?.*/, "")}.`;
		return error("model-not-found", `has no model ${model}`, `Check ${variable.model}. ${advice}`);
	};
	const exceeded = () => {
		const { kind, limit } = exceededLimit(role, text) ?? (real === 413 ? unsaid[role] : {});
		if (kind === "batch-too-large")
			return error(kind, "does not take so many texts in one request", "", { limit });
		if (kind === "answer-too-long")
			return error(kind, "does not give answers of so many tokens", "Lower LLM_MAX_TOKENS.", { limit });
		const advice = `Use a model ${role === "chat" ? "with a larger context" : "that takes longer texts"}.`;
		return kind && error(kind, "cannot take a text this long", advice, { limit });
	};
	const refused = () => {
		const parameter = (role === "chat" ? chatForms : embeddingForms).refusedBy(text);
		return (
			parameter &&
			error("unsupported", refusal[parameter] ?? `refuses the parameter ${parameter}`, "", { parameter })
		);
	};

	switch (real) {
		case 401:
		case 403:
			if (/moderat|flagged|content.?policy/i.test(text)) break;
			return endpoint.apiKey === undefined
				? error("unauthorized", "wants an API key", `Set ${variable.missingKey}.`)
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
			return error("not-found", "does not know this path", `${variable.checkUrl}: ${ending}.`);
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
		const failed = () => error("server-error", "failed", `See the server's log. ${retried}`);
		return exceeded() ?? (refuses.test(text) ? refused() : undefined) ?? failed();
	}
	const reason = exceeded() ?? refused();
	if (reason) return reason;
	if (noModel.test(text)) return modelMissing();
	return error("rejected", "refused the request", `${variable.checkUrl}, and check ${variable.model}.`);
}

/** The error of an answer with status 200 that is not an answer of the API. */
export function errorOfBody(context: RequestContext, body: string): EndpointError {
	const { endpoint, texts } = context;
	const check = namesOf(context).checkUrl;
	const error = (what: string, advice: string, message?: string) =>
		new EndpointError("no-api", what, `${advice}${throughProxy(context)}`, {
			...placeOf(context),
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
	const { url, endpoint } = context;
	const cause = rootCause(failure);
	const { code } = cause as { code?: unknown };
	const name = typeof code === "string" ? code : "";
	const { host, hostname } = new URL(url);
	const { url: variable, checkUrl } = namesOf(context);
	const error = (kind: EndpointErrorKind, what: string, advice: string) =>
		new EndpointError(kind, what, `${advice}${throughProxy(context)}`, {
			...placeOf(context),
			cause: failure,
		});
	const unreachable = (what: string, advice: string) => error("unreachable", what, advice);
	if (/ENOTFOUND|EAI_AGAIN|EAI_NODATA/.test(name))
		return unreachable(
			`cannot be found: no host is called ${hostname}`,
			`${checkUrl}, and check your network or VPN.`,
		);
	if (/ECONNREFUSED/.test(name))
		return unreachable(
			`cannot be reached: nothing listens at ${host}`,
			`${howToStart(url)}, or ${checkUrl.replace("Check", "correct").replace("Set", "set")}.`,
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
			`${checkUrl}, and check the network and the firewall.`,
		);
	const said = cause instanceof Error ? cause.message : String(cause);
	if (name === "TOO_LONG")
		return error("no-api", said, `${checkUrl}: it must lead to an OpenAI-compatible server.`);
	const detail = name || repeatable(said, redactorOf(endpoint));
	const advice = `See the server's log. ${retried}`;
	return error("connection-lost", `broke off the connection (${detail})`, advice);
}

/** The error of a request that a proxy has kept from its server. */
export function errorOfProxy(context: RequestContext, failure: ProxyError): EndpointError {
	const { what, advice } = failure.explained;
	const { status } = failure;
	return new EndpointError("proxy", `cannot be reached: ${what}`, advice, {
		...placeOf(context),
		status,
		cause: failure,
	});
}

/** What else may be at fault; empty without a proxy. */
export function throughProxy({ proxy }: RequestContext): string {
	return proxy ? ` It is asked by the proxy ${proxyInWords(proxy)}, which may be at fault.` : "";
}

export function timeoutError(context: RequestContext, ms: number): EndpointError {
	const { role } = context;
	return new EndpointError(
		"timeout",
		`did not answer within ${Math.round(ms / 1000)} s`,
		`Try a smaller model${role === "chat" ? ", or a larger MCP_TIMEOUT" : ""}.${throughProxy(context)}`,
		placeOf(context),
	);
}

/** Hides what is sent to an endpoint, and every other secret of the configuration. */
export function redactorOf({ apiKey = "", headers, secrets = [] }: RequestContext["endpoint"]): Redact {
	return redactor([apiKey, ...secretsOfHeaders(headers), ...secrets]);
}

/** ms. `Retry-After` is in seconds or a date (RFC 9110 §10.2.3); OpenAI and Azure also tell the milliseconds. */
function waitOf(header: Header): number | undefined {
	const [ms, after] = [header("retry-after-ms"), header("retry-after")].map(
		(value) => value?.trim() || undefined,
	);
	const waits = [Number(ms), 1000 * Number(after), Date.parse(after ?? "") - Date.now()];
	const wait = waits.find(Number.isFinite);
	return wait === undefined ? undefined : Math.max(0, wait);
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
