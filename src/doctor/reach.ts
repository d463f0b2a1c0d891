import type { EndpointError } from "../endpoints/endpointError.ts";
import { isErrorAnswer, isRecord, isWebPage, jsonOf } from "../endpoints/openai/answerBody.ts";
import { type Answer, failed } from "./probe.ts";
import type { Target } from "./target.ts";
import type { FailedAttempt } from "./trial.ts";

/**
 * How far a request to a model gets, as far as the answers show:
 * - `answered`: the model answers.
 * - `understood`: the server refuses a request for what is in it.
 * - `refused`: the server refuses the key.
 * - `unknown`: a failing server, a web page or silence shows nothing about key and path.
 */
export type Reach = "answered" | "understood" | "refused" | "unknown";

export interface Reached {
	readonly reach: Reach;
	/** The memory's own request, if one was made and failed. */
	readonly failure?: FailedAttempt | undefined;
}

/** Makes the memory's own request if that is allowed, or if the probes show nothing. */
export async function reached(target: Target): Promise<Reached> {
	const { run, client } = target;
	if (!run.asksModels) {
		const list = await target.list();
		const empty = failed(list) && list.code === "TIMEOUT" ? list : await target.empty();
		const reach = failed(empty) ? "unknown" : reachOfEmpty(empty);
		if (reach !== "unknown") return { reach };
	}
	const attempt = await client.trial();
	if (!attempt.error) return { reach: "answered" };
	return { reach: await reachOfError(target, attempt.error), failure: attempt };
}

async function reachOfError(target: Target, { kind, status }: EndpointError): Promise<Reach> {
	switch (kind) {
		case "unauthorized":
			return "refused";
		case "model-not-found":
		case "too-large":
		case "answer-too-long":
		case "batch-too-large":
		case "unsupported":
		case "bad-answer":
		case "bad-vectors":
		case "dimensions":
			return "understood";
		case "rejected": {
			if (status === 407) return "refused";
			// A firewall refuses requests, too.
			const empty = await target.empty();
			return failed(empty) ? "unknown" : reachOfEmpty(empty);
		}
		default:
			return "unknown";
	}
}

/** What the answer to an empty request shows. */
export function reachOfEmpty(empty: Answer): Reach {
	if (refusesKey(empty)) return "refused";
	return knowsRequest(empty) ? "understood" : "unknown";
}

/** Whether an answer means that the key is missing or refused. */
export function refusesKey({ status }: Answer): boolean {
	return status === 401 || status === 403 || status === 407;
}

/** Whether the server saw what is missing in an empty request. */
function knowsRequest({ status, body }: Answer): boolean {
	const value = jsonOf(body);
	if (isWebPage(body) || !isRecord(value)) return false;
	if (status === 404 || status === 405) return /model|deployment/i.test(body);
	if (status === 200) return isErrorAnswer(value) && !/unexpected endpoint/i.test(body);
	return status >= 400 && status < 500 && status !== 402 && status !== 429;
}
