import type { ChatEndpoint } from "../../config/endpoints.ts";
import type { ChatMessages, JsonSchema } from "../chatModel.ts";
import { EndpointError, type RefusedParameter } from "../endpointError.ts";

interface ChatRequest {
	readonly endpoint: Pick<ChatEndpoint, "model" | "temperature">;
	readonly messages: ChatMessages;
	/** Tokens. */
	readonly maxTokens: number;
	/** A JSON schema, or another `response_format`. */
	readonly schema?: JsonSchema | undefined;
}

interface EmbeddingRequest {
	readonly model: string;
	readonly input: string | readonly string[];
	readonly dimensions?: number | undefined;
}

/** A part of a request that some servers refuse. */
interface Part<Request> {
	/** Matches the refusal in the words of each family. */
	readonly refused: RegExp;
	/** The part as fields of the request's body: as we like it best, and what to try after each refusal. */
	readonly forms: (request: Request) => readonly object[];
}

type Parts<Request> = Readonly<Partial<Record<RefusedParameter, Part<Request>>>>;

const noThinking = { enable_thinking: false };
/** Forms of `thinking` that keep a model from thinking; the one after them lets it think. */
export const thinkingSwitches = 3;

/** Parts whose refusal quotes another part come before it. */
const chatParts: Parts<ChatRequest> = {
	thinking: {
		refused: /enable[_ ]thinking|chat_template_kwargs|reasoning_effort/i,
		forms: () => [
			{},
			// DashScope, and vLLM, SGLang and llama.cpp.
			{ ...noThinking, chat_template_kwargs: noThinking },
			noThinking,
			{ reasoning_effort: "low" },
			// Some of DashScope's models always think, and then only answer as a stream.
			{ stream: true },
		],
	},
	stream: {
		refused:
			/(only|must|please|needs?|requires?|has to)[^.]{0,60}\bstream(?![^.]{0,30}\b(to|be) false)|\bstream[^.]{0,30}(required|must be(?! (set to )?false)|to true)|non-?stream[^.]{0,60}(not|n't|un-?)\s*(be )?support|[仅只]支持流/i,
		forms: () => [{}, { stream: true }],
	},
	system: {
		refused:
			/system\W{0,3}(role|message|prompt|instruction)?s?\b[^.]{0,60}(not|n't|un-?)\s*(be )?(support|allow|enabl|permit)|not support\w*[^.]{0,20}\bsystem\b|roles? must (strictly )?alternate|only user and assistant roles|developer instruction is not enabled|(begin|start|first message)[^.]{0,40}\buser\b/i,
		forms: ({ messages: { system, user } }) => {
			const merged = { messages: [{ role: "user", content: system ? `${system}\n\n${user}` : user }] };
			const apart = [
				{ role: "system", content: system },
				...merged.messages.map(({ role }) => ({ role, content: user })),
			];
			return system ? [{ messages: apart }, merged] : [merged];
		},
	},
	max_tokens: {
		refused:
			/max_(completion_)?tokens.*(unsupported|not (supported|permitted|allowed|compatible)|unrecognized|unknown|extra|instead|deprecated|forbidden)|(unsupported|not support|unrecognized|unknown|extra|forbidden).*max_(completion_)?tokens/is,
		forms: ({ maxTokens }) => [{ max_tokens: maxTokens }, { max_completion_tokens: maxTokens }, {}],
	},
	temperature: {
		refused: /temperature/i,
		forms: ({ endpoint: { temperature } }) => [{ temperature }, {}],
	},
	response_format: {
		refused:
			/response[_ ]?(format|mime ?type|schema)|json_object|json_?schema|json mode|structured[ _]outputs?|guided|grammar/i,
		forms: ({ schema }) => {
			if (!schema) return [{}];
			const json_schema = { name: schema.name, strict: true, schema: { ...schema.schema } };
			return [
				{ response_format: { type: "json_schema", json_schema } },
				{ response_format: { type: "json_object" } },
				{},
			];
		},
	},
};

const embeddingParts: Parts<EmbeddingRequest> = {
	encoding_format: { refused: /encoding[_ ]?format/i, forms: () => [{ encoding_format: "float" }, {}] },
	dimensions: {
		refused: /dimensions|matryoshka|output_dimension/i,
		forms: ({ dimensions }) => (dimensions === undefined ? [{}] : [{ dimensions }, {}]),
	},
};

/** The form that each part of a request takes, by its number. Default: the first. */
export type Forms = Readonly<Partial<Record<RefusedParameter, number>>>;

/** The requests of one role, and what can be changed in them for servers that do not take everything. */
class RequestForms<Request> {
	readonly #parts: Parts<Request>;
	readonly #fixed: (request: Request) => object;

	/** @param fixed what every body has. */
	constructor(parts: Parts<Request>, fixed: (request: Request) => object) {
		this.#parts = parts;
		this.#fixed = fixed;
	}

	/** The part that a server's message refuses. */
	refusedBy(message: string): RefusedParameter | undefined {
		return this.#entries.find(([, { refused }]) => refused.test(message))?.[0];
	}

	body(request: Request, forms: Forms): object {
		const chosen = this.#entries.map(([name, part]) => {
			const all = part.forms(request);
			return all[Math.min(forms[name] ?? 0, all.length - 1)];
		});
		return Object.assign(this.#fixed(request), ...chosen) as object;
	}

	/** The forms to try after a part was refused; undefined if it has no other. */
	after(request: Request, forms: Forms, refused: RefusedParameter): Forms | undefined {
		const next = (forms[refused] ?? 0) + 1;
		return next < (this.#parts[refused]?.forms(request).length ?? 0)
			? { ...forms, [refused]: next }
			: undefined;
	}

	get #entries() {
		return Object.entries(this.#parts) as [RefusedParameter, Part<Request>][];
	}
}

export const chatForms = new RequestForms(chatParts, ({ endpoint: { model } }) => ({ model }));
export const embeddingForms = new RequestForms(embeddingParts, ({ model, input }) => ({ model, input }));

/**
 * Sends a request, and sends it again in another form as long as the server refuses a part of it that has one. What was
 * learned earlier may have been another server's: if all else fails, the best form is tried again, once.
 * @param next the forms to try after an error; undefined if no other form would help.
 * @returns the answer, and the forms in which the request was taken.
 */
export async function negotiate<T>(
	learned: Forms,
	send: (forms: Forms) => Promise<T>,
	next: (error: EndpointError, forms: Forms) => Forms | undefined,
): Promise<{ readonly answer: T; readonly forms: Forms }> {
	let forms = learned;
	let first: EndpointError | undefined;
	let startedOver = Object.values(learned).every((form) => form === 0);
	for (;;) {
		try {
			return { answer: await send(forms), forms };
		} catch (error) {
			if (!(error instanceof EndpointError)) throw error;
			const refused = error.kind === "rejected" || error.kind === "unsupported";
			if (error.kind === "rejected") first ??= error;
			const other = next(error, forms);
			if (other) forms = other;
			else if (refused && !startedOver) {
				startedOver = true;
				forms = {};
			} else throw error.kind === "rejected" ? first : error;
		}
	}
}
