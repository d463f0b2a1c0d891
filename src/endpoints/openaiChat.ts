import type OpenAI from "openai";
import type { ChatEndpoint } from "../config/endpoints.ts";
import { originOf } from "../config/endpoints.ts";
import type { Log } from "../config/log.ts";
import type { ChatAnswer, ChatMessages, ChatModel, ChatOptions } from "./chatModel.ts";
import { EndpointError } from "./endpointError.ts";
import { Abilities, type ChatAbilities, type Learned } from "./learned.ts";
import { Limiter } from "./limiter.ts";
import { OpenAiClient } from "./openaiClient.ts";
import { isRecord } from "./serverWords.ts";
import type { Traffic } from "./traffic.ts";

/** Requests at the same time: a server on the user's own machine works on a few at best. */
const atOnce = 4;

type Body = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

/** A language model behind an OpenAI-compatible endpoint. What it refuses is learned, remembered, and not sent again. */
export class OpenAiChat implements ChatModel {
	readonly description: string;
	readonly origin: string;
	readonly maxTokens: number;
	readonly #endpoint: ChatEndpoint;
	readonly #client: OpenAiClient;
	readonly #abilities: Abilities<ChatAbilities>;
	readonly #limiter = new Limiter(atOnce);

	constructor(endpoint: ChatEndpoint, log: Log, learned?: Learned, traffic?: Traffic) {
		this.#endpoint = endpoint;
		this.#client = new OpenAiClient(endpoint, "chat", log, traffic);
		this.#abilities = new Abilities(`chat ${endpoint.baseUrl} ${endpoint.model}`, learned);
		this.description = `${endpoint.model} at ${endpoint.baseUrl}`;
		this.origin = originOf(endpoint.baseUrl);
		this.maxTokens = endpoint.maxTokens;
	}

	get contextLength(): number | undefined {
		return this.#endpoint.contextLength ?? this.#abilities.known.contextLength;
	}

	complete(messages: ChatMessages, options: ChatOptions = {}): Promise<ChatAnswer> {
		return this.#limiter.run(() => this.#complete(messages, options), options.signal);
	}

	/** Each round leaves out one thing that the server refused, so that there are only a few. */
	async #complete(messages: ChatMessages, options: ChatOptions): Promise<ChatAnswer> {
		for (;;) {
			const before = this.#abilities.known;
			try {
				const completion = await this.#client.request(
					(client, sent) => client.chat.completions.create(this.#body(messages, options), sent),
					{ signal: options.signal },
				);
				return this.#answer(completion, messages);
			} catch (error) {
				if (!(error instanceof EndpointError) || !this.#learn(error, options, before)) throw error;
			}
		}
	}

	#body({ system, user }: ChatMessages, { schema, maxTokens }: ChatOptions): Body {
		const { json = "json_schema", tokens = "max_tokens", temperature = true } = this.#abilities.known;
		return {
			model: this.#endpoint.model,
			messages: [
				{ role: "system", content: system },
				{ role: "user", content: user },
			],
			...(temperature ? { temperature: this.#endpoint.temperature } : {}),
			...(tokens === "none" ? {} : { [tokens]: maxTokens ?? this.maxTokens }),
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
		{ schema }: ChatOptions,
		tried: Readonly<Partial<ChatAbilities>>,
	): boolean {
		const { json = "json_schema", tokens = "max_tokens", temperature = true } = tried;
		const learn = (more: ChatAbilities): boolean => {
			const isNews = Object.keys(more).every(
				(ability) =>
					this.#abilities.known[ability as keyof ChatAbilities] === tried[ability as keyof ChatAbilities],
			);
			if (isNews) this.#abilities.learn(more);
			return true;
		};
		if (kind === "too-large" && limit !== undefined && limit >= 256) {
			this.#abilities.learn({ contextLength: limit });
			return false;
		}
		if (parameter === "max_tokens" && tokens !== "none")
			return learn({ tokens: tokens === "max_tokens" ? "max_completion_tokens" : "none" });
		if (parameter === "temperature" && temperature) return learn({ temperature: false });
		// Not every server names what it minds: a request it rejects is tried in plainer forms.
		const unclear = kind === "rejected";
		if (schema && json !== "text" && (parameter === "response_format" || unclear))
			return learn({ json: json === "json_schema" ? "json_object" : "text" });
		return false;
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
		const usage = isRecord(completion.usage) ? completion.usage.prompt_tokens : undefined;
		const characters = system.length + user.length;
		// Even in the most wasteful alphabet a token is hardly ever longer than this: the prompt was cut.
		if (typeof usage === "number" && usage > 0 && characters > 8000 && usage < characters / 9) {
			this.#abilities.learn({ contextLength: usage + this.maxTokens });
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

/** Content is a text, or parts some of which are. */
function textOf(content: unknown): string {
	if (typeof content === "string") return content;
	if (!Array.isArray(content)) return "";
	return content.map((part) => (isRecord(part) && typeof part.text === "string" ? part.text : "")).join("");
}
