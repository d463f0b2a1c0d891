import assert from "node:assert/strict";
import type { EndpointRole } from "../../../src/config/endpoints.ts";
import type { EndpointErrorKind } from "../../../src/endpoints/endpointError.ts";
import { errorOfAnswer } from "../../../src/endpoints/openai/errorOfAnswer.ts";

const tooLarge = "too-large";
const batch = "batch-too-large";
const answer = "answer-too-long";

type Row = readonly [family: string, message: string, kind: EndpointErrorKind, limit?: number];

/** What servers really say. */
const chatLimits: readonly Row[] = [
	[
		"OpenAI",
		"max_tokens is too large: 6000. This model supports at most 4096 completion tokens, whereas you provided 6000.",
		answer,
		4096,
	],
	[
		"Groq",
		"`max_tokens` must be less than or equal to `1024`, the maximum value for `max_tokens` is less than the `context_window` for this model",
		answer,
		1024,
	],
	["DeepSeek", "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", answer, 8192],
	[
		"DashScope",
		"<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]",
		answer,
		8192,
	],
	[
		"Volcengine",
		"The parameter `max_completion_tokens` specified in the request are not valid: integer above maximum value, expected a value <= 12288, but got 32000 instead. Request id: 02177529",
		answer,
		12288,
	],
	[
		"Anthropic",
		"max_tokens: 10000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet-20241022",
		answer,
		8192,
	],
	[
		"Bedrock behind LiteLLM",
		"The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096.",
		answer,
		4096,
	],
	[
		"Gemini on Vertex",
		"Unable to submit request because it has a maxOutputTokens value of 100000 but the supported range is from 1 (inclusive) to 8193 (exclusive). Update the value and try again.",
		answer,
		8192,
	],
	[
		"Cohere",
		"too many tokens: max tokens must be less than or equal to 4096, the maximum output for this model - received 10000.",
		answer,
		4096,
	],
	["FastAPI", "body.max_tokens: Input should be less than or equal to 4096", answer, 4096],
	["a server without a number", "max_tokens is too large", answer],
	[
		"Together",
		"`inputs` tokens + `max_new_tokens` must be <= 4097. Given: 67 `inputs` tokens and 4096 `max_new_tokens`",
		tooLarge,
		4097,
	],
	[
		"vLLM",
		"'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 4096 tokens and your request has 25 input tokens (32000 > 4096 - 25).",
		tooLarge,
		4096,
	],
	[
		"OpenAI and Azure",
		"This model's maximum context length is 4097 tokens. However, you requested 4137 tokens (137 in the messages, 4000 in the completion).",
		tooLarge,
		4097,
	],
	[
		"OpenRouter",
		"This endpoint's maximum context length is 8192 tokens. However, you requested about 10013 tokens (13 of text input, 10000 in the output).",
		tooLarge,
		8192,
	],
	[
		"Mistral",
		"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
		tooLarge,
		32768,
	],
	[
		"llama.cpp",
		"request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
		tooLarge,
		4096,
	],
	[
		"llama.cpp, earlier",
		"the request exceeds the available context size. try increasing the context size or enable context shift",
		tooLarge,
	],
	[
		"Gemini",
		"The input token count (2845475) exceeds the maximum number of tokens allowed (1048576).",
		tooLarge,
		1048576,
	],
	["Anthropic's prompts", "prompt is too long: 210000 tokens > 200000 maximum", tooLarge, 200000],
	[
		"LM Studio",
		"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.",
		tooLarge,
		4096,
	],
	["Groq's prompts", "Please reduce the length of the messages or completion.", tooLarge],
	[
		"LiteLLM",
		"litellm.ContextWindowExceededError: This model's maximum context length is 8192 tokens.",
		tooLarge,
		8192,
	],
	["llama-cpp-python", "Requested tokens exceed context window of 512", tooLarge, 512],
];

const embeddingLimits: readonly Row[] = [
	["TEI", "batch size 64 > maximum allowed batch size 32", batch, 32],
	["SiliconFlow", "input batch size 136 > maximum allowed batch size 64", batch, 64],
	[
		"DashScope",
		"<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not be larger than 10.: input.contents",
		batch,
		10,
	],
	["Gemini", "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch", batch, 100],
	[
		"OpenAI",
		"Invalid 'input': array too long. Expected an array with maximum length 2048, but got an array with length 3000 instead.",
		batch,
		2048,
	],
	[
		"Azure",
		"Too many inputs for model None. The max number of inputs is 1.  We hope to increase the number of inputs per request soon.",
		batch,
		1,
	],
	["Cohere", "invalid request: total number of texts must be at most 96, received 100.", batch, 96],
	["Mistral's tokens", "Too many tokens in batch. Max is 16384 got 17555", batch],
	["Mistral", "Too many tokens overall, split into more batches.", batch],
	["OpenAI's tokens", "Requested 350000 tokens, max 300000 tokens per request", batch],
	["Zhipu", "input数组最大不得超过64条", batch, 64],
	["Voyage", "The batch size limit is 128. Your batch size is 200.", batch, 128],
	["Pydantic", "List should have at most 2048 items after validation, not 3000", batch, 2048],
	[
		"OpenAI's texts",
		"This model's maximum context length is 8192 tokens, however you requested 25701 tokens (25701 in your prompt; 0 for the completion). Please reduce your prompt; or completion length.",
		tooLarge,
		8192,
	],
	["TEI's texts", "`inputs` must have less than 512 tokens. Given: 700", tooLarge, 512],
	["SiliconFlow's texts", "input must have less than 512 tokens", tooLarge, 512],
	[
		"vLLM's texts",
		"This model's maximum context length is 512 tokens. However, you requested 600 tokens in the input for embedding generation. Please reduce the length of the input.",
		tooLarge,
		512,
	],
	[
		"llama.cpp's texts",
		"input (700 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
		tooLarge,
		512,
	],
	[
		"llama.cpp's texts, earlier",
		"input is too large to process, please increase the physical batch size",
		tooLarge,
	],
	["Ollama's texts", "the input length exceeds the context length", tooLarge],
	[
		"DashScope's texts",
		"<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 8192]",
		tooLarge,
		8192,
	],
	["Gemini's texts", "The input token count is 3000 but the model supports up to 2048.", tooLarge, 2048],
	["Mistral's texts", "Input id 0 has 9000 tokens, exceeding max 8192 tokens.", tooLarge, 8192],
];

const chatParts: Readonly<Record<string, readonly string[]>> = {
	stream: [
		"This model only support stream mode, please enable the stream parameter to access the model. ",
		"Streaming is required for operations that may take longer than 10 minutes",
		"Non-streaming requests are not supported",
		"Stream must be set to true",
	],
	thinking: [
		"parameter.enable_thinking must be set to false for non-streaming calls",
		"parameter.enable_thinking必须设置为false才能进行非流式调用",
		"The value of the enable_thinking parameter is restricted to True.",
		"enable thinking can not be support when `stream=False`.",
		"Unrecognized request arguments supplied: chat_template_kwargs, enable_thinking",
	],
	system: [
		"Conversation roles must alternate user/assistant/user/assistant/...",
		"After the optional system message, conversation roles must alternate user/assistant/user/assistant/...",
		"System role not supported",
		"Only user and assistant roles are supported!",
		"Unsupported value: 'messages[0].role' does not support 'system' with this model.",
		"Developer instruction is not enabled for models/gemma-3-27b-it",
	],
	max_tokens: [
		"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
		"Unrecognized request argument supplied: max_completion_tokens",
		"body.max_completion_tokens: Extra inputs are not permitted",
	],
	temperature: [
		"Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
		"`temperature` may only be set to 1 when thinking is enabled.",
	],
	response_format: [
		"'response_format.type' must be 'json_schema' or 'text'",
		"This response_format type is unavailable now",
	],
};
const embeddingParts: typeof chatParts = {
	encoding_format: [
		"extra fields not permitted: ['encoding_format']",
		"litellm.UnsupportedParamsError: ollama does not support parameters: {'encoding_format': 'float'}, for model=bge-m3. To drop these, set `litellm.drop_params=True`",
		"Invalid value for 'encoding_format' = float. Supported values: ['base64'].",
	],
	dimensions: [
		'Model "bge" does not support matryoshka representation, changing output dimensions will lead to poor results.',
	],
};

const endpoint = {
	provider: "openai",
	baseUrl: "http://models.local/v1",
	apiKey: undefined,
	model: "any",
	headers: {},
} as const;
const understood = (role: EndpointRole, body: unknown, status = 400) =>
	errorOfAnswer(
		{ endpoint, role, url: "http://models.local/v1/x" },
		status,
		() => null,
		JSON.stringify(body),
	);

describe("A limit of a server", () => {
	const table = { chat: chatLimits, embedding: embeddingLimits };
	for (const role of ["chat", "embedding"] as const)
		for (const [family, message, kind, limit] of table[role])
			it(`is understood, with its number: ${family} (${role})`, () => {
				for (const status of [400, 422, 500]) {
					const error = understood(role, { error: { message } }, status);
					assert.deepEqual([error.kind, error.limit], [kind, limit]);
				}
			});

	it("is understood from what stands beside the message, or in a list", () => {
		const raw = JSON.stringify({
			error: { message: "max_tokens is too large: 9. This model supports at most 8 completion tokens" },
		});
		const behind = { error: { message: "Provider returned error", code: 400, metadata: { raw } } };
		assert.deepEqual([understood("chat", behind).kind, understood("chat", behind).limit], [answer, 8]);
		const size = { error: { message: "the request exceeds the available context size", n_ctx: 4096 } };
		assert.equal(understood("chat", size).limit, 4096);
		const list = [{ error: { code: 400, message: "at most 100 requests can be in one batch" } }];
		assert.equal(understood("embedding", list).limit, 100);
	});
});

describe("A part of a request that a server refuses", () => {
	const table = { chat: chatParts, embedding: embeddingParts };
	for (const role of ["chat", "embedding"] as const)
		for (const [parameter, messages] of Object.entries(table[role]))
			for (const message of messages)
				it(`is understood: ${parameter}, “${message.slice(0, 60)}”`, () => {
					for (const status of [400, 422, 500])
						assert.equal(understood(role, { error: { message } }, status).parameter, parameter);
				});

	it("is none where a server fails for another reason", () => {
		for (const message of ["out of memory", "CPU temperature too high", "upstream stream closed"])
			assert.equal(understood("chat", { error: { message } }, 500).kind, "server-error");
	});

	it("is not the whole answer where a server cannot stream", () => {
		for (const message of [
			"Streaming is not supported: stream must be false",
			"Please set stream to false",
			"stream must be set to false",
		])
			assert.equal(understood("chat", { error: { message } }, 400).parameter, undefined, message);
	});
});
