import type { EndpointRole } from "../config/endpoints.ts";
import type { ChatModel } from "./chatModel.ts";
import type { Embedder } from "./embedder.ts";
import { EndpointError } from "./endpointError.ts";

function notSetUp(role: EndpointRole, problem: string): EndpointError {
	return new EndpointError("unavailable", "is not set up", problem, { role, url: "" });
}

/** Stands for a language model whose configuration lacks something: texts are kept, and distilled when it is mended. */
export function chatNotConfigured(problem: string): ChatModel {
	const error = notSetUp("chat", problem);
	return {
		description: "a language model that is not set up",
		origin: "",
		contextLength: undefined,
		maxTokens: 0,
		problem: error.message,
		complete: () => Promise.reject(error),
	};
}

/** Stands for an embedding model whose configuration lacks something: memories are found by their words meanwhile. */
export function embedderNotConfigured(problem: string): Embedder {
	const error = notSetUp("embedding", problem);
	return {
		description: "an embedding model that is not set up",
		origin: "",
		space: undefined,
		calibration: undefined,
		problem: error.message,
		embed: () => Promise.reject(error),
		dispose: () => Promise.resolve(),
	};
}
