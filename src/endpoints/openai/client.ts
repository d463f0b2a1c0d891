import { setTimeout as sleep } from "node:timers/promises";
import type { EndpointRole, HttpEndpoint } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import { EndpointError, type EndpointErrorKind } from "../endpointError.ts";
import type { EndpointHealth } from "../endpointHealth.ts";
import { isErrorAnswer, isRecord, jsonOf } from "./answerBody.ts";
import { errorOfAnswer, errorOfBody, errorOfConnection, timeoutError } from "./errorOfAnswer.ts";
import { requestHeaders } from "./requestHeaders.ts";
import { requestUrl } from "./urls.ts";

/** ms before the second attempt; doubled before the third. */
const firstPause = 500;
/** The longest `Retry-After`, in ms, that a request waits for. After a longer one, the caller comes back later. */
const longestPause = 20_000;

/** ms after which a cancelled request counts as one without an answer. */
const patience = 5000;

/** Errors that do not count against the endpoint. */
const refusesText: readonly EndpointErrorKind[] = ["too-large", "batch-too-large", "unsupported"];

export interface RequestOptions {
	readonly signal?: AbortSignal | undefined;
	/** ms. Default: the endpoint's. */
	readonly timeout?: number;
	readonly attempts?: number;
}

/**
 * Asks one endpoint. Only the endpoint's own headers are sent, nothing is read from the environment, errors are
 * classified from the raw status and body, and only what a retry can mend is tried again: a lost request, a refusal for
 * now (408, 429), a failure of the server (5xx).
 */
export class OpenAiClient {
	readonly #endpoint: HttpEndpoint;
	readonly #role: EndpointRole;
	readonly #log: Log;
	readonly #health: EndpointHealth | undefined;

	/** @param health records how each request went. */
	constructor(endpoint: HttpEndpoint, role: EndpointRole, log: Log, health?: EndpointHealth) {
		this.#endpoint = endpoint;
		this.#role = role;
		this.#log = log;
		this.#health = health;
	}

	/**
	 * @returns the JSON of the answer.
	 * @throws EndpointError; the signal's reason when the caller cancels.
	 */
	post(body: Readonly<Record<string, unknown>>, options?: RequestOptions): Promise<unknown> {
		return this.#request(requestUrl(this.#endpoint, this.#role), body, options);
	}

	/** As `post`. */
	get(url: string, options?: RequestOptions): Promise<unknown> {
		return this.#request(url, undefined, options);
	}

	async #request(
		url: string,
		body: Readonly<Record<string, unknown>> | undefined,
		{ signal, timeout = this.#endpoint.timeout, attempts = 3 }: RequestOptions = {},
	): Promise<unknown> {
		for (let attempt = 1; ; attempt += 1) {
			signal?.throwIfAborted();
			const begun = performance.now();
			try {
				const answer = await this.#once(url, body, signal, timeout);
				this.#health?.record(true, performance.now() - begun);
				return answer;
			} catch (error) {
				this.#note(error, performance.now() - begun);
				if (!(error instanceof EndpointError) || !error.transient || attempt === attempts) throw error;
				const pause = error.retryAfter ?? firstPause * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
				if (pause > longestPause) throw error;
				this.#log.debug(`Trying again in ${Math.round(pause)} ms: ${error.message}`);
				await sleep(pause, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
			}
		}
	}

	/** An endpoint that refuses a text has answered; one whose request was cancelled may not have had the time. */
	#note(error: unknown, duration: number): void {
		if (error instanceof EndpointError) this.#health?.record(refusesText.includes(error.kind), duration);
		else if (duration > patience) this.#health?.record(false, duration);
	}

	async #once(
		url: string,
		body: Readonly<Record<string, unknown>> | undefined,
		cancelled: AbortSignal | undefined,
		timeout: number,
	): Promise<unknown> {
		const context = {
			endpoint: this.#endpoint,
			role: this.#role,
			url: withoutQuery(url),
			texts: textsIn(body),
		};
		const late = AbortSignal.timeout(timeout);
		let response: Response;
		let text: string;
		try {
			response = await fetch(url, {
				...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
				headers: requestHeaders(this.#endpoint),
				signal: cancelled ? AbortSignal.any([late, cancelled]) : late,
				// A sign-in page elsewhere must not get the key.
				redirect: "manual",
			});
			text = await response.text();
		} catch (error) {
			cancelled?.throwIfAborted();
			throw late.aborted ? timeoutError(context, timeout) : errorOfConnection(context, error);
		}
		const { status, headers } = response;
		if (status >= 300 && status < 400) {
			const target = withoutQuery(headers.get("location") ?? "");
			const advice = "Configure that address if you trust it.";
			throw new EndpointError("not-found", `redirects to ${target}`, advice, { ...context, status });
		}
		const json = jsonOf(text);
		if (!response.ok || isErrorAnswer(json))
			throw errorOfAnswer(context, status, headers.get("retry-after"), text);
		if (json === undefined) throw errorOfBody(context, text);
		return json;
	}
}

/** The user's texts in a request: the inputs of an embedding, the questions of a chat. Instructions are ours. */
function textsIn({ input, messages }: Readonly<Record<string, unknown>> = {}): string[] {
	const questions = (Array.isArray(messages) ? (messages as unknown[]) : [])
		.filter(isRecord)
		.filter(({ role }) => role !== "system")
		.map(({ content }) => content);
	return [input, ...questions].flat().filter((text) => typeof text === "string");
}

function withoutQuery(url: string): string {
	return url.split("?")[0] ?? url;
}
