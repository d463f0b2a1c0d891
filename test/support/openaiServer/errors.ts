import { type Answer, json } from "./types.ts";

export interface Detail {
	readonly type?: string;
	readonly code?: string | number | null;
	readonly param?: string | null;
}

/** How a family words an error of any status. */
export type ErrorShape = (status: number, message: string, detail?: Detail) => Answer;

function typeOf(status: number, types: Readonly<Record<number, string>>, otherwise: string): string {
	return types[status] ?? otherwise;
}

const openaiTypes = { 429: "requests", 500: "server_error", 502: "server_error", 503: "server_error" };

/** OpenAI's: `{error: {message, type, param, code}}`. */
export const nested: ErrorShape = (status, message, detail = {}) =>
	json(status, {
		error: {
			message,
			type: detail.type ?? typeOf(status, openaiTypes, "invalid_request_error"),
			param: detail.param ?? null,
			code: detail.code ?? (status === 429 ? "rate_limit_exceeded" : null),
		},
	});

const ollamaTypes = { 400: "invalid_request_error", 404: "not_found_error" };

/** Ollama's of its OpenAI paths: nested, with a type that follows the status and never a code. */
export const ollamaNested: ErrorShape = (status, message) =>
	json(status, {
		error: { message, type: typeOf(status, ollamaTypes, "api_error"), param: null, code: null },
	});

const vllmTypes = {
	400: "BadRequestError",
	404: "NotFoundError",
	429: "TooManyRequestsError",
	501: "NotImplementedError",
};

/** vLLM's before it followed OpenAI: no `error` at all. */
export const flat: ErrorShape = (status, message, detail = {}) =>
	json(status, {
		object: "error",
		message,
		type: detail.type ?? typeOf(status, vllmTypes, "InternalServerError"),
		param: detail.param ?? null,
		code: status,
	});

/** LM Studio's: `error` is a string. */
export const worded: ErrorShape = (status, message) => json(status, { error: message });

const llamacppTypes = {
	400: "invalid_request_error",
	401: "authentication_error",
	404: "not_found_error",
	501: "not_supported_error",
	503: "unavailable_error",
};

/** llama.cpp's: the status is in the body too. */
export const numbered: ErrorShape = (status, message, detail = {}) =>
	json(status, {
		error: { code: status, message, type: detail.type ?? typeOf(status, llamacppTypes, "server_error") },
	});

/** LiteLLM's: everything is a string, also `code` and what is missing. */
export const stringly: ErrorShape = (status, message, detail = {}) =>
	json(status, {
		error: {
			message,
			type: detail.type ?? "None",
			param: detail.param ?? "None",
			code: String(detail.code ?? status),
		},
	});

const teiTypes = { 422: "Tokenizer", 424: "Backend", 429: "Overloaded", 503: "Unhealthy" };

/** text-embeddings-inference's on its OpenAI path. */
export const teiFlat: ErrorShape = (status, message, detail = {}) =>
	json(status, { message, code: status, type: detail.type ?? typeOf(status, teiTypes, "Validation") });

/** OpenRouter's: a number as code, no type. */
export const openrouterNumbered: ErrorShape = (status, message) =>
	json(status, { error: { message, code: status } });

/** LocalAI's: a number as code, the type left empty. */
export const localaiNumbered: ErrorShape = (status, message, detail = {}) =>
	json(status, { error: { code: status, message, type: detail.type ?? "" } });

/** The errors of Azure's gateway, before a request reaches a model. */
export function azureGateway(status: number, code: string, message: string): Answer {
	return json(status, { error: { code, message } });
}
