/** Kinds of endpoints that are reached over HTTP. */
export type Provider = "openai" | "ollama" | "openrouter" | "azure";

interface ProviderDefaults {
	/** The provider's own base URL; absent where each customer has their own. */
	readonly baseUrl?: string;
	readonly chatModel?: string;
	readonly embeddingModel: string;
	/** Tokens; for servers that do not report it and silently cut longer prompts. */
	readonly contextLength?: number;
}

export const providers: Readonly<Record<Provider, ProviderDefaults>> = {
	openai: {
		baseUrl: "https://api.openai.com/v1",
		chatModel: "gpt-3.5-turbo",
		embeddingModel: "text-embedding-3-small",
	},
	ollama: {
		baseUrl: "http://localhost:11434/v1",
		embeddingModel: "nomic-embed-text",
		contextLength: 4096,
	},
	openrouter: {
		baseUrl: "https://openrouter.ai/api/v1",
		embeddingModel: "openai/text-embedding-3-small",
	},
	azure: { embeddingModel: "text-embedding-3-small" },
};

/** What an endpoint is used for. */
export type EndpointRole = "chat" | "embedding";
