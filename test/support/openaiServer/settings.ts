import { distil } from "./distil.ts";
import { type Quirks, quirksOf } from "./quirks.ts";
import type { ChatReply, ChatRequest, Family, JsonMode, OpenAiServerOptions } from "./types.ts";

/** Options, completed by the family's defaults. */
export interface Settings {
	readonly family: Family;
	readonly quirks: Quirks;
	readonly apiKey: string | undefined;
	readonly basePath: string;
	readonly chatModels: readonly string[];
	readonly embeddingModels: readonly string[];
	readonly answersAs: string | undefined;
	readonly width: number;
	readonly chat: (request: ChatRequest) => ChatReply | Promise<ChatReply>;
	readonly delay: number;
	readonly contextLength: number | undefined;
	readonly maxBatch: number;
	readonly maxInputTokens: number | undefined;
	readonly jsonModes: readonly JsonMode[];
	readonly refuseMaxTokens: boolean;
	readonly refuseTemperature: boolean;
	/** How the server handles the parameter `dimensions`. */
	readonly dimensions: "honoured" | "ignored" | "refused";
	readonly encoding: "as asked" | "floats" | "base64";
}

export function settingsOf(options: OpenAiServerOptions): Settings {
	const family = options.family ?? "openai";
	const quirks = quirksOf(family);
	return {
		family,
		quirks,
		apiKey: options.apiKey,
		basePath: options.basePath ?? quirks.basePath,
		chatModels: quirks.chat ? (options.chatModels ?? ["test-chat"]) : [],
		embeddingModels: options.embeddingModels ?? ["test-embed"],
		answersAs: options.answersAs,
		width: options.dimensions ?? 512,
		chat: options.chat ?? distil,
		delay: options.delay ?? 0,
		contextLength: options.contextLength,
		maxBatch: options.maxBatch ?? quirks.maxBatch,
		maxInputTokens: options.maxInputTokens,
		jsonModes: options.jsonModes ?? quirks.jsonModes,
		refuseMaxTokens: options.refuseMaxTokens ?? false,
		refuseTemperature: options.refuseTemperature ?? false,
		dimensions: dimensionsOf(options.refuseDimensions, quirks),
		encoding: options.base64Unasked ? "base64" : quirks.alwaysFloats ? "floats" : "as asked",
	};
}

function dimensionsOf(refuse: boolean | undefined, { dimensions }: Quirks): Settings["dimensions"] {
	if (refuse === undefined) return dimensions;
	if (refuse) return "refused";
	return dimensions === "refused" ? "honoured" : dimensions;
}

/** Whether the server has a model of that name. */
export function serves(settings: Settings, models: readonly string[], model: string): boolean {
	if (settings.quirks.anyModel) return models.length > 0;
	if (models.includes(model)) return true;
	return settings.family === "ollama" && models.some((name) => untagged(name) === untagged(model));
}

function untagged(model: string): string {
	return model.replace(/:latest$/, "");
}
