/**
 * Limits how many tasks run at the same time; the others wait their turn.
 * @returns runs a task; throws the signal's reason if it is aborted before the task's turn.
 */
export function limiter(most: number) {
	const waiting: (() => void)[] = [];
	let running = 0;
	return async <T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
		if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
		else running += 1;
		try {
			signal?.throwIfAborted();
			return await task();
		} finally {
			const next = waiting.shift();
			// Hands its place over, so that no other task slips in between.
			if (next) next();
			else running -= 1;
		}
	};
}
