import type { EndpointRole } from "../config/endpoints.ts";
import type { ChatModel } from "./chatModel.ts";
import type { Embedder } from "./embedder.ts";
import { EndpointError } from "./endpointError.ts";

function notSetUp(role: EndpointRole, problem: string): EndpointError {
	return new EndpointError("unavailable", "is not set up", problem, { role, url: "" });
}

/** A language model whose configuration is incomplete: texts are kept, and distilled once it is complete. */
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

/** An embedding model whose configuration is incomplete: until it is complete, memories are found by their words. */
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
