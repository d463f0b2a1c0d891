/** Server software that speaks the OpenAI API, each in its own way. */
export const families = [
	"openai",
	"vllm",
	"lmstudio",
	"ollama",
	"llamacpp",
	"litellm",
	"tei",
	"azure",
	"openrouter",
	"localai",
] as const;

export type Family = (typeof families)[number];

/** What a request is for, by the end of its path, so that requests to a wrong base path count too. */
export type Role = "chat" | "embeddings" | "models";

export type JsonMode = "json_schema" | "json_object";

export interface ChatMessage {
	readonly role: string;
	/** Parts of a message are joined to one text. */
	readonly content: string;
}

/** What a scripted chat model gets; the raw request is in `OpenAiServer.requests`. */
export interface ChatRequest {
	readonly model: string;
	/** As the model sees them: a server that truncates silently has cut them before. */
	readonly messages: readonly ChatMessage[];
	readonly response_format?: { readonly type: string; readonly json_schema?: unknown };
	readonly temperature?: number;
	readonly max_tokens?: number;
	readonly max_completion_tokens?: number;
}

export interface Usage {
	readonly prompt_tokens: number;
	readonly completion_tokens: number;
	readonly total_tokens: number;
}

export interface ChatReply {
	readonly content: string | null;
	/** Default: "stop"; "length" where the request's limit of tokens cuts the content. */
	readonly finish_reason?: string;
	/** In the place of the content, as OpenAI's models refuse. */
	readonly refusal?: string;
	/** An error inside the choice, as OpenRouter reports those of its providers. */
	readonly error?: { readonly message: string; readonly code?: number };
	/** Default: counted, four characters a token. */
	readonly usage?: Usage;
}

export interface OpenAiServerOptions {
	/** Default: "openai". */
	readonly family?: Family;
	/** When set, requests without it get the family's 401. Azure reads the header `api-key`, the others `Authorization: Bearer`. */
	readonly apiKey?: string;
	/** Default: the family's own, "/v1" for most. */
	readonly basePath?: string;
	/** Default: `test-chat`. */
	readonly chatModels?: readonly string[];
	/** Default: `test-embed`. Every other name is an embedding space of its own: same cosines, other directions. */
	readonly embeddingModels?: readonly string[];
	/** The model that an embeddings answer names. Default: the one that made it. */
	readonly answersAs?: string;
	/** Width of the embeddings; default 512, the built-in model's own. */
	readonly dimensions?: number;
	/** The chat model; default `distil`. What it throws is answered as the family's error 500. */
	readonly chat?: (request: ChatRequest) => ChatReply | Promise<ChatReply>;
	/** Milliseconds before each answer. */
	readonly delay?: number;
	/** For restarting a server that was closed; default: a free port. */
	readonly port?: number;
	/** Tokens (four characters each): longer prompts get the family's error; Ollama keeps their end and says nothing. */
	readonly contextLength?: number;
	/** Inputs of one embedding request; default: none, but 32 for text-embeddings-inference. */
	readonly maxBatch?: number;
	/** Tokens of one embedding input. */
	readonly maxInputTokens?: number;
	/** The types of `response_format` that are taken, "text" apart; default: the family's own. */
	readonly jsonModes?: readonly JsonMode[];
	/** As OpenAI's gpt-5 and o-series do. */
	readonly refuseMaxTokens?: boolean;
	/** As OpenAI's gpt-5 and o-series do, unless it is 1. */
	readonly refuseTemperature?: boolean;
	/** Default: true for vLLM and LiteLLM. */
	readonly refuseDimensions?: boolean;
	/** Answers base64 whatever `encoding_format` says. */
	readonly base64Unasked?: boolean;
}

export interface RecordedRequest {
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	/** With its question mark, or empty. */
	readonly query: string;
	readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
	/** Parsed JSON, else the text itself; undefined where there is none or the connection was refused. */
	readonly body: unknown;
	/** Date.now() on arrival. */
	readonly at: number;
}

/** What a server answers. */
export interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
	return {
		status,
		headers: { "Content-Type": "application/json", ...headers },
		body: JSON.stringify(value),
	};
}

export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
	const type = body.startsWith("<") ? "text/html" : "text/plain";
	return { status, headers: { "Content-Type": `${type}; charset=utf-8`, ...headers }, body };
}

/** Some servers answer 401 and 404 with a status and nothing else. */
export function bare(status: number): Answer {
	return { status, headers: {}, body: "" };
}

/** The usual estimate: four characters per token. */
export function tokens(characters: number): number {
	return Math.ceil(characters / 4);
}
