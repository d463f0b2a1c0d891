import type { EndpointError } from "../../endpoints/endpointError.ts";

/*
 * The retry schedule: when unfinished work is tried again, and how often. All times in ms.
 */

/** How soon the background starts on new work, and retries after its first failed run. */
export const firstPause = 2000;
/** The background looks for work that other processes left behind at least this often. */
export const longestPause = 5 * 60_000;
/** How long a process keeps the background work to itself after it last renewed its lease. */
export const leaseTime = 60_000;
/** While another process does the background work, this one checks this often whether that process has died. */
export const pauseWhileOther = leaseTime / 2;
/** After somebody has waited for the language model in vain, nobody waits for it again for this long. */
export const noWaitTime = 60_000;

/** A save on which the model fails because of the text is tried this often. */
const maxAttempts = 5;
/** The same if the server failed, which may have been by chance. */
const maxServerErrors = 10;
/** The delay of such a save; it doubles with each attempt. */
const firstDelay = 30_000;
const longestDelay = 3_600_000;
/** No endpoint makes us wait longer, whatever it asks for. */
const longestWait = 3_600_000;
/** The delay of a save that is not to blame: others that wait get their turn before it. */
const yieldDelay = 1000;

/** @param failures runs in a row that failed. @param retryAfter ms the endpoint asked to wait. */
export function pauseAfter(failures: number, retryAfter: number): number {
	return Math.min(longestWait, Math.max(retryAfter, firstPause * 2 ** Math.min(failures, 20)));
}

/**
 * When to embed a text again on which the model fails, while it works on others.
 * @param failures earlier ones. @param retryAfter ms the endpoint asked to wait.
 */
export function textPause(failures: number, retryAfter: number): number {
	return Math.min(longestWait, Math.max(retryAfter, Math.min(firstDelay * 2 ** failures, longestDelay)));
}

/**
 * When to distil a save again after an error.
 * @param attempts earlier ones that counted.
 * @param othersSucceed whether the model works on other texts. A server that refuses everything is set up wrong, and
 * one that fails on everything is down; if it works on others, the text is the reason.
 */
export function nextAttempt(error: EndpointError, attempts: number, othersSucceed: boolean) {
	const { kind } = error;
	const retryAfter = Math.min(longestWait, error.retryAfter ?? 0);
	const counts = kind === "rejected" || kind === "server-error" ? othersSucceed : !error.concernsEndpoint;
	const concernsEndpoint = error.concernsEndpoint && !counts;
	const delay = concernsEndpoint ? yieldDelay : Math.min(firstDelay * 2 ** attempts, longestDelay);
	const most = kind === "server-error" ? maxServerErrors : maxAttempts;
	return {
		/** Whether other texts would fail, too. */
		concernsEndpoint,
		/** Whether this was an attempt that counts. */
		counts,
		giveUp: kind === "too-large" || (counts && attempts + 1 >= most),
		delay: Math.max(retryAfter, delay),
		/** ms until the endpoint may be asked again. */
		retryAfter,
	};
}
