import * as vscode from "vscode";
import type { Project } from "../store/types.ts";
import { createMcpHost, type McpHost } from "./agents/mcpHost.ts";
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
	readonly mcp: McpHost;
	readonly watch: EndpointWatch;
	/** The project of the window: that of the active editor's folder, else of the first folder. */
	readonly currentProject: () => Promise<Project | undefined>;
}

/** Disposing leaves the memory open: `deactivate` waits for it. */
export function createDeps(context: vscode.ExtensionContext): Deps & vscode.Disposable {
	const log = createChannelLog(readLogLevel);
	const projects = createProjectFinder();
	const { currentProject } = projects;
	const memory = createMemoryAccess(context, log);
	const mcp = createMcpHost(context, log, memory, currentProject);
	const watch = createEndpointWatch(context, log, memory);
	const owned = vscode.Disposable.from(mcp, watch, projects, log);
	return { context, log, memory, mcp, watch, currentProject, dispose: () => owned.dispose() };
}
