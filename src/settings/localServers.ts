import * as l10n from "@vscode/l10n";
import { suited } from "../config/modelNames.ts";
import { listOf } from "../text/wording.ts";
import type { Change } from "./edits.ts";
import { llmProviderOf } from "./embeddingUse.ts";
import type { Values } from "./values.ts";

/** A model server that runs on this machine, as `endpoints/openai/localServers.ts` finds it. */
interface RunningServer {
	readonly family: string;
	readonly name: string;
	readonly baseUrl: string;
	readonly models: readonly string[];
}

/** What using a server would change, and in words. */
export interface LocalOffer {
	/** "Ollama is running with nomic-embed-text". */
	readonly text: string;
	readonly changes: readonly Change[];
}

/** What a server can do for us, judged by the names of its models. Undefined if it is in use already. */
export function localOffer(server: RunningServer, values: Values): LocalOffer | undefined {
	const { family, name, baseUrl, models } = server;
	const [chat] = suited("chat", models);
	const [embedding] = suited("embedding", models);
	const provider = family === "ollama" ? "ollama" : "openai";
	// Ollama's own URL is its default.
	const url = family === "ollama" ? undefined : baseUrl;
	const chatChanges: readonly Change[] = chat
		? [
				{ variable: "LLM_PROVIDER", value: provider },
				{ variable: "LLM_BASE_URL", value: url },
				{ variable: "LLM_CHOICE", value: chat },
			]
		: [];
	const follows = values.EMBEDDING_PROVIDER === undefined && values.EMBEDDING_BASE_URL === undefined;
	const embeddingChanges: readonly Change[] = embedding
		? [
				{ variable: "EMBEDDING_PROVIDER", value: provider },
				{ variable: "EMBEDDING_BASE_URL", value: url ?? (chat ? undefined : "default") },
				{ variable: "EMBEDDING_MODEL_CHOICE", value: embedding },
				// The dimensions and prefixes of another model would be worse than none.
				{ variable: "EMBEDDING_MODEL_DIMS", value: undefined },
				{ variable: "EMBEDDING_QUERY_PREFIX", value: undefined },
				{ variable: "EMBEDDING_DOCUMENT_PREFIX", value: undefined },
			]
		: // Embeddings that follow the language model would go to a server without a model for them.
			follows && chat
			? llmProviderOf(values) === undefined
				? [{ variable: "EMBEDDING_PROVIDER", value: "builtin" }]
				: [
						{ variable: "EMBEDDING_PROVIDER", value: llmProviderOf(values) },
						{ variable: "EMBEDDING_BASE_URL", value: values.LLM_BASE_URL ?? "default" },
					]
			: [];
	const changes = [...chatChanges, ...embeddingChanges];
	if (changes.every(({ variable, value }) => values[variable] === value)) return undefined;
	const found = listOf([chat, embedding].filter((model) => model !== undefined));
	return { text: l10n.t`${name} is running with ${found}`, changes };
}
