import { join } from "node:path";
import { type Client, commonEntry, type HookPlace, type Places } from "../client.ts";
import { json } from "../edit/json.ts";
import { isOnPath } from "../places.ts";

export function copilotFolder({ env, home }: Places): string {
	return env.COPILOT_HOME || join(home, ".copilot");
}

/** A file of our own. VS Code's local harness reads the folder, too. */
export const copilotHooks: HookPlace = {
	file: (places) => join(copilotFolder(places), "hooks", "mcp-mem0.json"),
	as: "copilot",
	events: ["SessionStart", "UserPromptSubmit", "PreCompact"],
	// On Windows, VS Code reads `windows`; Copilot runs `powershell` in PowerShell 7, and fails where that is missing.
	toItem: (line, places) => ({
		type: "command",
		bash: line("sh"),
		...(places.platform === "win32" ? { windows: line("powershell") } : {}),
		...(places.platform === "win32" && isOnPath("pwsh.exe", places)
			? { powershell: line("powershell") }
			: {}),
		timeoutSec: 10,
	}),
	top: { version: 1 },
	remark:
		"Of several hooks that answer at the same event, Copilot takes the last one's answer only. VS Code runs hooks in trusted workspaces, with chat.useHooks.",
};

/** Copilot's Agent Host in VS Code, and Copilot CLI, which share a folder. */
export const copilot: Client = {
	id: "copilot",
	name: "Copilot (Agent Host and CLI)",
	format: json,
	file: (places) => join(copilotFolder(places), "mcp-config.json"),
	servers: ["mcpServers"],
	// Without it, tools are hidden behind a search for tools.
	toEntry: (entry) => ({ type: "stdio", ...commonEntry(entry), tools: ["*"], deferTools: "never" }),
	hooks: copilotHooks,
};
