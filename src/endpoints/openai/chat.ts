import type OpenAI from "openai";
import { type ChatEndpoint, originOf } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import type { ChatAnswer, ChatMessages, ChatModel, ChatOptions, JsonSchema } from "../chatModel.ts";
import { EndpointError } from "../endpointError.ts";
import type { EndpointHealth } from "../endpointHealth.ts";
import { Abilities, type AbilityNotes, type ChatAbilities } from "./abilities.ts";
import { isRecord } from "./answerBody.ts";
import { OpenAiClient } from "./client.ts";
import { errorOfAnswer, redactorOf } from "./errorOfAnswer.ts";
import { families, familyOf } from "./families.ts";
import { limiter } from "./limiter.ts";
import { repeatable } from "./serverMessage.ts";
import { requestUrl } from "./urls.ts";

/** Requests at the same time: a server on the user's own machine handles a few at best. */
const atOnce = 4;

/** ms after which the context length is learned again: the server may have been restarted with a larger one. */
const contextValidFor = 86_400_000;

/** Characters of an answer. Facts have some thousand; looking for JSON in much more would take long. */
const longestText = 400_000;
/** Reasons for the end of an answer: the token limit, in the words of several APIs … */
const atTheLimit = /length|max_?tokens|context_window/i;
/** … and anything else that is not the model's own end. */
const interrupted =
	/filter|safety|sensitive|recitation|prohibit|blocklist|spii|refus|moderat|abort|cancel|error|insufficient|interrupt|repetition/i;

type JsonMode = NonNullable<ChatAbilities["json"]>;
type Body = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

/** A language model behind an OpenAI-compatible endpoint. It remembers what the server refuses, and does not send it again. */
export class OpenAiChat implements ChatModel {
	readonly description: string;
	readonly origin: string;
	readonly maxTokens: number;
	readonly #endpoint: ChatEndpoint;
	readonly #client: OpenAiClient;
	readonly #abilities: Abilities<ChatAbilities>;
	readonly #limited = limiter(atOnce);

	constructor(endpoint: ChatEndpoint, log: Log, notes?: AbilityNotes, health?: EndpointHealth) {
		this.#endpoint = endpoint;
		this.#client = new OpenAiClient(endpoint, "chat", log, health);
		this.#abilities = new Abilities(`chat ${endpoint.baseUrl} ${endpoint.model}`, notes);
		this.description = `${endpoint.model} at ${endpoint.baseUrl}`;
		this.origin = originOf(endpoint.baseUrl);
		this.maxTokens = endpoint.maxTokens;
	}

	get contextLength(): number | undefined {
		const { contextLength, contextAt = 0 } = this.#abilities.known;
		return (
			this.#endpoint.contextLength ?? (Date.now() - contextAt < contextValidFor ? contextLength : undefined)
		);
	}

	complete(messages: ChatMessages, options: ChatOptions = {}): Promise<ChatAnswer> {
		return this.#limited(() => this.#complete(messages, options), options.signal);
	}

	/** Each round leaves out one thing that the server refused, so there are only a few rounds. */
	async #complete(messages: ChatMessages, options: ChatOptions): Promise<ChatAnswer> {
		// A server may reject a request for other reasons than its form: a plainer form is learned only if it helps.
		let plainer: JsonMode | undefined;
		let rejected: EndpointError | undefined;
		for (;;) {
			const tried = { ...this.#abilities.known, ...(plainer ? { json: plainer } : {}) };
			try {
				const completion = await this.#client.request(
					(client, sent) => client.chat.completions.create(this.#body(messages, options, tried), sent),
					{ signal: options.signal },
				);
				const answer = this.#answer(completion, messages);
				if (plainer) this.#abilities.learn({ json: plainer });
				return answer;
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
		abilities: ChatAbilities,
	): Body {
		const { json = "json_schema", tokens = "max_tokens", temperature = true } = abilities;
		return {
			model: this.#endpoint.model,
			messages: [
				{ role: "system", content: system },
				{ role: "user", content: user },
			],
			...(temperature ? { temperature: this.#endpoint.temperature } : {}),
			...(tokens === "none" ? {} : { [tokens]: Math.min(maxTokens, abilities.maxTokens ?? maxTokens) }),
			...(schema && json !== "text" ? { response_format: responseFormat(schema, json) } : {}),
		};
	}

	/**
	 * @param tried what was known when the request was sent; another request may have learned the same since.
	 * @returns whether the request can be sent again in another form.
	 */
	#learn(
		{ kind, parameter, limit }: EndpointError,
		{ schema, maxTokens = this.maxTokens }: ChatOptions,
		tried: ChatAbilities,
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
		const fields = { role: "chat", url: requestUrl(this.#endpoint, "chat") } as const;
		const choices = isRecord(completion) && Array.isArray(completion.choices) ? completion.choices : [];
		const [choice] = choices as unknown[];
		const message = isRecord(choice) && isRecord(choice.message) ? choice.message : {};
		const error = [completion, choice, message].map((part) => isRecord(part) && part.error).find(Boolean);
		if (error) {
			const context = { endpoint: this.#endpoint, ...fields, texts: [user] };
			throw errorOfAnswer(context, 200, null, JSON.stringify({ error }));
		}
		if (!isRecord(completion) || !isRecord(choice))
			throw new EndpointError(
				"no-api",
				"gave a chat completion without choices",
				"Check the base URL: it must lead to an OpenAI-compatible server.",
				fields,
			);
		const counted = isRecord(completion.usage) ? completion.usage : {};
		// Some servers count only tokens that were not cached.
		const cached =
			isRecord(counted.prompt_tokens_details) && Number(counted.prompt_tokens_details.cached_tokens) > 0;
		const usage = cached ? undefined : counted.prompt_tokens;
		const characters = system.length + user.length;
		// In no alphabet are tokens this long: the server cut the prompt.
		if (typeof usage === "number" && usage > 0 && characters > 8000 && usage < characters / 9) {
			this.#abilities.learn({ contextLength: usage + this.maxTokens, contextAt: Date.now() });
			const { provider, baseUrl } = this.#endpoint;
			const raise = families[familyOf(provider, baseUrl, [])].moreContext;
			throw new EndpointError(
				"too-large",
				`read only ${usage} of a prompt's ${Math.round(characters / 4)} tokens or so`,
				`${raise ?? "Raise the server's context length, and set LLM_CONTEXT_LENGTH to it"}.`,
				{ ...fields, limit: usage },
			);
		}
		const text = textOf(message.content);
		if (text.length > longestText)
			throw new EndpointError(
				"bad-answer",
				`gave an answer of ${text.length} characters; at most ${longestText} are read`,
				"Lower LLM_MAX_TOKENS, or use another model.",
				fields,
			);
		const reason = String(choice.finish_reason ?? "");
		const refusal = [message.refusal, textOf(message.content, "refusal")].find(
			(said) => typeof said === "string" && said.trim() !== "",
		);
		const interruption = refusal ?? (interrupted.test(reason) ? reason : undefined);
		return {
			text,
			truncated: atTheLimit.test(reason),
			...(interruption === undefined
				? {}
				: { interruption: repeatable(String(interruption), redactorOf(this.#endpoint), [user]) }),
		};
	}
}

function responseFormat({ name, schema }: JsonSchema, type: "json_schema" | "json_object") {
	return type === "json_object"
		? { type }
		: { type, json_schema: { name, strict: true, schema: { ...schema } } };
}

function plainerThan(json: JsonMode = "json_schema"): JsonMode | undefined {
	return json === "json_schema" ? "json_object" : json === "json_object" ? "text" : undefined;
}

/** Content is a text or a list of parts: texts, thoughts, refusals. */
function textOf(content: unknown, kind: "text" | "refusal" = "text"): string {
	if (typeof content === "string") return kind === "text" ? content : "";
	if (!Array.isArray(content)) return "";
	return content
		.filter((part) => isRecord(part) && !/think|reason|thought/i.test(String(part.type)))
		.map((part: Readonly<Record<string, unknown>>) => part[kind])
		.filter((part) => typeof part === "string")
		.join("");
}
