import { createHash } from "node:crypto";
import { azureGateway, nested, openrouterNumbered, stringly } from "./errors.ts";
import type { FamilyOfItsOwn } from "./quirks.ts";
import { json, text } from "./types.ts";

const nginx404 =
	"<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/** Keys are quoted back with most of them starred out. */
function starred(key: string): string {
	return `${key.slice(0, 3)}${"*".repeat(8)}${key.slice(-4)}`;
}

const openai: FamilyOfItsOwn = {
	error: nested,
	wantsWordJson: true,
	dimensions: "honoured",
	refusesEmptyInput: true,
	unauthorized: (key) =>
		key === undefined
			? nested(
					401,
					"You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). You can obtain an API key from https://platform.openai.com/account/api-keys.",
				)
			: nested(
					401,
					`Incorrect API key provided: ${starred(key)}. You can find your API key at https://platform.openai.com/account/api-keys.`,
					{ code: "invalid_api_key" },
				),
	unknownPath: (method, path, inBase) =>
		inBase ? nested(404, `Invalid URL (${method} ${path})`) : text(404, nginx404),
	unknownModel: (model) =>
		nested(404, `The model \`${model}\` does not exist or you do not have access to it.`, {
			code: "model_not_found",
		}),
	notEmbedding: () => nested(403, "You are not allowed to generate embeddings from this model"),
	batchTooLarge: (limit, given) =>
		nested(
			400,
			`Invalid 'input': array too long. Expected an array with maximum length ${limit}, but got an array with length ${given} instead.`,
			{ param: "input", code: "array_above_max_length" },
		),
};

const noDeployment = () =>
	azureGateway(
		404,
		"DeploymentNotFound",
		"The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
	);

const azure: FamilyOfItsOwn = {
	...openai,
	basePath: "/openai",
	unauthorized: () =>
		azureGateway(
			401,
			"401",
			"Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
		),
	unknownPath: () => azureGateway(404, "404", "Resource not found"),
	unknownModel: noDeployment,
	notEmbedding: () =>
		azureGateway(
			400,
			"OperationNotSupported",
			"The embeddings operation does not work with the specified model. Please choose different model and try again.",
		),
};

const openrouter: FamilyOfItsOwn = {
	error: openrouterNumbered,
	basePath: "/api/v1",
	openModels: true,
	dimensions: "honoured",
	unauthorized: (key) =>
		openrouterNumbered(401, key === undefined ? "No auth credentials found" : "User not found."),
	unknownPath: () =>
		text(404, "<!DOCTYPE html><html><head><title>Not Found | OpenRouter</title></head></html>"),
	unknownModel: (model) =>
		json(400, { error: { message: `${model} is not a valid model ID`, code: 400 }, user_id: "user_test" }),
	promptTooLong: (limit, given) =>
		openrouterNumbered(
			400,
			`This endpoint's maximum context length is ${limit} tokens. However, you requested about ${given} tokens (${given} of text input). Please reduce the length of either one, or use the "middle-out" transform to compress your prompt automatically.`,
		),
};

const litellm: FamilyOfItsOwn = {
	error: stringly,
	dimensions: "refused",
	unauthorized(key) {
		if (key === undefined)
			return stringly(401, "Authentication Error, No api key passed in.", { type: "auth_error" });
		if (!key.startsWith("sk-"))
			return stringly(
				401,
				`Authentication Error, LiteLLM Virtual Key expected. Received=${starred(key)}, expected to start with 'sk-'.`,
				{ type: "auth_error" },
			);
		const hash = createHash("sha256").update(key).digest("hex");
		return stringly(
			401,
			`Authentication Error, Invalid proxy server token passed. Received API Key = sk-...${key.slice(-4)}, Key Hash (Token) =${hash}. Unable to find token in cache or \`LiteLLM_VerificationTokenTable\``,
			{ type: "token_not_found_in_db", param: "key" },
		);
	},
	unknownPath: () => json(404, { detail: "Not Found" }),
	unknownModel: (model, role) =>
		stringly(
			400,
			`${role === "chat" ? "/chat/completions" : "/embeddings"}: Invalid model name passed in model=${model}. Call \`/v1/models\` to view available models for your key.`,
			{ type: "invalid_request_error", param: "model" },
		),
	promptTooLong: (limit, given) =>
		stringly(
			400,
			`litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: OpenAIException - This model's maximum context length is ${limit} tokens. However, your messages resulted in ${given} tokens. Please reduce the length of the messages.`,
		),
	inputTooLong: (limit, given) =>
		stringly(
			400,
			`litellm.BadRequestError: OpenAIException - This model's maximum context length is ${limit} tokens, however you requested ${given} tokens (${given} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.`,
		),
	dimensionsRefused: () =>
		stringly(
			400,
			"litellm.UnsupportedParamsError: Setting dimensions is not supported for OpenAI `text-embedding-3` and later models. To drop it from the call, set `litellm.drop_params = True`.",
		),
};

/** Services and gateways. */
export const hosted = { openai, azure, openrouter, litellm };
