import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "../errors.ts";
import { isBusy } from "./errors.ts";

/**
 * Tries again while another process holds a lock, without blocking the thread.
 * @throws StoreError `busy` after `busyTimeout` ms.
 */
export async function retryWhileBusy<T>(path: string, busyTimeout: number, attempt: () => T): Promise<T> {
	const deadline = performance.now() + busyTimeout;
	for (;;) {
		try {
			return attempt();
		} catch (error) {
			if (!isBusy(error)) throw error;
			if (performance.now() >= deadline) throw lockedTooLong(path, busyTimeout, error);
			// A random pause, so that waiting processes do not keep colliding.
			await sleep(1 + Math.random() * 12);
		}
	}
}

function lockedTooLong(path: string, busyTimeout: number, cause: unknown): StoreError {
	return new StoreError(
		"busy",
		path,
		`Another process has kept the memory database ${path} locked for ${busyTimeout / 1000} s. This change was not made. Close the program that holds the lock, or try again.`,
		cause,
	);
}
