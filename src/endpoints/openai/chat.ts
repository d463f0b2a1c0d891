import { isDeepStrictEqual } from "node:util";
import { type ChatEndpoint, type HttpEndpoint, originsOf, urlsOf } from "../../config/endpoints.ts";
import type { Log } from "../../config/log.ts";
import {
	type ChatAnswer,
	type ChatMessages,
	type ChatModel,
	type ChatOptions,
	estimatedTokens,
} from "../chatModel.ts";
import { EndpointError } from "../endpointError.ts";
import { Abilities, type AbilityNotes, type ChatAbilities } from "./abilities.ts";
import { isRecord } from "./answerBody.ts";
import type { OpenAiClient, RequestOptions } from "./client.ts";
import { errorOfAnswer, redactorOf } from "./errorOfAnswer.ts";
import { families, familyOf } from "./families.ts";
import { answeringModel } from "./modelNames.ts";
import { chatForms, type Forms, negotiate, thinkingSwitches } from "./requestForms.ts";
import { repeatable } from "./serverMessage.ts";
import { Servers, type ServersOptions } from "./servers.ts";
import { requestUrl } from "./urls.ts";

/** ms that a save waits for a server's next minute; its facts can follow later. */
const patience = 5000;

/** ms after which the context length is learned again: the server may have been restarted with a larger one. */
const contextValidFor = 86_400_000;

/** Characters of an answer. Facts have some thousand; looking for JSON in much more would take long. */
const longestText = 400_000;
/** Reasons for the end of an answer: the token limit, in the words of several APIs … */
const atTheLimit = /length|max_?tokens|context_window/i;
/** … and anything else that is not the model's own end. */
const interrupted =
	/filter|safety|sensitive|recitation|prohibit|blocklist|spii|refus|moderat|abort|cancel|error|insufficient|interrupt|repetition/i;

/** Tokens that a model's template puts around messages. */
const templateTokens = 64;

interface ReadAnswer {
	readonly answer: ChatAnswer;
	/** Whether it was cut off while the model was still thinking. */
	readonly thoughtsOnly: boolean;
	/** As the answer names it. */
	readonly model: string | undefined;
}

/** Tokens of an answer below which asking makes no sense. */
const leastAnswer = 256;

/** A language model behind an OpenAI-compatible endpoint. It remembers what the server refuses, and does not send it again. */
export class OpenAiChat implements ChatModel {
	readonly description: string;
	readonly origin: string;
	readonly maxTokens: number;
	readonly #endpoint: ChatEndpoint;
	readonly #servers: Servers;
	/** Of each server, by its URL. */
	readonly #abilities: ReadonlyMap<string, Abilities<ChatAbilities>>;

	constructor(endpoint: ChatEndpoint, log: Log, notes?: AbilityNotes, options?: ServersOptions) {
		this.#endpoint = endpoint;
		this.#servers = new Servers(endpoint, "chat", log, options);
		this.#abilities = new Map(
			urlsOf(endpoint).map((url) => [url, new Abilities(`chat ${url} ${endpoint.model}`, notes)]),
		);
		this.description = `${endpoint.model} at ${urlsOf(endpoint).join(", ")}`;
		this.origin = originsOf(endpoint);
		this.maxTokens = endpoint.maxTokens;
	}

	/** What fits into the context of any of its servers. */
	get contextLength(): number | undefined {
		const learned = [...this.#abilities.values()].flatMap(({ known: { contextLength, contextAt = 0 } }) =>
			contextLength !== undefined && Date.now() - contextAt < contextValidFor ? [contextLength] : [],
		);
		return this.#endpoint.contextLength ?? (learned.length > 0 ? Math.min(...learned) : undefined);
	}

	async complete(messages: ChatMessages, options: ChatOptions = {}): Promise<ChatAnswer> {
		const turn = { signal: options.signal, ...(options.unattended ? {} : { urgent: true, patience }) };
		return this.#servers.request((server, sent) => this.#ask(server, messages, options, sent), turn);
	}

	async #ask(
		server: OpenAiClient,
		messages: ChatMessages,
		options: ChatOptions,
		turn: RequestOptions,
	): Promise<ChatAnswer> {
		const abilities = this.#abilities.get(server.endpoint.baseUrl) as Abilities<ChatAbilities>;
		const { known } = abilities;
		let { maxTokens: most = Number.POSITIVE_INFINITY } = known;
		const request = () => {
			const room = roomFor(messages, this.contextLength ?? Number.POSITIVE_INFINITY);
			const wanted = Math.min(options.maxTokens ?? this.maxTokens, most);
			const maxTokens = Math.min(wanted, Math.max(room, leastAnswer));
			return { endpoint: this.#endpoint, messages, schema: options.schema, maxTokens };
		};
		const send = async (forms: Forms) => {
			const body = chatForms.body(request(), forms);
			// The package would expect the stream that the client has read when it is done.
			const completion = await server.request(
				(client, sent) => client.post<unknown>("/chat/completions", { body, ...sent }),
				turn,
			);
			return this.#answer(completion, messages, server.endpoint, abilities);
		};
		const next = (error: EndpointError, forms: Forms): Forms | undefined => {
			const { kind, limit, parameter } = error;
			const { maxTokens } = request();
			if (kind === "too-large" && limit !== undefined && limit >= leastAnswer) {
				abilities.learn({ contextLength: limit, contextAt: Date.now() });
				// The answer may have been what was too long.
				const room = roomFor(messages, limit);
				return room >= leastAnswer && room < maxTokens ? forms : undefined;
			}
			if (kind === "answer-too-long" && maxTokens > 1) {
				most = Math.min(
					limit ?? Number.POSITIVE_INFINITY,
					limit && limit < maxTokens ? limit : maxTokens >> 1,
				);
				return forms;
			}
			// A request may be rejected for other reasons than its form: a plainer one is learned only if it helps.
			const part = kind === "rejected" ? "response_format" : parameter;
			return part && chatForms.after(request(), forms, part);
		};
		const { answer: read, forms } = await negotiate(known.forms ?? {}, send, next);
		this.#learn(abilities, read, forms, most);
		return read.answer;
	}

	/** @param most tokens of an answer. */
	#learn(
		abilities: Abilities<ChatAbilities>,
		{ model, thoughtsOnly }: ReadAnswer,
		forms: Forms,
		most: number,
	): void {
		const { forms: before = {}, maxTokens, answeredBy } = abilities.known;
		const { thinking = 0 } = forms;
		// The next request tells the model not to think.
		const now = thoughtsOnly && thinking < thinkingSwitches ? { ...forms, thinking: thinking + 1 } : forms;
		// What another model behind the same name could not do, this one may be able to.
		if (answeredBy !== undefined && model !== undefined && answeredBy !== model)
			abilities.learn({ answeredBy: model, forms: {}, maxTokens: undefined, contextLength: undefined });
		else if (!isDeepStrictEqual(before, now) || most !== (maxTokens ?? Number.POSITIVE_INFINITY))
			abilities.learn({
				answeredBy: model,
				forms: now,
				...(Number.isFinite(most) ? { maxTokens: most } : {}),
			});
	}

	#answer(
		completion: unknown,
		{ system, user }: ChatMessages,
		endpoint: HttpEndpoint,
		abilities: Abilities<ChatAbilities>,
	): ReadAnswer {
		const fields = { role: "chat", url: requestUrl(endpoint, "chat") } as const;
		const choices = isRecord(completion) && Array.isArray(completion.choices) ? completion.choices : [];
		const [choice] = choices as unknown[];
		const message = isRecord(choice) && isRecord(choice.message) ? choice.message : {};
		const error = [completion, choice, message].map((part) => isRecord(part) && part.error).find(Boolean);
		if (error) {
			const context = { endpoint, ...fields, texts: [user] };
			throw errorOfAnswer(context, 200, () => null, JSON.stringify({ error }));
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
			abilities.learn({ contextLength: usage + this.maxTokens, contextAt: Date.now() });
			const { provider, baseUrl } = endpoint;
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
		const truncated = atTheLimit.test(reason);
		const thoughts = [message.reasoning_content, message.reasoning, Array.isArray(message.content)];
		return {
			thoughtsOnly:
				truncated && (text.trim() === "" ? thoughts.some(Boolean) : /^\s*<think(?!.*<\/think)/is.test(text)),
			model: answeringModel(completion),
			answer: {
				text,
				truncated,
				...(interruption === undefined
					? {}
					: { interruption: repeatable(String(interruption), redactorOf(endpoint), [user]) }),
			},
		};
	}
}

/** Tokens that are left for an answer. */
function roomFor({ system, user }: ChatMessages, contextLength: number): number {
	return contextLength - estimatedTokens(system + user) - templateTokens;
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
