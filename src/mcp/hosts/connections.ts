import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Connections that may be without a request: those whose request has not arrived whole, and those kept for the next. */
const maxWaiting = 500;
const maxConnections = 2000;
/** ms a connection is kept for the client's next request: longer than the minute of most proxies, which reuse it. */
const keepAliveTimeout = 65_000;

/**
 * Keeps connections that send nothing, or send slowly, from taking the place of others.
 * @param patience ms a request may take to arrive. An answer, such as an event stream, may take any time.
 */
export function limitConnections(server: Server, patience: number) {
	Object.assign(server, {
		headersTimeout: patience,
		requestTimeout: patience,
		keepAliveTimeout,
		maxConnections,
	});
	const waiting = new Set<Socket>();
	const wait = (socket: Socket) => {
		waiting.add(socket);
		if (waiting.size <= maxWaiting) return;
		// A set keeps the order in which they came.
		const [oldest] = waiting;
		oldest?.destroy();
		if (oldest) waiting.delete(oldest);
	};
	server.on("connection", (socket) => {
		wait(socket);
		socket.once("close", () => waiting.delete(socket));
	});
	return {
		/** The request has arrived whole: its connection stays until the answer has ended. */
		answering(response: ServerResponse): void {
			const { socket } = response;
			if (!socket) return;
			waiting.delete(socket);
			response.once("close", () => {
				if (!socket.destroyed) wait(socket);
			});
		},
	};
}
