import type { EndpointRole, HttpEndpoint } from "../config/endpoints.ts";
import type { SettledWay } from "../config/proxies.ts";
import type { Environment, VariableName } from "../config/variables.ts";
import type { EndpointError } from "../endpoints/endpointError.ts";
import { isErrorAnswer, isWebPage, jsonOf, type ListedModel } from "../endpoints/openai/answerBody.ts";
import { errorOfAnswer } from "../endpoints/openai/errorOfAnswer.ts";
import { familyOf } from "../endpoints/openai/families.ts";
import { requestHeaders } from "../endpoints/openai/requestHeaders.ts";
import { modelsUrl, requestUrl } from "../endpoints/openai/urls.ts";
import { enterKey, openSetting, setVariable } from "./fixes.ts";
import { type Answer, type Failure, failed, send } from "./probe.ts";

/** What all checks of one run share. */
export interface Run {
	/** Raw values of the variables. */
	readonly env: Environment;
	readonly ambient: Environment;
	/** ms that one check may take. */
	readonly deadline: number;
	readonly signal: AbortSignal;
	/** Of the next finding. */
	readonly evidence: string[];
}

export type Target<Endpoint extends HttpEndpoint = HttpEndpoint> = ReturnType<typeof createTarget<Endpoint>>;

/** An endpoint that is examined, how to ask it, and what the checks so far have learned about it. */
export function createTarget<Endpoint extends HttpEndpoint>(
	role: EndpointRole,
	endpoint: Endpoint,
	run: Run,
) {
	const { deadline, signal, env, evidence } = run;
	const { network } = endpoint;
	const { origin, host } = new URL(endpoint.baseUrl);
	const prefix = role === "chat" ? "LLM" : "EMBEDDING";
	const azure = endpoint.provider === "azure";
	const urlVariable: VariableName =
		azure && !env[`${prefix}_BASE_URL`]?.trim() ? "AZURE_OPENAI_ENDPOINT" : `${prefix}_BASE_URL`;
	const chatVariable = azure && !env.LLM_CHOICE?.trim() ? "AZURE_OPENAI_DEPLOYMENT_NAME" : "LLM_CHOICE";
	const modelVariable: VariableName = role === "chat" ? chatVariable : "EMBEDDING_MODEL_CHOICE";
	const urls = { GET: modelsUrl(endpoint), POST: requestUrl(endpoint, role) };
	const ownHeaders = requestHeaders(endpoint);

	/** @param headers instead of the endpoint's own. */
	const get = (url: string, headers = ownHeaders) =>
		send({ method: "GET", url, headers, deadline, signal, network });
	let firstList: Promise<Answer | Failure> | undefined;

	/** The error that an answer would be for the memory itself. */
	const errorOf = ({ status, headers, body }: Answer, texts: readonly string[] = []): EndpointError =>
		errorOfAnswer({ endpoint, role, url: urls.POST, texts }, status, headers["retry-after"] ?? null, body);

	return {
		role,
		endpoint,
		run,
		origin,
		host,
		modelsUrl: urls.GET,
		requestUrl: urls.POST,
		modelVariable,
		headersVariable: `${prefix}_HEADERS` as const,
		providerVariable: `${prefix}_PROVIDER` as const,

		/** By which the server is reached. */
		way: undefined as SettledWay | undefined,
		family: familyOf(endpoint.provider, endpoint.baseUrl, []),
		/** To the first request for the list of models, and to an empty request. */
		answers: [] as readonly Answer[],
		/** Undefined if the server does not list them. */
		models: undefined as readonly ListedModel[] | undefined,
		/** Parameters that the server refused, and that later requests leave out. */
		refusedParameters: new Set<string>(),
		/** Of the test texts, once they are known to be sound. */
		vectors: undefined as readonly Float32Array[] | undefined,

		get,
		/** @param headers instead of the endpoint's own. */
		post: (body: unknown, headers = ownHeaders) =>
			send({ method: "POST", url: urls.POST, headers, body, deadline, signal, network }),
		/** The answer to the first request, which asks for the list of models. */
		list: () => {
			firstList ??= get(urls.GET);
			return firstList;
		},
		errorOf,
		/** " It said: “…”.", without secrets; empty if the server said nothing. */
		quote: (answer: Answer, texts?: readonly string[]) => {
			const { serverMessage } = errorOf(answer, texts);
			return serverMessage ? ` It said: “${serverMessage}”.` : "";
		},
		/** Adds a request and its outcome to the evidence of the next finding, in one line without secrets. */
		record: (method: "GET" | "POST", outcome: Answer | Failure, note = "") => {
			const request = `${method} ${urls[method]}`;
			const time = `${Math.round(outcome.duration)} ms`;
			if (failed(outcome)) {
				evidence.push(`${request}: ${outcome.code} after ${time}`);
				return;
			}
			const { status, body } = outcome;
			const isError = status >= 400 || isErrorAnswer(jsonOf(body));
			const message = isError && errorOf(outcome).serverMessage;
			const facts = [`HTTP ${status} in ${time}`, note, message && `“${message}”`];
			evidence.push(`${request}: ${facts.filter(Boolean).join(", ")}`);
		},

		setUrl: (url: string, label = `Set the base URL to ${url}`) => setVariable(urlVariable, url, label),
		openUrl: openSetting(urlVariable),
		chooseModel: openSetting(modelVariable, `Choose another model in ${modelVariable}`),
		enterKey: enterKey(`${prefix}_API_KEY`, origin),
	};
}

/** Whether a request to a model was answered as it should be. */
export function succeeded(outcome: Answer | Failure): outcome is Answer {
	return (
		!failed(outcome) &&
		outcome.status === 200 &&
		!isWebPage(outcome.body) &&
		!isErrorAnswer(jsonOf(outcome.body))
	);
}
