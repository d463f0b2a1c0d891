/** Texts in the rooms of the user interface that nobody translates. */
import { readFileSync } from "node:fs";
import { sourceFiles } from "./strings.ts";

/** What is no text for a person who looks at VS Code: the log, and what only a developer meets. */
const forOthers = /\blog\.(debug|info|warn|error)\(|\bthrow new (Type)?Error\(|^import\b|\bfrom "/;
/** Two words of letters beside each other. */
const words = /\p{L}{2,}[,;:.]? \p{L}{2,}/u;
/** Words that only our own code reads: reasons, and classes of CSS. */
const codeWords = /^(other host|hint remark|field preset|buttons offer|banner warning-banner)$/;

const literal = /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;

/**
 * A line for each literal in a file that has words in it and is not given to `l10n.t`.
 * @param known the strings that `l10n.t` is given anywhere.
 */
export function bareTextsIn(file: string, text: string, known: ReadonlySet<string>): string[] {
	const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|[\s;])\/\/.*$/gm, (comment) =>
		comment.replace(/[^\n]/g, " "),
	);
	return [...code.matchAll(literal)].flatMap(({ 0: found, index }) => {
		const before = code.slice(0, index);
		const line = before.split("\n").length;
		const start = code.slice(before.lastIndexOf("\n") + 1, index + found.length);
		const content = found.slice(1, -1);
		const plain = content.replace(/\$\{[^{}]*\}/g, "").replace(/\\n|\\"/g, " ");
		const wrapped = /l10n\.t(\(\s*)?$/.test(before) || /\bmessage: $/.test(before) || known.has(content);
		// What is nested in a template is a literal of its own for a person, and not for this pattern.
		const isOther = codeWords.test(content) || /<\w+|command:|l10n\.t/.test(content);
		if (wrapped || isOther || !words.test(plain) || forOthers.test(start)) return [];
		return [`${file}:${line}: ${found.slice(0, 100)}`];
	});
}

/** Files whose texts are not of the user interface: they go to agents, into errors, or into files. */
const others: readonly string[] = [
	"src/vscode/copilotChat.ts",
	"src/vscode/agents/settingsFile.ts",
	"src/settings/env/envExport.ts",
	"src/settings/keys/boundKeys.ts",
];

export function bareTexts(known: ReadonlySet<string>): string[] {
	return sourceFiles(["src/vscode", "src/settings", "media"])
		.filter((file) => !others.includes(file))
		.flatMap((file) => bareTextsIn(file, readFileSync(file, "utf8"), known));
}
