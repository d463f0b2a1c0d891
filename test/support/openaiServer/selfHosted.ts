import { flat, localaiNumbered, numbered, ollamaNested, teiFlat, worded } from "./errors.ts";
import type { FamilyOfItsOwn } from "./quirks.ts";
import { bare, json, text } from "./types.ts";

const startWithEmbeddings = "This server does not support embeddings. Start it with `--embeddings`";

const vllm: FamilyOfItsOwn = {
	error: flat,
	dimensions: "refused",
	unauthorized: () => json(401, { error: "Unauthorized" }),
	unknownPath: () => json(404, { detail: "Not Found" }),
	unknownModel: (model) => flat(404, `The model \`${model}\` does not exist.`),
	notEmbedding: () => flat(400, "The model does not support Embeddings API"),
	promptTooLong: (limit, given) =>
		flat(
			400,
			`This model's maximum context length is ${limit} tokens. However, you requested ${given} tokens in the messages, Please reduce the length of the messages.`,
		),
	inputTooLong: (limit, given) =>
		flat(
			400,
			`This model's maximum context length is ${limit} tokens. However, you requested ${given} tokens in the input for embedding generation. Please reduce the length of the input.`,
		),
	dimensionsRefused: (model) =>
		flat(
			400,
			`Model "${model}" does not support matryoshka representation, changing output dimensions will lead to poor results.`,
		),
};

const lmstudio: FamilyOfItsOwn = {
	error: worded,
	jsonModes: ["json_schema"],
	alwaysFloats: true,
	unauthorized: () =>
		json(401, {
			error: {
				type: "invalid_request",
				code: "invalid_api_key",
				message:
					"An LM Studio API token is required to make requests to this server, but none was provided using the Authorization header using the 'Bearer' scheme (i.e., 'Authorization: Bearer $LM_API_TOKEN').",
			},
		}),
	unknownPath: (method, path) => json(200, { error: `Unexpected endpoint or method. (${method} ${path})` }),
	unknownModel: (model, _role, models) =>
		json(404, {
			error: {
				message: `Model "${model}" not found. Please specify a valid model.\n\nYour models:\n\n${models.join("\n")}`,
				type: "invalid_request_error",
				param: "model",
				code: "model_not_found",
			},
		}),
	notEmbedding: (model) =>
		json(404, {
			error: {
				message: `Failed to load model "${model}". Error: Model is not embedding.`,
				type: "invalid_request_error",
				param: "model",
				code: "model_not_found",
			},
		}),
	promptTooLong: (limit, given) =>
		worded(
			400,
			`Trying to keep the first ${given} tokens when context the overflows. However, the model is loaded with context length of only ${limit} tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input. Error Data: n/a, Additional Data: n/a`,
		),
	formatRefused: () => worded(400, "'response_format.type' must be 'json_schema' or 'text'"),
};

const ollama: FamilyOfItsOwn = {
	error: ollamaNested,
	truncates: true,
	maxCompletionTokens: false,
	dimensions: "honoured",
	unauthorized: () => json(401, { error: "unauthorized" }),
	unknownPath: () => text(404, "404 page not found"),
	unknownModel: (model) => ollamaNested(404, `model "${model}" not found, try pulling it first`),
	notEmbedding: () => ollamaNested(501, startWithEmbeddings),
	inputTooLong: () => ollamaNested(400, "the input length exceeds the context length"),
};

const llamacpp: FamilyOfItsOwn = {
	error: numbered,
	anyModel: true,
	openModels: true,
	unauthorized: () => numbered(401, "Invalid API Key"),
	unknownPath: () => numbered(404, "File Not Found"),
	unknownModel: (model) => numbered(404, `model '${model}' not found`),
	notEmbedding: () => numbered(501, startWithEmbeddings),
	promptTooLong: (limit, given) =>
		json(400, {
			error: {
				code: 400,
				message: `the request exceeds the available context size (${limit} tokens), try increasing it`,
				type: "exceed_context_size_error",
				n_prompt_tokens: given,
				n_ctx: limit,
			},
		}),
	inputTooLong: (limit, given) =>
		numbered(
			500,
			`input (${given} tokens) is too large to process. increase the physical batch size (current batch size: ${limit})`,
		),
};

const tei: FamilyOfItsOwn = {
	error: teiFlat,
	chat: false,
	anyModel: true,
	jsonModes: [],
	refusesEmptyInput: true,
	maxBatch: 32,
	unauthorized: () => bare(401),
	unknownPath: () => bare(404),
	unknownModel: (model) => teiFlat(404, `Model ${model} not found`),
	inputTooLong: (limit, given) =>
		teiFlat(413, `Input validation error: \`inputs\` must have less than ${limit} tokens. Given: ${given}`),
	batchTooLarge: (limit, given) =>
		teiFlat(422, `batch size ${given} > maximum allowed batch size ${limit}`, { type: "Validation" }),
};

const localai: FamilyOfItsOwn = {
	error: localaiNumbered,
	unauthorized: () => bare(401),
	unknownPath: () => localaiNumbered(404, "Resource not found"),
	unknownModel: (model) => localaiNumbered(404, `model "${model}" not found`),
	notEmbedding: () => localaiNumbered(500, `rpc error: code = Unimplemented desc = ${startWithEmbeddings}`),
	promptTooLong: (limit) =>
		localaiNumbered(
			500,
			`rpc error: code = Internal desc = the request exceeds the available context size (${limit} tokens), try increasing it`,
		),
	inputTooLong: (limit, given) =>
		localaiNumbered(
			500,
			`rpc error: code = Internal desc = input (${given} tokens) is too large to process. increase the physical batch size (current batch size: ${limit})`,
		),
};

/** Servers on people's own machines. */
export const selfHosted = { vllm, lmstudio, ollama, llamacpp, tei, localai };
