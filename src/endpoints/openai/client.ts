import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type OpenAI from "openai";
import type { EndpointRole, HttpEndpoint } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import { directly } from "../../config/network.ts";
import type { ProxyServer } from "../../config/proxies.ts";
import { EndpointError, type EndpointErrorKind } from "../endpointError.ts";
import { type EndpointHealth, tokensOf } from "../endpointHealth.ts";
import { newCourse } from "../network/connect.ts";
import { ProxyError, proxysAnswer } from "../network/proxyError.ts";
import { createTransport, type HttpResponse, type Transport } from "../network/transport.ts";
import { isErrorAnswer, jsonOf } from "./answerBody.ts";
import {
	errorOfAnswer,
	errorOfBody,
	errorOfConnection,
	errorOfProxy,
	type RequestContext,
	redactorOf,
	throughProxy,
	timeoutError,
} from "./errorOfAnswer.ts";
import type { Limiter, Turn } from "./limiter.ts";
import { isTooLarge, longestAnswer, readBody } from "./readBody.ts";
import { requestHeaders } from "./requestHeaders.ts";
import { repeatable } from "./serverMessage.ts";
import { apiUrl, hasDeployments } from "./urls.ts";

/** ms before the second attempt; doubled before the third. */
const firstPause = 500;
/** The longest `Retry-After`, in ms, that a request waits for. After a longer one, the caller comes back later. */
const longestPause = 20_000;

/** ms after which a cancelled request counts as one without an answer. */
const longEnough = 5000;

/** Errors that do not count against the endpoint. */
const refusesText: readonly EndpointErrorKind[] = ["too-large", "batch-too-large", "unsupported"];

export interface RequestOptions extends Turn {
	/** ms. Default: the endpoint's. */
	readonly timeout?: number | undefined;
	readonly attempts?: number;
}

export type Send<T> = (
	client: OpenAI,
	options: { signal: AbortSignal; maxRetries: 0; timeout: number },
) => Promise<T>;

/**
 * What became of a request: the error, which the `openai` package would replace with one of its own, or the answer, which
 * it would parse a second time.
 */
const outcome = new AsyncLocalStorage<Outcome>();

interface Outcome {
	error?: EndpointError;
	answer?: unknown;
	/** Through which the last request went. */
	proxy?: ProxyServer | undefined;
}

/**
 * One endpoint, through the `openai` package, which knows the requests, their paths and their types. The traffic is
 * ours: only the endpoint's own headers are sent, nothing is read from the environment, errors are classified from the
 * raw status and body, and only what a retry can mend is tried again.
 */
export class OpenAiClient {
	readonly endpoint: HttpEndpoint;
	readonly #role: EndpointRole;
	readonly #log: Log;
	readonly #health: EndpointHealth | undefined;
	readonly #limiter: Limiter | undefined;
	readonly #transport: Transport;
	#client: Promise<OpenAI> | undefined;

	/** @param health records how each request went. @param limiter holds requests back. */
	constructor(
		endpoint: HttpEndpoint,
		role: EndpointRole,
		log: Log,
		health?: EndpointHealth,
		limiter?: Limiter,
	) {
		this.endpoint = endpoint;
		this.#role = role;
		this.#log = log;
		this.#health = health;
		this.#limiter = limiter;
		this.#transport = createTransport(endpoint.network ?? directly, { keepAlive: true });
	}

	/**
	 * Sends a request, and sends it again if it is lost, refused for now (408, 429) or the server fails (5xx).
	 * @param send gets the client and the options for its call.
	 * @throws EndpointError; the signal's reason when the caller cancels.
	 */
	async request<T>(
		send: Send<T>,
		{ signal, urgent, patience, timeout = this.endpoint.timeout, attempts = 3 }: RequestOptions = {},
	): Promise<T> {
		const { host } = new URL(this.endpoint.baseUrl);
		for (let attempt = 1; ; attempt += 1) {
			signal?.throwIfAborted();
			let begun: number | undefined;
			const once = () => {
				begun = performance.now();
				return this.#once(send, signal, timeout);
			};
			try {
				const answer = await (this.#limiter?.run(once, { signal, urgent, patience }) ?? once());
				this.#health?.record(true, performance.now() - (begun ?? 0), { host, ...tokensOf(answer) });
				return answer;
			} catch (error) {
				if (begun === undefined) throw error;
				this.#note(error, performance.now() - begun, host);
				if (!(error instanceof EndpointError) || !error.transient || attempt === attempts) throw error;
				const pause = error.retryAfter ?? firstPause * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
				if (pause > longestPause) throw error;
				this.#log.debug(`Trying again in ${Math.round(pause)} ms: ${error.message}`);
				await sleep(pause, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
			}
		}
	}

	/** An endpoint that refuses a text has answered; one whose request was cancelled may not have had the time. */
	#note(error: unknown, duration: number, host: string): void {
		if (error instanceof EndpointError)
			this.#health?.record(refusesText.includes(error.kind), duration, { host }, error);
		else if (duration > longEnough) this.#health?.record(false, duration, { host });
	}

	async #once<T>(send: Send<T>, cancelled: AbortSignal | undefined, timeout: number): Promise<T> {
		this.#client ??= this.#connect();
		const client = await this.#client;
		const late = AbortSignal.timeout(timeout);
		const signal = cancelled ? AbortSignal.any([late, cancelled]) : late;
		const met: Outcome = {};
		try {
			// Twice the time, so that the package's own timer does not go off before ours.
			await outcome.run(met, () => send(client, { signal, maxRetries: 0, timeout: 2 * timeout }));
			return met.answer as T;
		} catch (error) {
			cancelled?.throwIfAborted();
			if (late.aborted && met.error?.kind !== "proxy")
				throw timeoutError({ ...this.#context(this.endpoint.baseUrl), proxy: met.proxy }, timeout);
			throw met.error ?? error;
		}
	}

	async #connect(): Promise<OpenAI> {
		const { AzureOpenAI, OpenAI: Client } = await import("openai");
		const { apiVersion } = this.endpoint;
		const common = {
			baseURL: apiUrl(this.endpoint),
			// The package wants one; `#fetch` decides what is sent.
			apiKey: "none",
			organization: null,
			project: null,
			maxRetries: 0,
			logLevel: "off" as const,
			dangerouslyAllowBrowser: true,
			fetch: (input: string | URL | Request, init?: RequestInit) => this.#fetch(input, init),
		};
		return hasDeployments(this.endpoint)
			? new AzureOpenAI({ ...common, apiVersion: apiVersion ?? "" })
			: new Client(common);
	}

	/** Notes JSON that is not an error as the answer, and anything else as an EndpointError. */
	async #fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
		const url = String(input instanceof Request ? input.url : input);
		const request: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
		let context: RequestContext = { ...this.#context(url), texts: textsIn(request) };
		const met = outcome.getStore() ?? {};
		const fail = (error: EndpointError): never => {
			met.error = error;
			throw error;
		};
		const course = newCourse();
		let response: HttpResponse;
		let body: string;
		try {
			response = await this.#transport({
				method: init.method ?? "POST",
				url,
				body: typeof init.body === "string" ? init.body : undefined,
				headers: requestHeaders(this.endpoint),
				signal: init.signal ?? undefined,
				course,
			});
			context = { ...context, proxy: course.proxy };
			// A sign-in page elsewhere must not get the key.
			if (response.status >= 300 && response.status < 400) return fail(this.#redirect(context, response));
			body = await readBody(response.body, longestAnswer(request, response.status)).catch(
				(error: unknown) => {
					// The status says enough.
					if (!response.ok && isTooLarge(error)) return "";
					throw error;
				},
			);
		} catch (error) {
			met.proxy = course.proxy;
			if (error instanceof ProxyError) return fail(errorOfProxy(context, error));
			return fail(met.error ?? errorOfConnection({ ...context, proxy: course.proxy }, error));
		}
		const { status } = response;
		const header = (name: string) => [response.headers[name]].flat()[0];
		const json = jsonOf(body);
		const refusal = proxysAnswer(course.proxy, url, status, json === undefined ? body : undefined);
		if (refusal) return fail(errorOfProxy(context, refusal));
		if (!response.ok || isErrorAnswer(json)) return fail(errorOfAnswer(context, status, header, body));
		if (json === undefined) return fail(errorOfBody(context, body));
		met.answer = json;
		return new Response(null, { status: 204 });
	}

	#redirect(context: RequestContext, { status, headers, body }: HttpResponse): EndpointError {
		body.destroy();
		const target = repeatable(withoutQuery(headers.location ?? ""), redactorOf(this.endpoint));
		const advice = `Configure that address if you trust it.${throughProxy(context)}`;
		return new EndpointError("not-found", `redirects to ${target}`, advice, { ...context, status });
	}

	#context(url: string): RequestContext {
		return { endpoint: this.endpoint, role: this.#role, url: withoutQuery(url) };
	}
}

/** The user's texts in a request: the inputs of an embedding, the questions of a chat. Instructions are ours. */
function textsIn(request: unknown): string[] {
	const { input, messages } = (request ?? {}) as {
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
