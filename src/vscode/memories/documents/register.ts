import * as vscode from "vscode";
import type { Deps } from "../../deps.ts";
import { proposalContent, proposalScheme } from "../review/proposals.ts";
import { registerFrontMatter } from "./diagnostics.ts";
import { versionContent, versionScheme } from "./history.ts";
import { MemoryFiles } from "./memoryFiles.ts";
import { memoryScheme } from "./memoryUri.ts";
import type { NewDocuments } from "./newDocuments.ts";
import { registerSources } from "./whereFrom.ts";

/** Memories as documents: the file system `mem0:`, and what is only to be read. */
export function registerDocuments(deps: Deps, documents: NewDocuments): vscode.Disposable {
	const files = new MemoryFiles(deps, documents);
	return vscode.Disposable.from(
		files,
		vscode.workspace.registerFileSystemProvider(memoryScheme, files, { isCaseSensitive: true }),
		vscode.workspace.registerTextDocumentContentProvider(versionScheme, versionContent(deps)),
		vscode.workspace.registerTextDocumentContentProvider(proposalScheme, proposalContent(deps)),
		registerSources(deps),
		registerFrontMatter(documents.projects),
		vscode.workspace.onWillSaveTextDocument(({ document, reason }) =>
			documents.willSave(document.uri, reason),
		),
		deps.memory.onDidChange(() => void files.lookAtOpen()),
		vscode.workspace.onDidCloseTextDocument(({ uri }) => files.closed(uri)),
		vscode.commands.registerCommand("mcpMem0.newMemory", (text?: unknown) =>
			documents.open(typeof text === "string" ? text : ""),
		),
	);
}
