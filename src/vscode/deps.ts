import type * as vscode from "vscode";
import type { Project } from "../store/types.ts";
import type { McpHost } from "./agents/mcpProvider.ts";
import type { ChannelLog } from "./channelLog.ts";
import type { EndpointWatch } from "./diagnostics/endpointWatch.ts";
import type { MemoryAccess } from "./memoryAccess.ts";

/** What the features of the extension work with. */
export interface Deps {
	readonly context: vscode.ExtensionContext;
	readonly log: ChannelLog;
	readonly memory: MemoryAccess;
	readonly mcp: McpHost;
	readonly watch: EndpointWatch;
	/** The project of the window: that of the active editor's folder, else of the first folder. */
	readonly currentProject: () => Promise<Project | undefined>;
}
