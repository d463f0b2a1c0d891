import { AsyncLocalStorage } from "node:async_hooks";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CreateMessageResultSchema, ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import type { HostModel } from "../config/endpoints.ts";
import { redactor } from "../config/redact.ts";
import type { ChatAnswer, ChatMessages, ChatOptions } from "../endpoints/chatModel.ts";
import { EndpointError } from "../endpoints/endpointError.ts";
import { repeatable } from "../endpoints/openai/serverMessage.ts";
import type { ClientCall } from "./clientCall.ts";
import { NoEventStream } from "./hosts/eventStream.ts";

/** The error code of a client whose user refuses (MCP, Sampling, Error Handling). */
const userRefused = -1;

/**
 * The MCP client's own language model, through sampling, where a connected client offers it.
 * @param llm `model` is a hint for the client, which chooses the model itself.
 * @param timeout ms; the client may ask its user first.
 */
export function createSamplingChat(
	{ model: name, maxTokens, contextLength }: Omit<HostModel, "provider">,
	timeout: number,
) {
	const sessions: Server[] = [];
	/** Sessions whose user refused: they are not asked again. */
	const refused = new WeakSet<Server>();
	/** The call on whose behalf a model is asked. What it started may outlive it. */
	const calls = new AsyncLocalStorage<ClientCall & { open: boolean }>();
	let available: () => void = () => undefined;
	return {
		description: "the MCP client's language model (sampling)",
		origin: "",
		maxTokens,
		contextLength,

		/** Calls back when a client that offers sampling has connected, as work that waits for a model can continue. */
		onAvailable(listener: () => void): void {
			available = listener;
		},

		/** Uses the session's client while it is connected. */
		add(server: Server): void {
			const { oninitialized, onclose } = server;
			server.oninitialized = () => {
				oninitialized?.();
				if (!server.getClientCapabilities()?.sampling) return;
				sessions.unshift(server);
				available();
			};
			server.onclose = () => {
				onclose?.();
				const index = sessions.indexOf(server);
				if (index >= 0) sessions.splice(index, 1);
			};
		},

		/** Does the work of a call: the models it needs are asked of the client that called, on the call's own stream. */
		async during<T>(call: ClientCall, work: () => Promise<T>): Promise<T> {
			const running = { ...call, open: true };
			try {
				return await calls.run(running, work);
			} finally {
				running.open = false;
			}
		},

		async complete({ system, user }: ChatMessages, options: ChatOptions = {}): Promise<ChatAnswer> {
			const params = {
				systemPrompt: system,
				messages: [{ role: "user" as const, content: { type: "text" as const, text: user } }],
				maxTokens: options.maxTokens ?? maxTokens,
				temperature: 0.2,
				includeContext: "none" as const,
				...(name ? { modelPreferences: { hints: [{ name }] } } : {}),
			};
			const patience = { timeout, ...(options.signal ? { signal: options.signal } : {}) };
			const call = calls.getStore();
			const askModel = (server: Server) =>
				call?.open && call.server === server
					? call.ask({ method: "sampling/createMessage", params }, CreateMessageResultSchema, patience)
					: server.createMessage(params, patience);

			const willing = sessions.filter((session) => !refused.has(session));
			// The client that called comes first.
			willing.sort((a, b) => Number(b === call?.server) - Number(a === call?.server));
			if (willing.length === 0)
				throw sessions.length === 0
					? unavailable("but no connected client offers one", "Use a client that offers sampling")
					: unavailable("which refused, and is not asked again", "Reconnect the client to be asked anew");
			for (const server of willing) {
				try {
					const { content, stopReason } = await askModel(server);
					const parts = Array.isArray(content) ? content : [content];
					return {
						text: parts.map((part) => (part.type === "text" ? part.text : "")).join(""),
						truncated: stopReason === "maxTokens",
					};
				} catch (error) {
					options.signal?.throwIfAborted();
					// It cannot have heard the question.
					if (error instanceof NoEventStream) continue;
					const code = error instanceof McpError ? error.code : undefined;
					if (code === userRefused || code === ErrorCode.MethodNotFound) refused.add(server);
					throw unavailable("which did not answer", "Allow sampling in the client", {
						serverMessage: repeatable(error instanceof Error ? error.message : String(error), redactor([]), [
							user,
						]),
						cause: error,
					});
				}
			}
			throw unavailable(
				"but no connected client can be asked now",
				"Use a client that opens an event stream",
			);
		},
	};
}

function unavailable(
	why: string,
	remedy: string,
	more: { serverMessage?: string | undefined; cause?: unknown } = {},
) {
	return new EndpointError(
		"unavailable",
		`comes from the MCP client, ${why}`,
		`${remedy}, or set LLM_PROVIDER and LLM_BASE_URL to an endpoint.`,
		{ role: "chat", url: "", ...more },
	);
}
