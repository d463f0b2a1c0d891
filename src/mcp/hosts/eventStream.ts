import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";

/** The client listens to no event stream, so nothing but the answer to a call of its own reaches it. */
export class NoEventStream extends Error {
	override readonly name = "NoEventStream";
}

/** ms a client may take to open its stream: it does so after it has said that it is ready. */
const patience = 1500;

/**
 * Keeps requests to the client that belong to no call until the client's event stream is open. The SDK drops them.
 * @param stream the answer that becomes the stream, once its head has been sent.
 * @throws NoEventStream in the request to the client
 */
export function awaitEventStream(
	transport: WebStandardStreamableHTTPServerTransport,
	stream: () => ServerResponse | undefined,
): void {
	const send = transport.send.bind(transport);
	const isOpen = () => {
		const response = stream();
		return response?.headersSent === true && response.statusCode === 200 && !response.destroyed;
	};
	transport.send = async (message, options) => {
		if ("method" in message && "id" in message && options?.relatedRequestId === undefined) {
			for (let waited = 0; !isOpen() && waited < patience; waited += 20) await sleep(20);
			if (!isOpen()) throw new NoEventStream("The client has no event stream open.");
		}
		return send(message, options);
	};
}
