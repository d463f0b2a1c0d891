import type { EndpointRole } from "../config/endpoints.ts";
/** The names most like the wanted one, best first; none if no name is like it. */
export function nearestNames(wanted: string, names: readonly string[], most = 3): string[] {
	return names
		.map((name) => ({ name, likeness: likeness(wanted, name) }))
		.filter(({ likeness }) => likeness >= 0.4)
		.sort((a, b) => b.likeness - a.likeness || a.name.length - b.name.length)
		.slice(0, most)
		.map(({ name }) => name);
}

/** 0..1: the share of letter pairs in common (Dice's coefficient), or how much of a name the other covers. */
function likeness(a: string, b: string): number {
	const [x, y] = [plain(a), plain(b)];
	if (x === y) return 1;
	const [short, long] = x.length < y.length ? [x, y] : [y, x];
	const within = short.length >= 4 && long.includes(short) ? 0.6 + (0.4 * short.length) / long.length : 0;
	const [left, right] = [pairs(x), pairs(y)];
	const rest = [...right];
	let common = 0;
	for (const pair of left) {
		const at = rest.indexOf(pair);
		if (at < 0) continue;
		rest.splice(at, 1);
		common += 1;
	}
	const dice = left.length + right.length === 0 ? 0 : (2 * common) / (left.length + right.length);
	return Math.max(within, dice);
}

/** Ignores case, separators and the tag "latest". */
function plain(name: string): string {
	return name
		.toLowerCase()
		.replace(/:latest$/, "")
		.replace(/[^a-z0-9]+/g, "");
}

function pairs(text: string): string[] {
	return Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => text.slice(index, index + 2));
}

const embedding = /embed|bge|\be5\b|gte|minilm|arctic|mpnet|sentence/i;

/** From the models' cards: trained on texts of many languages. */
const multilingual =
	/bge-m3|bge-multilingual|multilingual-(e5|mpnet|minilm|embedding)|(gte|paraphrase|embed|distiluse-base)-multilingual|qwen3-(vl-)?embedding|embedding-?gemma|nomic-embed-text-v2|arctic-embed[\w.-]*(-v|:?)2\b|jina-embeddings-v[345]|granite-embedding[\w.-]*(278m|107m|multilingual)|labse|text-embedding-3|gemini-embedding|embed-v4/i;

/** The embedding models of a list that, by their names, read many languages. */
export function multilingualModels(names: readonly string[]): string[] {
	return names.filter((name) => multilingual.test(name));
}

/** The models of a list that, by their names, suit a role. */
export function suited(role: EndpointRole, names: readonly string[]): string[] {
	return names.filter((name) => embedding.test(name) === (role === "embedding"));
}
