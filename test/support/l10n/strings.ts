/** The strings of the user interface: what the sources ask for, what the bundles have, and what is missing between them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getL10nJson, type l10nJsonFormat } from "@vscode/l10n-dev";

export type Strings = Readonly<Record<string, string>>;

/** As VS Code names them. */
export const translations = ["de", "zh-cn"] as const;
export type Translation = (typeof translations)[number];

export const bundleFile = (language?: Translation) =>
	`l10n/bundle.l10n.${language === undefined ? "" : `${language}.`}json`;
export const manifestFile = (language?: Translation) =>
	`package.nls.${language === undefined ? "" : `${language}.`}json`;

/** In the order of their keys, so that two people who add one seldom meet. */
export function sorted(strings: l10nJsonFormat): l10nJsonFormat {
	return Object.fromEntries(Object.entries(strings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What `l10n.t` is given anywhere in the sources. */
export async function sourceStrings(): Promise<l10nJsonFormat> {
	const texts = sourceFiles().map((file) => readFileSync(file, "utf8"));
	// In one piece, which is read faster than hundreds.
	const contents = texts.filter((text) => text.includes("l10n")).join("\n");
	return sorted(await getL10nJson([{ contents, extension: ".ts" }]));
}

export function sourceFiles(folders: readonly string[] = ["src", "media"]): string[] {
	return folders.flatMap((folder) =>
		readdirSync(folder, { recursive: true })
			.map((name) => join(folder, String(name)).replaceAll("\\", "/"))
			.filter((file) => file.endsWith(".ts")),
	);
}

export function readStrings(file: string): Strings {
	const found = JSON.parse(readFileSync(file, "utf8")) as l10nJsonFormat;
	return Object.fromEntries(
		Object.entries(found).map(([key, value]) => [key, typeof value === "string" ? value : value.message]),
	);
}

/** package.json as a window has it: with the words in the places of their keys. */
export function readManifest(language?: Translation): unknown {
	const words = readStrings(manifestFile(language));
	const text = readFileSync("package.json", "utf8");
	return JSON.parse(text.replace(/"%([\w.]+)%"/g, (key, name: string) => JSON.stringify(words[name] ?? key)));
}

/** Names and signs, which are the same in every language. */
const untranslatable =
	/\b(Mem0|VS Code|OpenAI|Azure|Ollama|OpenRouter|LM Studio|LiteLLM|vLLM|Copilot|PostgreSQL|SQLite|Markdown|URL|API|JSON|ID|OK)\b|\{\d+\}|`[^`]*`/g;

/**
 * What is wrong with a translation, a line each.
 * @param same keys whose words are the same in this language.
 */
export function mistakesIn(english: Strings, translated: Strings, same: readonly string[] = []): string[] {
	const mistakes: string[] = [];
	for (const [key, text] of Object.entries(english)) {
		const own = translated[key];
		if (own === undefined) {
			mistakes.push(`not translated: ${JSON.stringify(key)}`);
			continue;
		}
		const [wanted, found] = [markersIn(text), markersIn(own)];
		if (wanted.join(" ") !== found.join(" "))
			mistakes.push(`${JSON.stringify(key)} has ${found.join(" ")} instead of ${wanted.join(" ")}`);
		const words = /\p{L}{2,}/u.test(text.replace(untranslatable, ""));
		if (own === text && words && !same.includes(key)) mistakes.push(`still English: ${JSON.stringify(key)}`);
		if (own !== text && same.includes(key)) mistakes.push(`is not the same any more: ${JSON.stringify(key)}`);
	}
	for (const key of Object.keys(translated))
		if (!(key in english)) mistakes.push(`nothing asks for it: ${JSON.stringify(key)}`);
	if (Object.keys(translated).join("\n") !== Object.keys(sorted(translated)).join("\n"))
		mistakes.push("the keys are not in order: npm run l10n sorts them");
	return mistakes;
}

/** Placeholders, the count, commands of links, settings, and names of variables. */
function markersIn(text: string): string[] {
	const found = text.match(/\{\d+\}|#(?![\w.])|\(command:[\w.]+\)|`#[\w.]+#`|\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [];
	return [...new Set(found)].sort();
}
