import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { TeamServer } from "../../config/teamServer.ts";
import { newCourse } from "../../endpoints/network/connect.ts";
import { createTransport, type HttpResponse, type Transport } from "../../endpoints/network/transport.ts";
import { readBody } from "../../endpoints/openai/readBody.ts";
import { StoreError } from "../../store/errors.ts";
import { answers } from "./answerSchemas.ts";
import type { CallName, ResultOf } from "./calls.ts";
import { fromSent } from "./errors.ts";
import { brokenConnection, refusedRequest, strangeAnswer } from "./teamErrors.ts";

/** What an open window of VS Code may have to be asked for. */
export interface TeamAccess extends Omit<TeamServer, "token"> {
	readonly token: string | undefined | (() => Promise<string | undefined>);
}

export interface CallOptions {
	readonly signal?: AbortSignal | undefined;
	/** ms */
	readonly timeout?: number;
}

/** Asks a team's server to do something for the memory that one has there. */
export interface TeamClient {
	readonly url: string;
	/** The token, if it is known by now: to tell it from others, never to show it. */
	token(): Promise<string | undefined>;
	/**
	 * @throws StoreError where the server is away, refuses the token, or answers something else; what the memory throws
	 * there; the signal's reason.
	 */
	call<Name extends CallName>(
		name: Name,
		args: readonly unknown[],
		options?: CallOptions,
	): Promise<ResultOf<Name>>;
	/**
	 * Calls back when memories change there, until the signal aborts; first when it begins to hear of it, since what has
	 * changed before is not known.
	 */
	follow(onChange: () => void, signal: AbortSignal): Promise<void>;
}

/** ms */
const defaultTimeout = 20_000;
/** Bytes: 200 of the longest memories, with room to spare. */
const longestAnswer = 64 * 1024 * 1024;
/** ms that a request waits at most where it was one too many. */
const longestPause = 10_000;
/** ms without a sign of life after which an event stream is taken for dead; the server gives one each 10 s. */
const silence = 45_000;

/** What may be asked twice, where a connection that was kept open is not there any more. */
const reading: ReadonlySet<CallName> = new Set([
	"about",
	"probe",
	"status",
	"usage",
	"search",
	"list",
	"groups",
	"deleted",
	"get",
	"savedText",
	"entities",
	"history",
	"review.list",
	"review.count",
	"review.get",
	"transfer.sourceIds",
	"transfer.isEmpty",
	"transfer.page",
	"uses.clients",
	"uses.recent",
]);

const Refused = z.object({ error: z.looseObject({ message: z.string() }) });
const Sent = z.object({ error: z.looseObject({ kind: z.string(), message: z.string() }) });

export function createTeamClient(server: TeamAccess): TeamClient {
	const { url, network } = server;
	const kept = createTransport(network, { keepAlive: true });
	const fresh = createTransport(network, { keepAlive: false });
	let known: Promise<string | undefined> | undefined;
	/** Whether the last request had one. */
	let hadToken = false;
	const token = () => {
		if (typeof server.token !== "function") return Promise.resolve(server.token);
		// One that is not there may be there later: somebody opens a window.
		known ??= server.token().then((given) => {
			if (given === undefined) known = undefined;
			return given;
		});
		return known;
	};
	const headers = async (): Promise<Readonly<Record<string, string>>> => {
		const given = await token();
		hadToken = Boolean(given);
		return { accept: "application/json", ...(given ? { authorization: `Bearer ${given}` } : {}) };
	};

	const once = async (
		name: CallName,
		body: string,
		signal: AbortSignal,
		transport = kept,
	): Promise<{ readonly response: HttpResponse; readonly text: string }> => {
		const request = {
			method: "POST",
			url: `${url}/memory/${name}`,
			headers: { ...(await headers()), "content-type": "application/json" },
			body,
			signal,
		};
		try {
			const response = await send(transport, url, request);
			return { response, text: await bodyOf(response, url) };
		} catch (error) {
			const { code } = ((error as Error).cause ?? {}) as { readonly code?: unknown };
			const mayRepeat = transport === kept && reading.has(name);
			if (!mayRepeat || signal.aborted || code !== "ECONNRESET") throw error;
			return once(name, body, signal, fresh);
		}
	};

	return {
		url,
		token,
		async call(name, args, { signal: cancelled, timeout = defaultTimeout } = {}) {
			const late = AbortSignal.timeout(timeout);
			const signal = cancelled ? AbortSignal.any([late, cancelled]) : late;
			const body = JSON.stringify(args);
			try {
				for (let attempt = 1; ; attempt += 1) {
					const { response, text } = await once(name, body, signal);
					const pause = 1000 * Number(response.headers["retry-after"] ?? 1);
					if (response.status === 429 && attempt < 4 && pause <= longestPause) {
						await sleep(pause, undefined, { signal });
						continue;
					}
					if (response.status === 401) known = undefined;
					return resultOf(name, response, text) as never;
				}
			} catch (error) {
				cancelled?.throwIfAborted();
				if (late.aborted && !(error instanceof StoreError)) throw brokenConnection(url, "TIMEOUT", timeout);
				throw error;
			}
		},

		async follow(onChange, signal) {
			const quiet = new AbortController();
			let timer = setTimeout(() => quiet.abort(), silence);
			try {
				const response = await send(fresh, url, {
					method: "GET",
					url: `${url}/memory/changes`,
					headers: { ...(await headers()), accept: "text/event-stream" },
					signal: AbortSignal.any([signal, quiet.signal]),
				});
				if (!response.ok) throw refusalOf(response, await bodyOf(response, url));
				let begins = true;
				for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
					clearTimeout(timer);
					timer = setTimeout(() => quiet.abort(), silence);
					if (begins || Buffer.from(chunk).includes("data:")) onChange();
					begins = false;
				}
			} finally {
				clearTimeout(timer);
			}
		},
	};

	function resultOf(name: CallName, response: HttpResponse, text: string): unknown {
		const json = jsonIn(text);
		if (!response.ok) throw refusalOf(response, text);
		const { success, data } = z.object({ result: z.unknown() }).safeParse(json);
		const result = answers[name].safeParse(success ? data.result : undefined);
		if (!success || !result.success) throw strangeAnswer(url, response.status, text, name);
		return result.data;
	}

	function refusalOf({ status, headers: given }: HttpResponse, text: string): Error {
		const json = jsonIn(text);
		const sent = Sent.safeParse(json);
		if (sent.success) {
			const error = fromSent(sent.data.error, url);
			if (error) return error;
		}
		const refused = Refused.safeParse(json);
		const location = typeof given.location === "string" ? given.location : undefined;
		if (!refused.success) return strangeAnswer(url, status, text, location);
		return refusedRequest(url, status, refused.data.error.message, hadToken);
	}
}

async function send(
	transport: Transport,
	url: string,
	request: Omit<Parameters<Transport>[0], "course">,
): Promise<HttpResponse> {
	const course = newCourse();
	try {
		return await transport({ ...request, course });
	} catch (error) {
		if (request.signal?.aborted) throw error;
		throw brokenConnection(url, error);
	}
}

async function bodyOf({ body }: HttpResponse, url: string): Promise<string> {
	try {
		return await readBody(body, longestAnswer);
	} catch (error) {
		if ((error as Error).name === "AbortError" || (error as Error).name === "TimeoutError") throw error;
		throw brokenConnection(url, error);
	}
}

function jsonIn(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// Whoever looks for something in it finds nothing.
		return undefined;
	}
}
