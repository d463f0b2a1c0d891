import * as vscode from "vscode";
import type { Project } from "../store/types.ts";
import { type ServerCommand, serverCommand } from "./agents/serverDefinition.ts";
import { type ChannelLog, createChannelLog } from "./channelLog.ts";
import { createProjectFinder } from "./currentProject.ts";
import { createEndpointWatch, type EndpointWatch } from "./diagnostics/endpointWatch.ts";
import { createMemoryAccess, type MemoryAccess } from "./memoryAccess.ts";
import { readLogLevel } from "./settings/vscodeSettings.ts";

/** What the features of the extension share. */
export interface Deps {
	readonly context: vscode.ExtensionContext;
	readonly log: ChannelLog;
	readonly memory: MemoryAccess;
	/** Of the extension. */
	readonly version: string;
	readonly watch: EndpointWatch;
	/** How anybody starts our MCP server. */
	readonly serverCommand: () => Promise<ServerCommand>;
	/** The project of the window: that of the active editor's folder, else of the first folder. */
	readonly currentProject: () => Promise<Project | undefined>;
	/** The projects of all folders of the window, the current one first. */
	readonly folderProjects: () => Promise<readonly Project[]>;
}

/** Disposing leaves the memory open: `deactivate` waits for it. */
export function createDeps(context: vscode.ExtensionContext): Deps & vscode.Disposable {
	const log = createChannelLog(readLogLevel);
	const projects = createProjectFinder();
	const { currentProject, folderProjects } = projects;
	const memory = createMemoryAccess(context, log);
	const { version } = context.extension.packageJSON as { readonly version: string };
	const watch = createEndpointWatch(context, log, memory);
	const owned = vscode.Disposable.from(watch, projects, log);
	return {
		context,
		log,
		memory,
		version,
		watch,
		serverCommand: () => serverCommand(context),
		currentProject,
		folderProjects,
		dispose: () => owned.dispose(),
	};
}
