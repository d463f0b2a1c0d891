import * as vscode from "vscode";
import { identifyProject } from "../memory/project.ts";
import type { Project } from "../store/memoryStore.ts";

/** Finds the window's project; each folder is looked at once, until the window's folders change. */
export function createProjectFinder(): vscode.Disposable & {
	readonly currentProject: () => Promise<Project | undefined>;
} {
	const known = new Map<string, Promise<Project>>();
	const folders = vscode.workspace.onDidChangeWorkspaceFolders(() => known.clear());
	return {
		currentProject: async () => {
			const folder = currentFolder();
			if (!folder) return undefined;
			const key = folder.uri.toString();
			const project = known.get(key) ?? identifyProject(folder.uri.path, reader(folder.uri));
			known.set(key, project);
			return project;
		},
		dispose: () => folders.dispose(),
	};
}

function currentFolder(): vscode.WorkspaceFolder | undefined {
	const active = vscode.window.activeTextEditor?.document.uri;
	return (active && vscode.workspace.getWorkspaceFolder(active)) ?? vscode.workspace.workspaceFolders?.[0];
}

/** Through `workspace.fs`, since the folder may be on another machine. */
function reader(folder: vscode.Uri): (path: string) => Promise<string | undefined> {
	return async (path) => {
		try {
			return new TextDecoder().decode(await vscode.workspace.fs.readFile(folder.with({ path })));
		} catch {
			// No such file: what the caller wants to know.
			return undefined;
		}
	};
}
