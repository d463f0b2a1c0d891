import type { EndpointRole, HttpEndpoint } from "../../config/endpoints.ts";
import { EndpointError, type EndpointErrorFields, type RefusedParameter } from "../endpointError.ts";
import { isWebPage, serverMessage } from "./serverMessage.ts";

export interface RequestContext {
	readonly endpoint: Pick<HttpEndpoint, "provider" | "baseUrl" | "model" | "apiKey" | "headers">;
	readonly role: EndpointRole;
	readonly url: string;
	/** What is in the request of the user's. */
	readonly texts?: readonly string[];
}

const tooLong =
	/context[ _](length|size|window)|maximum context|too many tokens|too long|too large|exceeds? [^.]{0,60}(tokens|context)|n_ctx|max_model_len|input length/i;
const batchTooLarge =
	/batch[ _-]size|too many (inputs|items|texts)|batch of \d+|array [^.]*(too long|at most)|maximum [^.]*(batch|inputs)/i;
const noModel =
	/model[^.]{0,200}(not (found|exist|loaded|available|supported)|does not exist|doesn't exist|unknown|no such)|(unknown|invalid|no such|unsupported) model|DeploymentNotFound|deployment[^.]{0,80}does not exist|try pulling|no models? loaded/i;
const quota = /insufficient_quota|exceeded your current quota|billing|credits/i;

/** The error that a status and body mean, for every server family (pure). */
export function errorOfAnswer(
	context: RequestContext,
	status: number,
	retryAfter: string | null,
	body: string,
): EndpointError {
	const { endpoint, role, url } = context;
	const words = serverMessage(body, secretsOf(endpoint), context.texts);
	const text = `${words.message ?? ""} ${words.codes}`;
	// Some answer 200 and say in the body what it should have been.
	const effective = status < 400 ? (words.code ?? (/unexpected endpoint/i.test(text) ? 404 : 400)) : status;
	const fields: EndpointErrorFields = {
		role,
		url,
		status: status < 400 ? words.code : status,
		said: words.message,
		retryAfter: waitOf(retryAfter),
	};
	const model = JSON.stringify(endpoint.model);
	const variables = names[role];
	switch (effective) {
		case 401:
		case 403:
			if (/moderat|flagged|content.?policy/i.test(text)) break;
			return new EndpointError(
				"unauthorized",
				endpoint.apiKey === undefined ? "wants an API key" : "refused the API key",
				endpoint.apiKey === undefined
					? `Set ${variables.key}.`
					: `Check ${variables.key}: it must be a key of this server, and be allowed to use ${model}.`,
				fields,
			);
		case 402:
			return new EndpointError(
				"payment",
				"has no credit left",
				"Add credit, or choose another endpoint.",
				fields,
			);
		case 404:
		case 405:
			if (noModel.test(text) || (/model_not_found|not_found_error/i.test(words.codes) && /model/i.test(text)))
				return modelMissing();
			return new EndpointError(
				"not-found",
				"does not know this path",
				`Check ${variables.url}: most servers want it to end in /v1${/\/v1(\/|$)/.test(url) ? ", some do not" : ""}.`,
				fields,
			);
		case 408:
		case 504:
			return new EndpointError(
				"timeout",
				"gave up waiting for its model",
				"Try again, or use a faster model.",
				fields,
			);
		case 429:
			if (quota.test(text))
				return new EndpointError(
					"payment",
					"has no quota left",
					"Add credit, or choose another endpoint.",
					fields,
				);
			return new EndpointError("rate-limited", "is asked too often", "It is tried again later.", fields);
		case 501:
			return new EndpointError(
				"rejected",
				`does not offer ${role === "chat" ? "chat completions" : "embeddings"}`,
				role === "embedding"
					? "Start llama.cpp with --embeddings, or name a server that embeds in EMBEDDING_BASE_URL."
					: `Name a server that does in ${variables.url}.`,
				fields,
			);
	}
	if (effective >= 500 || effective === 424) {
		if (/loading/i.test(text))
			return new EndpointError("loading", "is still loading its model", "It is tried again later.", fields);
		if (tooLong.test(text)) return tooLarge();
		return new EndpointError(
			"server-error",
			"failed",
			"See the server's own log. It is tried again later.",
			fields,
		);
	}
	if (batchTooLarge.test(text) || (effective === 413 && role === "embedding" && !/token/i.test(text)))
		return new EndpointError("batch-too-large", "takes fewer texts in one request", "", {
			...fields,
			limit: lastNumber(/(?:allowed batch size|at most|maximum[^.\d]*|<=?)\s*(\d+)/i, text),
		});
	if (/completion tokens/i.test(text) && /max_(completion_)?tokens/i.test(text) && !/context/i.test(text))
		return new EndpointError(
			"answer-too-long",
			"gives no answers of so many tokens",
			"Lower LLM_MAX_TOKENS.",
			{
				...fields,
				limit: lastNumber(/at most\s+(\d{2,})/i, text),
			},
		);
	const parameter = refusedParameter(text);
	if (parameter)
		return new EndpointError("unsupported", `refuses the parameter ${parameter}`, "", {
			...fields,
			parameter,
		});
	if (tooLong.test(text) || effective === 413) return tooLarge();
	if (noModel.test(text)) return modelMissing();
	return new EndpointError(
		"rejected",
		"refused the request",
		`Check ${variables.url} and ${variables.model}.`,
		fields,
	);

	function tooLarge() {
		return new EndpointError(
			"too-large",
			"cannot take a text of this length",
			role === "chat" ? "Use a model with a larger context." : "Use a model that takes longer texts.",
			{
				...fields,
				limit: lastNumber(
					/(?:context (?:length|size|window)(?: is| of)?|n_ctx|max_model_len|maximum (?:input )?length(?: is| of)?|at most)\D{0,12}(\d{2,})/i,
					text,
				),
			},
		);
	}
	function modelMissing() {
		const advice =
			endpoint.provider === "ollama" || /:11434\b/.test(url) || /pull/i.test(text)
				? `Get it with: ollama pull ${endpoint.model}`
				: endpoint.provider === "azure"
					? `On Azure it is the name of the deployment: check ${variables.model}.`
					: `Check ${variables.model}: it must be a name that the server lists at ${endpoint.baseUrl}/models.`;
		return new EndpointError("model-not-found", `has no model ${model}`, advice, fields);
	}
}

/** The error of an answer with status 200 that is no answer. */
export function errorOfBody(context: RequestContext, body: string): EndpointError {
	const { role, url, endpoint } = context;
	const words = serverMessage(body, secretsOf(endpoint), context.texts);
	const variables = names[role];
	if (isWebPage(body))
		return new EndpointError(
			"no-api",
			"answered with a web page",
			`Check ${variables.url}: it seems to lead to a website or a proxy's sign-in page, and most servers want it to end in /v1.`,
			{ role, url, said: words.message },
		);
	return new EndpointError(
		"no-api",
		body.trim() === "" ? "answered with nothing" : "answered with something that is no JSON",
		`Check ${variables.url}, and that the server was not cut off.`,
		{ role, url },
	);
}

function secretsOf({ apiKey = "", headers }: RequestContext["endpoint"]): string[] {
	return [apiKey, ...Object.values(headers)];
}

const names = {
	chat: { url: "LLM_BASE_URL", key: "LLM_API_KEY", model: "LLM_CHOICE" },
	embedding: {
		// Unset, it is the language model's.
		url: "EMBEDDING_BASE_URL (or LLM_BASE_URL)",
		key: "EMBEDDING_API_KEY (or LLM_API_KEY)",
		model: "EMBEDDING_MODEL_CHOICE",
	},
} as const;

function refusedParameter(text: string): RefusedParameter | undefined {
	if (/max_tokens/i.test(text) && /unsupported|not supported|instead/i.test(text)) return "max_tokens";
	if (/temperature/i.test(text)) return "temperature";
	if (/dimensions|matryoshka/i.test(text)) return "dimensions";
	if (/response_format|json_object|json_schema|json mode|structured output|guided/i.test(text))
		return "response_format";
	return undefined;
}

function lastNumber(pattern: RegExp, text: string): number | undefined {
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

/** The error that a failed connection means. */
export function errorOfConnection({ role, url, endpoint }: RequestContext, error: unknown): EndpointError {
	const cause = rootCause(error);
	const code = (cause as { code?: unknown }).code;
	const name = typeof code === "string" ? code : "";
	const { host, hostname } = new URL(url);
	const fields = { role, url, cause: error };
	const variable = names[role].url;
	if (/ENOTFOUND|EAI_AGAIN|EAI_NODATA/.test(name))
		return new EndpointError(
			"unreachable",
			`cannot be found: no host is called ${hostname}`,
			`Check ${variable} and the network, or VPN, you are in.`,
			fields,
		);
	if (/ECONNREFUSED/.test(name))
		return new EndpointError(
			"unreachable",
			`cannot be reached: nothing listens at ${host}`,
			`Start the server${endpoint.provider === "ollama" ? " (ollama serve)" : ""}, or correct ${variable}.`,
			fields,
		);
	if (/CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO_(VERIFY|GET)|EPROTO/.test(name))
		return new EndpointError(
			"unreachable",
			`cannot be trusted or speaks no TLS (${name})`,
			/EPROTO|SSL|WRONG_VERSION/.test(name)
				? `Use http:// in ${variable} if the server speaks no TLS.`
				: "Start with NODE_EXTRA_CA_CERTS naming your company's certificate, or mend the server's.",
			fields,
		);
	if (/CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN/.test(name))
		return new EndpointError(
			"unreachable",
			`cannot be reached: ${host} does not answer (${name})`,
			`Check ${variable}, the network and the firewall.`,
			fields,
		);
	// https://fetch.spec.whatwg.org/#port-blocking
	if (cause instanceof Error && /bad port/.test(cause.message))
		return new EndpointError(
			"unreachable",
			`cannot be reached: no web client opens port ${new URL(url).port}, which is another protocol's`,
			`Run the server on another port, and correct ${variable}.`,
			fields,
		);
	const detail = name || (cause instanceof Error ? cause.message : String(cause));
	return new EndpointError(
		"connection-lost",
		`broke off the connection (${detail})`,
		"See the server's own log. It is tried again later.",
		fields,
	);
}

export function timeoutError({ role, url }: RequestContext, ms: number): EndpointError {
	const variable = role === "chat" ? "a smaller model, or a larger MCP_TIMEOUT" : "a smaller model";
	return new EndpointError(
		"timeout",
		`did not answer within ${Math.round(ms / 1000)} s`,
		`Try ${variable}.`,
		{ role, url },
	);
}

/** `fetch` says "fetch failed" and hides the reason in `cause`, at times in an AggregateError. */
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
