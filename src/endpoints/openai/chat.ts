import type OpenAI from "openai";
import type { ChatEndpoint } from "../../config/endpoints.ts";
import { originOf } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import type { ChatAnswer, ChatMessages, ChatModel, ChatOptions } from "../chatModel.ts";
import { EndpointError } from "../endpointError.ts";
import type { Traffic } from "../traffic.ts";
import { type AbilityNotes, type ChatAbilities, Abilities as Remembered } from "./abilities.ts";
import { OpenAiClient } from "./client.ts";
import { Limiter } from "./limiter.ts";
import { isRecord } from "./serverMessage.ts";

/** Requests at the same time: a server on the user's own machine works on a few at best. */
const atOnce = 4;

/** ms; a server may be started anew with a larger one. */
const contextRemembered = 86_400_000;

type JsonMode = NonNullable<ChatAbilities["json"]>;
type Abilities = Readonly<Partial<ChatAbilities>>;
type Body = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

/** A language model behind an OpenAI-compatible endpoint. What it refuses is learned, remembered, and not sent again. */
export class OpenAiChat implements ChatModel {
	readonly description: string;
	readonly origin: string;
	readonly maxTokens: number;
	readonly #endpoint: ChatEndpoint;
	readonly #client: OpenAiClient;
	readonly #abilities: Remembered<ChatAbilities>;
	readonly #limiter = new Limiter(atOnce);

	constructor(endpoint: ChatEndpoint, log: Log, learned?: AbilityNotes, traffic?: Traffic) {
		this.#endpoint = endpoint;
		this.#client = new OpenAiClient(endpoint, "chat", log, traffic);
		this.#abilities = new Remembered(`chat ${endpoint.baseUrl} ${endpoint.model}`, learned);
		this.description = `${endpoint.model} at ${endpoint.baseUrl}`;
		this.origin = originOf(endpoint.baseUrl);
		this.maxTokens = endpoint.maxTokens;
	}

	get contextLength(): number | undefined {
		const { contextLength, contextAt = 0 } = this.#abilities.known;
		return (
			this.#endpoint.contextLength ?? (Date.now() - contextAt < contextRemembered ? contextLength : undefined)
		);
	}

	complete(messages: ChatMessages, options: ChatOptions = {}): Promise<ChatAnswer> {
		return this.#limiter.run(() => this.#complete(messages, options), options.signal);
	}

	/** Each round leaves out one thing that the server refused, so that there are only a few. */
	async #complete(messages: ChatMessages, options: ChatOptions): Promise<ChatAnswer> {
		// A server that rejects a request need not mind its form: what helps is learned, what does not is not.
		let plainer: JsonMode | undefined;
		let rejected: EndpointError | undefined;
		for (;;) {
			const tried = { ...this.#abilities.known, ...(plainer ? { json: plainer } : {}) };
			try {
				const completion = await this.#client.request(
					(client, sent) => client.chat.completions.create(this.#body(messages, options, tried), sent),
					{ signal: options.signal },
				);
				if (plainer) this.#abilities.learn({ json: plainer });
				return this.#answer(completion, messages);
			} catch (error) {
				if (!(error instanceof EndpointError)) throw error;
				const next = options.schema && error.kind === "rejected" ? plainerThan(tried.json) : undefined;
				if (next) {
					rejected ??= error;
					plainer = next;
				} else if (!this.#learn(error, options, tried))
					throw error.kind === "rejected" ? (rejected ?? error) : error;
			}
		}
	}

	#body(
		{ system, user }: ChatMessages,
		{ schema, maxTokens = this.maxTokens }: ChatOptions,
		abilities: Abilities,
	): Body {
		const {
			json = "json_schema",
			tokens = "max_tokens",
			temperature = true,
			maxTokens: most = maxTokens,
		} = abilities;
		return {
			model: this.#endpoint.model,
			messages: [
				{ role: "system", content: system },
				{ role: "user", content: user },
			],
			...(temperature ? { temperature: this.#endpoint.temperature } : {}),
			...(tokens === "none" ? {} : { [tokens]: Math.min(maxTokens, most) }),
			...(schema && json === "json_object" ? { response_format: { type: "json_object" } } : {}),
			...(schema && json === "json_schema"
				? {
						response_format: {
							type: "json_schema",
							json_schema: { name: schema.name, strict: true, schema: { ...schema.schema } },
						},
					}
				: {}),
		};
	}

	/**
	 * @param tried what was known when the request was made: others may have learned meanwhile what it says.
	 * @returns whether the request can be sent again in another form.
	 */
	#learn(
		{ kind, parameter, limit }: EndpointError,
		{ schema, maxTokens = this.maxTokens }: ChatOptions,
		tried: Abilities,
	): boolean {
		const { json, tokens = "max_tokens", temperature = true } = tried;
		const learn = (more: ChatAbilities): boolean => {
			const names = Object.keys(more) as (keyof ChatAbilities)[];
			if (names.every((name) => this.#abilities.known[name] === tried[name])) this.#abilities.learn(more);
			return true;
		};
		if (kind === "too-large" && limit !== undefined && limit >= 256) {
			this.#abilities.learn({ contextLength: limit, contextAt: Date.now() });
			return false;
		}
		if (
			kind === "answer-too-long" &&
			limit !== undefined &&
			limit < Math.min(maxTokens, tried.maxTokens ?? maxTokens)
		)
			return learn({ maxTokens: limit });
		if (parameter === "max_tokens" && tokens !== "none")
			return learn({ tokens: tokens === "max_tokens" ? "max_completion_tokens" : "none" });
		if (parameter === "temperature" && temperature) return learn({ temperature: false });
		const plainer = schema && parameter === "response_format" ? plainerThan(json) : undefined;
		return plainer !== undefined && learn({ json: plainer });
	}

	#answer(completion: unknown, { system, user }: ChatMessages): ChatAnswer {
		const fields = { role: "chat", url: `${this.#endpoint.baseUrl}/chat/completions` } as const;
		const choices = isRecord(completion) && Array.isArray(completion.choices) ? completion.choices : [];
		const [choice] = choices as unknown[];
		if (!isRecord(completion) || !isRecord(choice))
			throw new EndpointError(
				"no-api",
				"answered without choices, which a chat completion has",
				"Check LLM_BASE_URL: it must lead to an OpenAI-compatible server.",
				fields,
			);
		const counted = isRecord(completion.usage) ? completion.usage : {};
		// Some count only what was not cached.
		const cached =
			isRecord(counted.prompt_tokens_details) && Number(counted.prompt_tokens_details.cached_tokens) > 0;
		const usage = cached ? undefined : counted.prompt_tokens;
		const characters = system.length + user.length;
		// Even in the most wasteful alphabet a token is hardly ever longer than this: the prompt was cut.
		if (typeof usage === "number" && usage > 0 && characters > 8000 && usage < characters / 9) {
			this.#abilities.learn({ contextLength: usage + this.maxTokens, contextAt: Date.now() });
			throw new EndpointError(
				"too-large",
				`read only ${usage} tokens of a prompt of some ${Math.round(characters / 4)}`,
				"Raise the server's context length (Ollama: OLLAMA_CONTEXT_LENGTH) and set LLM_CONTEXT_LENGTH to it.",
				{ ...fields, limit: usage },
			);
		}
		const message = isRecord(choice.message) ? choice.message : {};
		return { text: textOf(message.content), truncated: choice.finish_reason === "length" };
	}
}

function plainerThan(json: JsonMode = "json_schema"): JsonMode | undefined {
	return json === "json_schema" ? "json_object" : json === "json_object" ? "text" : undefined;
}

/** Content is a text, or parts some of which are. */
function textOf(content: unknown): string {
	if (typeof content === "string") return content;
	if (!Array.isArray(content)) return "";
	return content.map((part) => (isRecord(part) && typeof part.text === "string" ? part.text : "")).join("");
}
