import { type EndpointRole, type HttpEndpoint, originOf } from "../config/endpoints.ts";
import type { Environment, VariableName } from "../config/variables.ts";
import type { EndpointError } from "../endpoints/endpointError.ts";
import { errorOfAnswer } from "../endpoints/openai/errorOfAnswer.ts";
import { requestHeaders } from "../endpoints/openai/requestHeaders.ts";
import { isRecord, serverMessage } from "../endpoints/openai/serverMessage.ts";
import { type Answer, type Failure, failed, send } from "./probe.ts";
import type { Fix } from "./report.ts";

/** How one run goes about its requests. */
export interface Run {
	/** Raw values of the variables. */
	readonly env: Environment;
	readonly ambient: Environment;
	/** ms a check may take. */
	readonly deadline: number;
	readonly signal: AbortSignal;
}

/** An endpoint that is examined, and how to ask it. */
export class Target {
	readonly role: EndpointRole;
	readonly endpoint: HttpEndpoint;
	readonly run: Run;
	readonly urlVariable: VariableName;
	readonly modelVariable: VariableName;
	readonly keyVariable: "LLM_API_KEY" | "EMBEDDING_API_KEY";
	readonly headersVariable: "LLM_HEADERS" | "EMBEDDING_HEADERS";
	readonly providerVariable: "LLM_PROVIDER" | "EMBEDDING_PROVIDER";

	constructor(role: EndpointRole, endpoint: HttpEndpoint, run: Run) {
		this.role = role;
		this.endpoint = endpoint;
		this.run = run;
		const prefix = role === "chat" ? "LLM" : "EMBEDDING";
		const azure = endpoint.provider === "azure" && !run.env[`${prefix}_BASE_URL`]?.trim();
		this.urlVariable = azure ? "AZURE_OPENAI_ENDPOINT" : `${prefix}_BASE_URL`;
		this.keyVariable = `${prefix}_API_KEY`;
		this.headersVariable = `${prefix}_HEADERS`;
		this.providerVariable = `${prefix}_PROVIDER`;
		this.modelVariable =
			role === "embedding"
				? "EMBEDDING_MODEL_CHOICE"
				: endpoint.provider === "azure" && !run.env.LLM_CHOICE?.trim()
					? "AZURE_OPENAI_DEPLOYMENT_NAME"
					: "LLM_CHOICE";
	}

	get origin(): string {
		return originOf(this.endpoint.baseUrl);
	}

	get host(): string {
		return new URL(this.endpoint.baseUrl).host;
	}

	/** Where models are listed, below another base URL where one is given. */
	modelsUrl(baseUrl: string = this.endpoint.baseUrl): string {
		const { provider, apiVersion } = this.endpoint;
		return provider === "azure"
			? `${baseUrl}/openai/models?api-version=${encodeURIComponent(apiVersion ?? "")}`
			: `${baseUrl}/models`;
	}

	/** Where this role's requests go. */
	get requestUrl(): string {
		const { provider, baseUrl, model, apiVersion } = this.endpoint;
		const operation = this.role === "chat" ? "chat/completions" : "embeddings";
		return provider === "azure"
			? `${baseUrl}/openai/deployments/${encodeURIComponent(model)}/${operation}?api-version=${encodeURIComponent(apiVersion ?? "")}`
			: `${baseUrl}/${operation}`;
	}

	/** @param headers instead of the endpoint's own. */
	get(
		url: string,
		headers: Readonly<Record<string, string>> = requestHeaders(this.endpoint),
	): Promise<Answer | Failure> {
		const { deadline, signal } = this.run;
		return send({ method: "GET", url, headers, deadline, signal });
	}

	/** @param headers instead of the endpoint's own. */
	post(
		body: unknown,
		headers: Readonly<Record<string, string>> = requestHeaders(this.endpoint),
	): Promise<Answer | Failure> {
		const { deadline, signal } = this.run;
		return send({ method: "POST", url: this.requestUrl, headers, body, deadline, signal });
	}

	/** The error that an answer means, as the memory itself would take it. */
	errorOf({ status, headers, body }: Answer, url: string, texts: readonly string[] = []): EndpointError {
		return errorOfAnswer(
			{ endpoint: this.endpoint, role: this.role, url, texts },
			status,
			headers["retry-after"] ?? null,
			body,
		);
	}

	/** What the server said, in its own words, without secrets. */
	wordsOf({ body }: Answer): string | undefined {
		const { apiKey = "", headers } = this.endpoint;
		return serverMessage(body, [apiKey, ...Object.values(headers)]).message;
	}

	/** A request and what came of it, in one line without secrets. */
	evidence(method: "GET" | "POST", url: string, outcome: Answer | Failure, note = ""): string {
		const request = `${method} ${url}`;
		const time = `${Math.round(outcome.duration)} ms`;
		if (failed(outcome)) return `${request}: ${outcome.code} after ${time}`;
		const words = outcome.status >= 400 || isError(outcome) ? this.wordsOf(outcome) : undefined;
		return `${request}: HTTP ${outcome.status} in ${time}${note ? `, ${note}` : ""}${words ? `, “${words}”` : ""}`;
	}

	setUrl(url: string, label = `Set the base URL to ${url}`): Fix {
		return { kind: "set", label, changes: [{ variable: this.urlVariable, value: url }] };
	}

	get openUrl(): Fix {
		return { kind: "open-setting", label: `Correct ${this.urlVariable}`, variable: this.urlVariable };
	}

	get enterKey(): Fix {
		return {
			kind: "enter-key",
			label: `Enter the key for ${this.origin}`,
			variable: this.keyVariable,
			origin: this.origin,
		};
	}

	/** Embeddings need no endpoint. */
	get useBuiltin(): Fix {
		return {
			kind: "set",
			label: "Use the built-in embedding model",
			changes: [{ variable: "EMBEDDING_PROVIDER", value: "builtin" }],
		};
	}
}

/** The JSON of an answer; undefined where it is none. */
export function jsonOf({ body }: Answer): unknown {
	try {
		return JSON.parse(body);
	} catch {
		return undefined;
	}
}

/** Whether an answer with status 200 is an error all the same, as LM Studio's and OpenRouter's are. */
export function isError(answer: Answer): boolean {
	const value = jsonOf(answer);
	return isRecord(value) && Boolean(value.error) && !value.choices && !value.data;
}
