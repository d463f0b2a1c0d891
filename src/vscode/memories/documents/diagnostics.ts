import * as vscode from "vscode";
import type { Project } from "../../../store/types.ts";
import { memoryScheme } from "./memoryUri.ts";

/** ms without a keystroke before a front matter is checked. */
const debounce = 200;

/** Marks what cannot be saved in the front matter of a memory's document, at its line, and completes its fields. */
export function registerFrontMatter(projects: () => Promise<readonly Project[]>): vscode.Disposable {
	const collection = vscode.languages.createDiagnosticCollection("Mem0");
	const timers = new Map<string, NodeJS.Timeout>();
	const check = async (document: vscode.TextDocument) => {
		const { diagnosticsOf } = await import("./frontMatterHelp.ts");
		const found = diagnosticsOf(document, await projects());
		if (!document.isClosed) collection.set(document.uri, found);
	};
	const checkSoon = (document: vscode.TextDocument, delay = debounce) => {
		if (document.uri.scheme !== memoryScheme) return;
		const key = document.uri.toString();
		clearTimeout(timers.get(key));
		timers.set(
			key,
			setTimeout(() => void check(document), delay),
		);
	};
	for (const document of vscode.workspace.textDocuments) checkSoon(document, 0);
	return vscode.Disposable.from(
		collection,
		vscode.workspace.onDidOpenTextDocument((document) => checkSoon(document, 0)),
		vscode.workspace.onDidChangeTextDocument(({ document }) => checkSoon(document)),
		vscode.workspace.onDidCloseTextDocument(({ uri }) => {
			clearTimeout(timers.get(uri.toString()));
			timers.delete(uri.toString());
			collection.delete(uri);
		}),
		vscode.languages.registerCompletionItemProvider(
			{ scheme: memoryScheme },
			{
				provideCompletionItems: async (document, position) => {
					const { completionsAt } = await import("./frontMatterHelp.ts");
					return completionsAt(document, position, await projects());
				},
			},
			":",
			" ",
		),
		{
			dispose: () => {
				for (const timer of timers.values()) clearTimeout(timer);
			},
		},
	);
}
