/** What VS Code's API is called here. */
export const vscodeApi = "vscode API";

const base = ["config", "text", "vectors"];
const core = ["memory", "store", "endpoints", ...base];

/**
 * The rooms of `src`, lowest first, and what each may import: other rooms, or single files of them. Imports of types
 * count. A room does not include the rooms inside it: `vscode` is the files directly in that folder.
 */
export const rooms: Readonly<Record<string, readonly string[]>> = {
	text: [],
	vectors: [],
	config: ["text"],
	settings: ["config", "text"],
	endpoints: base,
	store: ["config/log.ts", "config/clock.ts", "text", "vectors"],
	memory: ["store", "endpoints", ...base],
	doctor: core,
	agents: ["doctor", ...core, "settings"],
	mcp: ["agents", "doctor", ...core],
	cli: ["mcp", "agents", "doctor", ...core, "settings"],
	// The features meet in deps.ts; they import each other's types and only what stands here.
	vscode: ["vscode/agents", "vscode/diagnostics", "vscode/settings", ...core, "settings", vscodeApi],
	"vscode/memories": ["vscode", "doctor", ...core, "settings", vscodeApi],
	"vscode/settings": ["vscode", "vscode/diagnostics", "doctor", ...core, "settings", vscodeApi],
	"vscode/diagnostics": [
		"vscode",
		"vscode/settings",
		"mcp",
		"agents",
		"doctor",
		...core,
		"settings",
		vscodeApi,
	],
	"vscode/agents": ["vscode", "vscode/settings", "mcp", "agents", ...core, "settings", vscodeApi],
	"extension.ts": [
		"vscode",
		"vscode/memories",
		"vscode/settings",
		"vscode/diagnostics",
		"vscode/agents",
		vscodeApi,
	],
	"server.ts": ["cli"],
	"../media/panel": ["settings/panel/protocol.ts"],
};
