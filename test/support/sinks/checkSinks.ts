import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";

interface Sink {
	/** Where texts are shown, or how something gets there. */
	readonly pattern: RegExp;
	/** The files that make texts inert before they hand them over. */
	readonly allowed: readonly string[];
	readonly instead: string;
}

const inVscode = {
	allowed: ["src/vscode/ui.ts", "src/vscode/treeUi.ts"],
	instead: "src/vscode/ui.ts or treeUi.ts",
} as const;

/** Places where a text could become a link, an icon, an element, or an order to the terminal. */
export const sinks: readonly Sink[] = [
	{ pattern: /\bshow(Information|Warning|Error)Message\b/, ...inVscode },
	{ pattern: /\b(show|create)(QuickPick|InputBox)\b/, ...inVscode },
	{ pattern: /\bwindow\.(createStatusBarItem|setStatusBarMessage)\b/, ...inVscode },
	{ pattern: /\bwindow\.withProgress\b/, ...inVscode },
	{ pattern: /\bMarkdownString\b/, ...inVscode },
	{ pattern: /\bnew (vscode\.)?TreeItem\b/, ...inVscode },
	{ pattern: /\.(tooltip|validationMessage|items)\s*=(?!=)/, ...inVscode },
	{
		pattern: /\bcreateOutputChannel\b/,
		allowed: ["src/vscode/channelLog.ts"],
		instead: "the log of src/vscode/channelLog.ts",
	},
	{
		pattern: /\.html\s*=(?!=)/,
		allowed: ["src/vscode/settings/panel.ts", "src/vscode/diagnostics/diagnostics.ts"],
		instead: "inHtml of src/text/inert.ts",
	},
	{
		pattern: /\b(inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write\b/,
		allowed: [],
		instead: "textContent",
	},
	{
		pattern: /\b(stdout|stderr)\.write\b|\bconsole\.\w+\(/,
		// `server.ts` and the launcher speak before anything else is loaded, and say nothing foreign; `stdio.ts` writes the
		// protocol.
		allowed: ["src/cli/terminal.ts", "src/server.ts", "src/agents/launcher.ts", "src/mcp/hosts/stdio.ts"],
		instead: "src/cli/terminal.ts",
	},
];

/** Returns a line for each use of a sink in the text of a file that must not use it. */
export function sinksIn(file: string, text: string): string[] {
	return text
		.split("\n")
		.flatMap((line, index) =>
			sinks
				.filter(({ pattern, allowed }) => pattern.test(line) && !allowed.includes(file))
				.map(({ pattern, instead }) => `${file}:${index + 1}: ${pattern.exec(line)?.[0]}; use ${instead}`),
		);
}

export async function projectSinks(root = "."): Promise<string[]> {
	const read = async (folder: string) => {
		const files = (await readdir(join(root, folder), { recursive: true })).filter((file) =>
			file.endsWith(".ts"),
		);
		return Promise.all(
			files.map(async (name) => {
				const file = posix.join(folder, name.replaceAll("\\", "/"));
				return sinksIn(file, await readFile(join(root, file), "utf8"));
			}),
		);
	};
	return [...(await read("src")), ...(await read("media"))].flat();
}
