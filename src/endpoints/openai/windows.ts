/** Tokens that a model reads of a text, by the names of its family. Most servers cut off the rest without a word. */
const inputs: readonly (readonly [pattern: RegExp, tokens: number])[] = [
	[
		/bge-m3|arctic-embed2|arctic-embed[\w.-]*v2|jina-embeddings|gte-(qwen|multilingual|modernbert)|qwen3/,
		8192,
	],
	[/nomic-embed-text-v2|nomic-embed-text-moe/, 512],
	[/nomic-embed|embeddinggemma|arctic-embed-m-long/, 2048],
	[/paraphrase-multilingual/, 128],
	[/minilm/, 256],
	[/e5-mistral/, 4096],
	[
		/(^|[^a-z0-9])e5[-_]|bge-(small|base|large)|gte-(small|base|large)|mxbai-embed|arctic-embed|granite-embedding/,
		512,
	],
];

/** For the model's own marks, and a prefix. */
const reserved = 32;

/** Tokens that a model reads of a text; undefined for one that is not known. */
export function inputLength(model: string): number | undefined {
	const name = model.toLowerCase();
	return inputs.find(([pattern]) => pattern.test(name))?.[1];
}

/** Of Latin letters, three and more make a token; of other scripts, one may. Counts rather too many. */
function tokensOf(text: string): number {
	let others = 0;
	for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x2ff) others += 1;
	return (text.length - others) / 3 + others;
}

/**
 * A text in parts that a model reads whole, cut between words where there are any.
 * @param tokens that the model reads; undefined: the text is one part.
 */
export function windowsOf(text: string, tokens: number | undefined): readonly string[] {
	const most = tokens === undefined ? Number.POSITIVE_INFINITY : Math.max(32, tokens - reserved);
	if (tokensOf(text) <= most) return [text];
	const windows: string[] = [];
	let window = "";
	let used = 0;
	const add = (part: string) => {
		const cost = tokensOf(part);
		if (window !== "" && used + cost > most) {
			windows.push(window);
			window = "";
			used = 0;
		}
		window += part;
		used += cost;
	};
	for (const word of text.split(/(?<=\s)/))
		if (tokensOf(word) <= most) add(word);
		else for (const character of word) add(character);
	if (window.trim() !== "") windows.push(window);
	return windows;
}
