import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import type { ChatAnswer, ChatMessages, ChatModel, ChatOptions } from "../endpoints/chatModel.ts";
import { EndpointError } from "../endpoints/endpointError.ts";
import { repeatable } from "../endpoints/openai/serverMessage.ts";

/** The error code of a client whose user refuses (MCP, Sampling, Error Handling). */
const userRefused = -1;

export interface SamplingChatOptions {
	/** A hint for the client, which chooses the model itself. */
	readonly model: string | undefined;
	readonly maxTokens: number;
	readonly contextLength?: number | undefined;
	/** ms; the client may ask its user first. */
	readonly timeout: number;
}

/** The MCP client's own language model, through sampling, where a connected client offers it. */
export class SamplingChat implements ChatModel {
	readonly description = "the MCP client's language model (sampling)";
	readonly origin = "";
	readonly maxTokens: number;
	readonly contextLength: number | undefined;
	readonly #options: SamplingChatOptions;
	readonly #sessions: Server[] = [];
	/** Sessions whose user refused: they are not asked again. */
	readonly #refused = new WeakSet<Server>();
	#onAvailable: () => void = () => undefined;

	constructor(options: SamplingChatOptions) {
		this.#options = options;
		this.maxTokens = options.maxTokens;
		this.contextLength = options.contextLength;
	}

	/** Calls back when a client that offers sampling has connected, as work that waits for a model can continue. */
	onAvailable(listener: () => void): void {
		this.#onAvailable = listener;
	}

	/** Uses the session's client while it is connected. */
	add(server: Server): void {
		const { oninitialized, onclose } = server;
		server.oninitialized = () => {
			oninitialized?.();
			if (!server.getClientCapabilities()?.sampling) return;
			this.#sessions.unshift(server);
			this.#onAvailable();
		};
		server.onclose = () => {
			onclose?.();
			const index = this.#sessions.indexOf(server);
			if (index >= 0) this.#sessions.splice(index, 1);
		};
	}

	async complete({ system, user }: ChatMessages, options: ChatOptions = {}): Promise<ChatAnswer> {
		const server = this.#sessions.find((session) => !this.#refused.has(session));
		if (!server)
			throw this.#sessions.length === 0
				? unavailable("but no connected client offers one", "Use a client that offers sampling")
				: unavailable("which refused, and is not asked again", "Reconnect the client to be asked anew");
		try {
			const { content, stopReason } = await server.createMessage(
				{
					systemPrompt: system,
					messages: [{ role: "user", content: { type: "text", text: user } }],
					maxTokens: options.maxTokens ?? this.maxTokens,
					temperature: 0.2,
					includeContext: "none",
					...(this.#options.model ? { modelPreferences: { hints: [{ name: this.#options.model }] } } : {}),
				},
				{ timeout: this.#options.timeout, ...(options.signal ? { signal: options.signal } : {}) },
			);
			const parts = Array.isArray(content) ? content : [content];
			return {
				text: parts.map((part) => (part.type === "text" ? part.text : "")).join(""),
				truncated: stopReason === "maxTokens",
			};
		} catch (error) {
			options.signal?.throwIfAborted();
			const code = error instanceof McpError ? error.code : undefined;
			if (code === userRefused || code === ErrorCode.MethodNotFound) this.#refused.add(server);
			throw unavailable("which did not answer", "Allow sampling in the client", {
				serverMessage: repeatable(error instanceof Error ? error.message : String(error), [], [user]),
				cause: error,
			});
		}
	}
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
