/** Rows of the table of variables: what a server, or its provider, can be asked at a time. */
export const limitVariables = [
	{
		name: "LLM_MAX_CONCURRENCY",
		section: "advanced",
		setting: "llm.maxConcurrency",
		type: "integer",
		minimum: 1,
		maximum: 1000,
		doc: "Requests to a server of the language model at the same time. Default: 4.",
	},
	{
		name: "LLM_REQUESTS_PER_MINUTE",
		section: "advanced",
		setting: "llm.requestsPerMinute",
		type: "integer",
		minimum: 1,
		maximum: 1_000_000,
		doc: "Requests to a server of the language model in any minute, of all programs that share the memory together. Default: no limit.",
	},
	{
		name: "EMBEDDING_MAX_CONCURRENCY",
		section: "advanced",
		setting: "embedding.maxConcurrency",
		type: "integer",
		minimum: 1,
		maximum: 1000,
		doc: "Requests to a server of the embedding model at the same time. Default: 4.",
	},
	{
		name: "EMBEDDING_REQUESTS_PER_MINUTE",
		section: "advanced",
		setting: "embedding.requestsPerMinute",
		type: "integer",
		minimum: 1,
		maximum: 1_000_000,
		doc: "Requests to a server of the embedding model in any minute, of all programs that share the memory together. Default: no limit.",
	},
] as const;
