import { isDeepStrictEqual } from "node:util";
import { prefixesInSpace } from "../../config/embeddingPrefixes.ts";
import {
	type ChatEndpoint,
	type EmbeddingEndpoint,
	type HostModel,
	originsOf,
	urlsOf,
} from "../../config/endpoints.ts";
import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { Calibration } from "../calibration.ts";
import type { ChatAnswer, ChatModel } from "../chatModel.ts";
import { type Embedder, TextsNotEmbedded } from "../embedder.ts";
import { EndpointError } from "../endpointError.ts";
import { askLenders } from "./borrowing.ts";
import { type ChatRequest, type EmbedAnswer, type EmbedRequest, errorOf, toVector } from "./protocol.ts";

/** The configured language model, asked by a process that has its key. */
export function borrowedChat(folder: string, endpoint: ChatEndpoint | HostModel): ChatModel {
	const http = endpoint.provider === "vscode" ? undefined : endpoint;
	const description = http ? `${http.model} at ${urlsOf(http).join(", ")}` : "the language model of VS Code";
	return {
		description,
		origin: http ? originsOf(http) : "",
		contextLength: endpoint.contextLength,
		maxTokens: endpoint.maxTokens,
		complete: (messages, { signal, ...options } = {}) => {
			const request: ChatRequest = { messages, options, ...(http ? { model: description } : {}) };
			return askLenders<ChatAnswer>(folder, "chat", request, signal);
		},
	};
}

/** The configured embedding model, asked by a process that has its key. */
export function borrowedEmbedder(folder: string, endpoint: EmbeddingEndpoint): Embedder {
	const description = `${endpoint.model} at ${urlsOf(endpoint).join(", ")}`;
	let space: EmbeddingSpace | undefined;
	let calibration: Calibration | undefined;
	let remark: string | undefined;
	const { prefixes } = prefixesInSpace(endpoint.prefixes);
	return {
		description,
		origin: originsOf(endpoint),
		get space() {
			return space;
		},
		get calibration() {
			return calibration;
		},
		get remark() {
			return remark;
		},
		async embed(texts, { signal, purpose } = {}) {
			const request: EmbedRequest = { model: description, texts, ...(purpose ? { purpose } : {}) };
			const answer = await askLenders<EmbedAnswer>(folder, "embedding", request, signal);
			if (!isDeepStrictEqual(answer.space?.prefixes, prefixes))
				throw new EndpointError(
					"unavailable",
					"gets other prefixes in VS Code than here",
					"Restart this program, so that it reads the settings of VS Code.",
					{ role: "embedding", url: "" },
				);
			space = answer.space;
			calibration = answer.calibration;
			remark = answer.remark;
			const vectors = answer.vectors.map((vector) => (vector === null ? undefined : toVector(vector)));
			const { notEmbedded: failed } = answer;
			if (failed.length > 0)
				throw new TextsNotEmbedded(vectors, new Map(failed.map(([place, error]) => [place, errorOf(error)])));
			return vectors;
		},
		dispose: () => Promise.resolve(),
	};
}
