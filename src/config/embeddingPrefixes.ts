/** What a model wants to read before a text, so that questions and answers get similar vectors. */
export interface Prefixes {
	readonly query: string;
	readonly document: string;
}

export const noPrefixes: Prefixes = { query: "", document: "" };

interface Family extends Prefixes {
	/** Of models' names as servers spell them: with an owner, a tag, a quantisation, a file's ending. */
	readonly pattern: RegExp;
}

const retrieval = "Given a web search query, retrieve relevant passages that answer the query";
const instructed: Prefixes = { query: `Instruct: ${retrieval}\nQuery: `, document: "" };
const represented: Prefixes = {
	query: "Represent this sentence for searching relevant passages: ",
	document: "",
};

/**
 * From the models' cards. The first that fits counts. Models that want none, though their names resemble another's, have
 * a line of their own.
 */
const families: readonly Family[] = [
	{ pattern: /nomic-embed|modernbert-embed/, query: "search_query: ", document: "search_document: " },
	{ pattern: /qwen3-(vl-)?embedding/, query: `Instruct: ${retrieval}\nQuery:`, document: "" },
	{ pattern: /embedding-?gemma/, query: "task: search result | query: ", document: "title: none | text: " },
	{ pattern: /\be5-[\w.-]*instruct|e5-mistral|gte-qwen\d?[\w.-]*instruct/, ...instructed },
	{ pattern: /sfr-embedding|linq-embed/, ...instructed },
	{ pattern: /stella_en_\w+_v5/, query: `Instruct: ${retrieval}.\nQuery: `, document: "" },
	{
		pattern: /nv-embed-v\d/,
		query: "Instruct: Given a question, retrieve passages that answer the question\nQuery: ",
		document: "",
	},
	{ pattern: /(^|[^a-z0-9])e5-|e5_/, query: "query: ", document: "passage: " },
	{ pattern: /bge-(m3|code|reranker)/, ...noPrefixes },
	{ pattern: /bge-[\w.-]*zh/, query: "为这个句子生成表示以用于检索相关文章：", document: "" },
	{ pattern: /bge-multilingual-gemma/, query: `<instruct>${retrieval}.\n<query>`, document: "" },
	{ pattern: /bge-(small|base|large)|mxbai-embed|mixedbread/, ...represented },
	{ pattern: /arctic-embed[\w.-]*(v?2[.-]0|2\b)/, query: "query: ", document: "" },
	{ pattern: /arctic-embed/, ...represented },
	{
		pattern: /jina-embeddings-v3/,
		query: "Represent the query for retrieving evidence documents: ",
		document: "Represent the document for retrieval: ",
	},
	{ pattern: /jina-embeddings-v[45]/, query: "Query: ", document: "Passage: " },
];

/** What the model's family wants; nothing for one that is not known. */
export function prefixesOf(model: string): Prefixes {
	const name = model.toLowerCase();
	const { query, document } = families.find(({ pattern }) => pattern.test(name)) ?? noPrefixes;
	return { query, document };
}

/** Names the prefixes within an embedding space: vectors that were made with others are not comparable. */
export function prefixesInSpace({ query, document }: Prefixes): { readonly prefixes?: string } {
	return query || document ? { prefixes: JSON.stringify([query, document]) } : {};
}
