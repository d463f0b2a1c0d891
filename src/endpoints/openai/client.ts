import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type OpenAI from "openai";
import type { EndpointRole, HttpEndpoint } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import { EndpointError, type EndpointErrorKind } from "../endpointError.ts";
import type { Traffic } from "../traffic.ts";
import {
	errorOfAnswer,
	errorOfBody,
	errorOfConnection,
	type RequestContext,
	timeoutError,
} from "./errorOfAnswer.ts";
import { requestHeaders } from "./requestHeaders.ts";
import { isRecord } from "./serverMessage.ts";

/** ms before the second attempt; doubled before the third. */
const firstPause = 500;
const attempts = 3;
/** Longest `Retry-After`, in ms, that is waited for; beyond it, the caller comes back later. */
const longestPause = 20_000;

/** ms after which a request that is called off counts as one that was not answered. */
const patience = 5000;

/** Errors that say nothing of the endpoint's health. */
const refusesText: readonly EndpointErrorKind[] = ["too-large", "batch-too-large", "unsupported"];

export interface RequestOptions {
	readonly signal?: AbortSignal | undefined;
	/** ms; the endpoint's own when absent. */
	readonly timeout?: number;
}

/** What `fetch` met, kept beside the `openai` package, which would replace it by words of its own. */
const outcome = new AsyncLocalStorage<{ error?: EndpointError }>();

/**
 * One endpoint, through the `openai` package: it knows the requests, their paths and their types. What goes over the
 * wire is ours: headers are those of the endpoint and no others, nothing is read from the environment, errors are
 * classified from the raw status and body, and only what a retry can mend is tried again.
 */
export class OpenAiClient {
	readonly endpoint: HttpEndpoint;
	readonly #role: EndpointRole;
	readonly #log: Log;
	readonly #traffic: Traffic | undefined;
	#client: Promise<OpenAI> | undefined;

	/** @param traffic where it is noted how the endpoint does. */
	constructor(endpoint: HttpEndpoint, role: EndpointRole, log: Log, traffic?: Traffic) {
		this.#traffic = traffic;
		this.endpoint = endpoint;
		this.#role = role;
		this.#log = log;
	}

	/**
	 * Sends a request, again where it is lost, refused for now (408, 429) or the server fails (5xx).
	 * @param send gets the client and the options for its call.
	 * @throws EndpointError; the signal's reason when the caller has called it off.
	 */
	async request<T>(
		send: (client: OpenAI, options: { signal: AbortSignal; maxRetries: 0; timeout: number }) => Promise<T>,
		{ signal, timeout = this.endpoint.timeout }: RequestOptions = {},
	): Promise<T> {
		for (let attempt = 1; ; attempt += 1) {
			signal?.throwIfAborted();
			const begun = performance.now();
			try {
				const answer = await this.#once(send, signal, timeout);
				this.#traffic?.record(true, performance.now() - begun);
				return answer;
			} catch (error) {
				this.#note(error, performance.now() - begun);
				if (!(error instanceof EndpointError) || !error.transient || attempt === attempts) throw error;
				const pause = error.retryAfter ?? firstPause * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
				if (pause > longestPause) throw error;
				this.#log.debug(`Asked again in ${Math.round(pause)} ms: ${error.message}`);
				await sleep(pause, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
			}
		}
	}

	/** An endpoint that refuses a text has answered; one that was not waited for any longer may not have had the time. */
	#note(error: unknown, duration: number): void {
		if (error instanceof EndpointError) this.#traffic?.record(refusesText.includes(error.kind), duration);
		else if (duration > patience) this.#traffic?.record(false, duration);
	}

	async #once<T>(
		send: (client: OpenAI, options: { signal: AbortSignal; maxRetries: 0; timeout: number }) => Promise<T>,
		cancelled: AbortSignal | undefined,
		timeout: number,
	): Promise<T> {
		this.#client ??= this.#connect();
		const client = await this.#client;
		const late = AbortSignal.timeout(timeout);
		const signal = cancelled ? AbortSignal.any([late, cancelled]) : late;
		const met: { error?: EndpointError } = {};
		try {
			// Twice the time: the package's own timer must not be faster than ours.
			return await outcome.run(met, () => send(client, { signal, maxRetries: 0, timeout: 2 * timeout }));
		} catch (error) {
			cancelled?.throwIfAborted();
			if (late.aborted) throw timeoutError(this.#context(this.endpoint.baseUrl), timeout);
			throw met.error ?? error;
		}
	}

	async #connect(): Promise<OpenAI> {
		const { AzureOpenAI, OpenAI: Client } = await import("openai");
		const { provider, baseUrl, apiVersion } = this.endpoint;
		const common = {
			// The package wants one; what is sent is decided in `#fetch`.
			apiKey: "none",
			organization: null,
			project: null,
			maxRetries: 0,
			logLevel: "off" as const,
			dangerouslyAllowBrowser: true,
			fetch: (input: string | URL | Request, init?: RequestInit) => this.#fetch(input, init),
		};
		return provider === "azure"
			? new AzureOpenAI({ ...common, baseURL: `${baseUrl}/openai`, apiVersion: apiVersion ?? "" })
			: new Client({ ...common, baseURL: baseUrl });
	}

	/** Answers only what is JSON and no error; everything else is noted as an EndpointError. */
	async #fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
		const target = String(input instanceof Request ? input.url : input);
		const context = { ...this.#context(target), texts: textsIn(init.body) };
		const fail = (error: EndpointError): never => {
			const met = outcome.getStore();
			if (met) met.error = error;
			throw error;
		};
		let response: Response;
		let body: string;
		try {
			response = await fetch(target, {
				method: init.method ?? "POST",
				body: init.body ?? null,
				headers: requestHeaders(this.endpoint),
				signal: init.signal ?? null,
				// A sign-in page elsewhere is no answer, and must not get the key.
				redirect: "manual",
			});
			body = await response.text();
		} catch (error) {
			return fail(errorOfConnection(context, error));
		}
		const { status } = response;
		const retryAfter = response.headers.get("retry-after");
		if (status >= 300 && status < 400) {
			const elsewhere = response.headers.get("location") ?? "";
			return fail(
				new EndpointError(
					"not-found",
					`redirects to ${withoutQuery(elsewhere)}`,
					"Name that address itself, if it is the one that is meant.",
					{
						...context,
						status,
					},
				),
			);
		}
		if (!response.ok) return fail(errorOfAnswer(context, status, retryAfter, body));
		let parsed: unknown;
		try {
			parsed = JSON.parse(body);
		} catch {
			return fail(errorOfBody(context, body));
		}
		if (isRecord(parsed) && parsed.error && !parsed.choices && !parsed.data)
			return fail(errorOfAnswer(context, status, retryAfter, body));
		return new Response(body, { status, headers: { "content-type": "application/json" } });
	}

	#context(url: string): RequestContext {
		return { endpoint: this.endpoint, role: this.#role, url: withoutQuery(url) };
	}
}

/** The user's texts in a request: inputs of an embedding, the questions of a chat. Instructions are ours. */
function textsIn(body: unknown): string[] {
	if (typeof body !== "string") return [];
	const { input, messages } = JSON.parse(body) as {
		input?: unknown;
		messages?: readonly { role: string; content: unknown }[];
	};
	const questions = (messages ?? []).filter(({ role }) => role !== "system").map(({ content }) => content);
	const given = [input, ...questions].flat();
	return given.filter((text) => typeof text === "string");
}

function withoutQuery(url: string): string {
	return url.split("?")[0] ?? url;
}
