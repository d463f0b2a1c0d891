import type { ErrorShape } from "./errors.ts";
import { hosted } from "./hosted.ts";
import { selfHosted } from "./selfHosted.ts";
import type { Answer, Family, JsonMode, Role } from "./types.ts";

/** How a server differs from others. */
export interface Quirks {
	readonly basePath: string;
	readonly jsonModes: readonly JsonMode[];
	readonly chat: boolean;
	/** Serves its one model, whatever `model` names. */
	readonly anyModel: boolean;
	/** Lists its models without a key, so that the list says nothing about the key. */
	readonly openModels: boolean;
	/** `json_object` only where the prompt has the word JSON. */
	readonly wantsWordJson: boolean;
	/** Keeps the end of a prompt that is too long and says nothing. */
	readonly truncates: boolean;
	/** Takes `max_completion_tokens` for `max_tokens`. */
	readonly maxCompletionTokens: boolean;
	readonly dimensions: "honoured" | "ignored" | "refused";
	/** Returns floats, whatever `encoding_format` says. */
	readonly alwaysFloats: boolean;
	readonly refusesEmptyInput: boolean;
	readonly maxBatch: number;
	/** Any other error. */
	readonly error: ErrorShape;
	/** @param key what was sent; undefined where nothing was. */
	readonly unauthorized: (key: string | undefined) => Answer;
	readonly unknownPath: (method: string, path: string, inBase: boolean) => Answer;
	readonly unknownModel: (model: string, role: Role, models: readonly string[]) => Answer;
	/** A chat model is asked for embeddings, or the server has no embedding model at all. */
	readonly notEmbedding: (model: string) => Answer;
	readonly promptTooLong: (limit: number, given: number) => Answer;
	readonly inputTooLong: (limit: number, given: number) => Answer;
	readonly batchTooLarge: (limit: number, given: number) => Answer;
	readonly dimensionsRefused: (model: string) => Answer;
	readonly formatRefused: (type: string) => Answer;
}

/** A family of servers: its error shape, its messages on keys, paths and models, and its other differences from OpenAI. */
export type FamilyOfItsOwn = Partial<Quirks> &
	Pick<Quirks, "error" | "unauthorized" | "unknownPath" | "unknownModel">;

const families: Readonly<Record<Family, FamilyOfItsOwn>> = { ...hosted, ...selfHosted };

export function quirksOf(family: Family): Quirks {
	const own = families[family];
	const { error, unknownModel } = own;
	return {
		basePath: "/v1",
		jsonModes: ["json_schema", "json_object"],
		chat: true,
		anyModel: false,
		openModels: false,
		wantsWordJson: false,
		truncates: false,
		maxCompletionTokens: true,
		dimensions: "ignored",
		alwaysFloats: false,
		refusesEmptyInput: false,
		maxBatch: Number.POSITIVE_INFINITY,
		notEmbedding: (model) => unknownModel(model, "embeddings", []),
		promptTooLong: (limit, given) =>
			error(
				400,
				`This model's maximum context length is ${limit} tokens. However, your messages resulted in ${given} tokens. Please reduce the length of the messages.`,
				{ param: "messages", code: "context_length_exceeded" },
			),
		inputTooLong: (limit, given) =>
			error(
				400,
				`This model's maximum context length is ${limit} tokens, however you requested ${given} tokens (${given} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.`,
			),
		batchTooLarge: (limit, given) =>
			error(400, `batch size ${given} is invalid, it should not be larger than ${limit}.: input.contents`),
		dimensionsRefused: () => error(400, "This model does not support specifying dimensions."),
		formatRefused: (type) =>
			error(400, `Invalid parameter: 'response_format' of type '${type}' is not supported with this model.`, {
				param: "response_format",
			}),
		...own,
	};
}
