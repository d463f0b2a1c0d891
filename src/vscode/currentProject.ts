import * as vscode from "vscode";
import { identifyProject, maxGitFile } from "../memory/project.ts";
import type { Project } from "../store/types.ts";

/** Finds the window's project; each folder is looked at once, until the window's folders change. */
export function createProjectFinder(): vscode.Disposable & {
	readonly currentProject: () => Promise<Project | undefined>;
	readonly folderProjects: () => Promise<readonly Project[]>;
} {
	const known = new Map<string, Promise<Project>>();
	const folders = vscode.workspace.onDidChangeWorkspaceFolders(() => known.clear());
	const projectOf = (folder: vscode.WorkspaceFolder) => {
		const key = folder.uri.toString();
		const project = known.get(key) ?? identifyProject(folder.uri.path, reader(folder.uri));
		known.set(key, project);
		return project;
	};
	return {
		currentProject: async () => {
			const folder = currentFolder();
			return folder && projectOf(folder);
		},
		folderProjects: async () => {
			const current = currentFolder();
			const others = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder !== current);
			const projects = await Promise.all((current ? [current, ...others] : others).map(projectOf));
			// Folders of one repository are one project.
			return [...new Map(projects.map((project) => [project.id, project])).values()];
		},
		dispose: () => folders.dispose(),
	};
}

function currentFolder(): vscode.WorkspaceFolder | undefined {
	const active = vscode.window.activeTextEditor?.document.uri;
	return (active && vscode.workspace.getWorkspaceFolder(active)) ?? vscode.workspace.workspaceFolders?.[0];
}

/** Through `workspace.fs`, since the folder may be on another machine, or in no file system at all. */
function reader(folder: vscode.Uri): (path: string) => Promise<string | undefined> {
	return async (path) => {
		try {
			const uri = folder.with({ path });
			const { type, size } = await vscode.workspace.fs.stat(uri);
			// A pipe or device would keep its reader for ever.
			if ((type & vscode.FileType.File) === 0 || size > maxGitFile) return undefined;
			return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
		} catch {
			// No such file: what the caller wants to know.
			return undefined;
		}
	};
}
