import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import type { HostModel } from "../config/endpoints.ts";
import { redactor } from "../config/redact.ts";
import type { ChatAnswer, ChatMessages, ChatOptions } from "../endpoints/chatModel.ts";
import { EndpointError } from "../endpoints/endpointError.ts";
import { repeatable } from "../endpoints/openai/serverMessage.ts";

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

		async complete({ system, user }: ChatMessages, options: ChatOptions = {}): Promise<ChatAnswer> {
			const server = sessions.find((session) => !refused.has(session));
			if (!server)
				throw sessions.length === 0
					? unavailable("but no connected client offers one", "Use a client that offers sampling")
					: unavailable("which refused, and is not asked again", "Reconnect the client to be asked anew");
			try {
				const { content, stopReason } = await server.createMessage(
					{
						systemPrompt: system,
						messages: [{ role: "user", content: { type: "text", text: user } }],
						maxTokens: options.maxTokens ?? maxTokens,
						temperature: 0.2,
						includeContext: "none",
						...(name ? { modelPreferences: { hints: [{ name }] } } : {}),
					},
					{ timeout, ...(options.signal ? { signal: options.signal } : {}) },
				);
				const parts = Array.isArray(content) ? content : [content];
				return {
					text: parts.map((part) => (part.type === "text" ? part.text : "")).join(""),
					truncated: stopReason === "maxTokens",
				};
			} catch (error) {
				options.signal?.throwIfAborted();
				const code = error instanceof McpError ? error.code : undefined;
				if (code === userRefused || code === ErrorCode.MethodNotFound) refused.add(server);
				throw unavailable("which did not answer", "Allow sampling in the client", {
					serverMessage: repeatable(error instanceof Error ? error.message : String(error), redactor([]), [
						user,
					]),
					cause: error,
				});
			}
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
