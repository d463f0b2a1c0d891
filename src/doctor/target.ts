import type { ChatEndpoint, EmbeddingEndpoint, EndpointRole, HttpEndpoint } from "../config/endpoints.ts";
import type { SettledWay } from "../config/proxies.ts";
import { boundOrigin } from "../config/urlList.ts";
import type { VariableName } from "../config/variables.ts";
import { isErrorAnswer, jsonOf, type ListedModel } from "../endpoints/openai/answerBody.ts";
import { errorOfAnswer } from "../endpoints/openai/errorOfAnswer.ts";
import { familyOf, howToStart } from "../endpoints/openai/families.ts";
import { requestHeaders } from "../endpoints/openai/requestHeaders.ts";
import { modelsUrl, requestUrl } from "../endpoints/openai/urls.ts";
import { advice, enterKey, openSetting, setVariable } from "./fixes.ts";
import { type Answer, type Failure, failed, send } from "./probe.ts";
import type { Run } from "./run.ts";
import type { ChatClient, Client, EmbeddingClient } from "./trial.ts";

export type Target<E extends HttpEndpoint = HttpEndpoint, C extends Client = Client> = ReturnType<
	typeof createTarget<E, C>
>;
export type ChatTarget = Target<ChatEndpoint, ChatClient>;
export type EmbeddingTarget = Target<EmbeddingEndpoint, EmbeddingClient>;

/**
 * An endpoint that is examined, how to ask it, and what the checks so far have learned about it.
 * @param client makes requests as the memory does. The probes explain its failures.
 * @param servers the URLs of all its servers, where `endpoint` is one of several.
 */
export function createTarget<E extends HttpEndpoint, C extends Client>(
	role: EndpointRole,
	endpoint: E,
	run: Run,
	client: C,
	servers: readonly string[] = [endpoint.baseUrl],
) {
	const { deadline, signal, evidence } = run;
	const { network } = endpoint;
	const { origin, host } = new URL(endpoint.baseUrl);
	const prefix = role === "chat" ? "LLM" : "EMBEDDING";
	const urlVariable: VariableName = endpoint.given?.url ?? `${prefix}_BASE_URL`;
	const isDefault = endpoint.given !== undefined && endpoint.given.written === undefined;
	const modelVariable: VariableName =
		endpoint.given?.model ?? (role === "chat" ? "LLM_CHOICE" : "EMBEDDING_MODEL_CHOICE");
	const askedAt = { GET: modelsUrl(endpoint), POST: requestUrl(endpoint, role) };
	const ownHeaders = requestHeaders(endpoint);

	const get = (url: string) => send({ method: "GET", url, headers: ownHeaders, deadline, signal, network });
	/** @param headers replace the endpoint's own; so does `url`. */
	const post = (body: unknown, headers = ownHeaders, url = askedAt.POST) =>
		send({ method: "POST", url, headers, body, deadline, signal, network });
	const saidIn = ({ status, headers, body }: Answer) =>
		errorOfAnswer({ endpoint, role, url: askedAt.POST }, status, (name) => [headers[name]].flat()[0], body)
			.serverMessage;
	let listed: Promise<Answer | Failure> | undefined;
	let empty: Promise<Answer | Failure> | undefined;
	const list = () => {
		listed ??= get(askedAt.GET);
		return listed;
	};
	const record = (method: "GET" | "POST", outcome: Answer | Failure, note = "") => {
		const request = `${method} ${askedAt[method]}`;
		const time = `${Math.round(outcome.duration)} ms`;
		if (failed(outcome)) {
			evidence.push(`${request}: ${outcome.code} after ${time}`);
			return;
		}
		const { status, body } = outcome;
		const message = (status >= 400 || isErrorAnswer(jsonOf(body))) && saidIn(outcome);
		const facts = [`HTTP ${status} in ${time}`, note, message && `“${message}”`];
		evidence.push(`${request}: ${facts.filter(Boolean).join(", ")}`);
	};

	return {
		role,
		endpoint,
		run,
		client,
		origin,
		host,
		servers,
		modelsUrl: askedAt.GET,
		requestUrl: askedAt.POST,
		modelVariable,
		headersVariable: `${prefix}_HEADERS` as const,
		providerVariable: `${prefix}_PROVIDER` as const,

		/** By which the server is reached. */
		way: undefined as SettledWay | undefined,
		family: familyOf(endpoint.provider, endpoint.baseUrl, []),
		/** Undefined if the server does not list them. */
		models: undefined as readonly ListedModel[] | undefined,
		/** Of the test texts, once they are known to be sound. */
		vectors: undefined as readonly Float32Array[] | undefined,

		get,
		post,
		/** The answer to the first request, which asks for the list of models. */
		list,
		first: list,
		/**
		 * The answer to an empty request. It costs no tokens, and shows whether the path exists and the key is accepted.
		 * The list of models does not: some servers show it to everybody, some have none.
		 */
		empty: () => {
			empty ??= post({});
			return empty;
		},
		/** " It said: “…”.", without secrets; empty if the server said nothing. */
		quote: (answer: Answer) => {
			const said = saidIn(answer);
			return said ? ` It said: “${said}”.` : "";
		},
		/** Adds a probe and its outcome to the evidence of the next finding, in one line without secrets. */
		record,
		recordFirst: (outcome: Answer | Failure) => record("GET", outcome),

		setUrl: (url: string, label = `Set the base URL to ${url}`) => {
			const corrected = servers.map((each) => (each === endpoint.baseUrl ? url : each));
			return setVariable(urlVariable, corrected.join(", "), label);
		},
		start: advice(howToStart(endpoint.baseUrl)),
		usualPort: "most model servers have one of their own",
		openUrl: openSetting(urlVariable, isDefault ? `Set ${urlVariable}` : undefined),
		chooseModel: openSetting(modelVariable, `Choose another model in ${modelVariable}`),
		enterKey: enterKey(`${prefix}_API_KEY`, boundOrigin(servers)),
	};
}
