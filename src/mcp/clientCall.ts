import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { ServerNotification, ServerRequest } from "@modelcontextprotocol/sdk/types.js";

/** A request of a client, while it is being answered. */
export interface ClientCall {
	readonly server: Server;
	/**
	 * Asks the client something over the stream on which it waits for its answer. The session's event stream may not be
	 * open yet, or never be.
	 */
	readonly ask: RequestHandlerExtra<ServerRequest, ServerNotification>["sendRequest"];
}
