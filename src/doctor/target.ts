import { type EndpointRole, type HttpEndpoint, originOf } from "../config/endpoints.ts";
import type { Environment, VariableName } from "../config/variables.ts";
import type { EndpointError } from "../endpoints/endpointError.ts";
import { isErrorAnswer, isWebPage, jsonOf, type ListedModel } from "../endpoints/openai/answerBody.ts";
import { errorOfAnswer } from "../endpoints/openai/errorOfAnswer.ts";
import { familyOf, type ServerFamily } from "../endpoints/openai/families.ts";
import { requestHeaders } from "../endpoints/openai/requestHeaders.ts";
import { modelsUrl, requestUrl } from "../endpoints/openai/urls.ts";
import { openSetting, setVariable } from "./fixes.ts";
import { type Answer, type Failure, failed, send } from "./probe.ts";
import type { Fix } from "./report.ts";

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

/** An endpoint that is examined, how to ask it, and what the checks so far have learned about it. */
export class Target<Endpoint extends HttpEndpoint = HttpEndpoint> {
	readonly role: EndpointRole;
	readonly endpoint: Endpoint;
	readonly run: Run;
	readonly urlVariable: VariableName;
	readonly modelVariable: VariableName;
	readonly keyVariable: "LLM_API_KEY" | "EMBEDDING_API_KEY";
	readonly headersVariable: "LLM_HEADERS" | "EMBEDDING_HEADERS";
	readonly providerVariable: "LLM_PROVIDER" | "EMBEDDING_PROVIDER";

	family: ServerFamily;
	/** To the first request for the list of models, and to an empty request. */
	answers: readonly Answer[] = [];
	/** Undefined if the server does not list them. */
	models: readonly ListedModel[] | undefined;
	/** Parameters that the server refused, and that later requests leave out. */
	readonly refusedParameters = new Set<string>();
	/** Of the test texts, once they are known to be sound. */
	vectors: readonly Float32Array[] | undefined;
	#list: Promise<Answer | Failure> | undefined;

	constructor(role: EndpointRole, endpoint: Endpoint, run: Run) {
		this.role = role;
		this.endpoint = endpoint;
		this.run = run;
		this.family = familyOf(endpoint.provider, endpoint.baseUrl, []);
		const prefix = role === "chat" ? "LLM" : "EMBEDDING";
		const azure = endpoint.provider === "azure";
		this.urlVariable =
			azure && !run.env[`${prefix}_BASE_URL`]?.trim() ? "AZURE_OPENAI_ENDPOINT" : `${prefix}_BASE_URL`;
		this.keyVariable = `${prefix}_API_KEY`;
		this.headersVariable = `${prefix}_HEADERS`;
		this.providerVariable = `${prefix}_PROVIDER`;
		this.modelVariable =
			role === "embedding"
				? "EMBEDDING_MODEL_CHOICE"
				: azure && !run.env.LLM_CHOICE?.trim()
					? "AZURE_OPENAI_DEPLOYMENT_NAME"
					: "LLM_CHOICE";
	}

	get origin(): string {
		return originOf(this.endpoint.baseUrl);
	}

	get host(): string {
		return new URL(this.endpoint.baseUrl).host;
	}

	get modelsUrl(): string {
		return modelsUrl(this.endpoint);
	}

	get requestUrl(): string {
		return requestUrl(this.endpoint, this.role);
	}

	/** The answer to the first request, which asks for the list of models. */
	list(): Promise<Answer | Failure> {
		this.#list ??= this.get(this.modelsUrl);
		return this.#list;
	}

	/** @param headers instead of the endpoint's own. */
	get(url: string, headers = requestHeaders(this.endpoint)): Promise<Answer | Failure> {
		const { deadline, signal } = this.run;
		return send({ method: "GET", url, headers, deadline, signal });
	}

	/** @param headers instead of the endpoint's own. */
	post(body: unknown, headers = requestHeaders(this.endpoint)): Promise<Answer | Failure> {
		const { deadline, signal } = this.run;
		return send({ method: "POST", url: this.requestUrl, headers, body, deadline, signal });
	}

	/** The error that an answer would be for the memory itself. */
	errorOf({ status, headers, body }: Answer, texts: readonly string[] = []): EndpointError {
		const { endpoint, role, requestUrl: url } = this;
		return errorOfAnswer({ endpoint, role, url, texts }, status, headers["retry-after"] ?? null, body);
	}

	/** " It said: “…”.", without secrets; empty if the server said nothing. */
	quote(answer: Answer, texts: readonly string[] = []): string {
		const { serverMessage } = this.errorOf(answer, texts);
		return serverMessage ? ` It said: “${serverMessage}”.` : "";
	}

	/** Adds a request and its outcome to the evidence of the next finding, in one line without secrets. */
	record(method: "GET" | "POST", outcome: Answer | Failure, note = ""): void {
		const request = `${method} ${method === "GET" ? this.modelsUrl : this.requestUrl}`;
		const time = `${Math.round(outcome.duration)} ms`;
		if (failed(outcome)) {
			this.run.evidence.push(`${request}: ${outcome.code} after ${time}`);
			return;
		}
		const { status, body } = outcome;
		const isError = status >= 400 || isErrorAnswer(jsonOf(body));
		const message = isError ? this.errorOf(outcome).serverMessage : undefined;
		const facts = [
			`HTTP ${status} in ${time}`,
			...(note ? [note] : []),
			...(message ? [`“${message}”`] : []),
		];
		this.run.evidence.push(`${request}: ${facts.join(", ")}`);
	}

	setUrl(url: string, label = `Set the base URL to ${url}`): Fix {
		return setVariable(this.urlVariable, url, label);
	}

	get openUrl(): Fix {
		return openSetting(this.urlVariable);
	}

	get chooseModel(): Fix {
		return openSetting(this.modelVariable, `Choose another model in ${this.modelVariable}`);
	}

	get enterKey(): Fix {
		const { keyVariable: variable, origin } = this;
		return { kind: "enter-key", label: `Enter the key for ${origin}`, variable, origin };
	}
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
