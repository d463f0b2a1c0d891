import { join } from "node:path";
import { type Client, commonEntry, type HookPlace } from "../client.ts";
import { json } from "../edit/json.ts";
import { skillIn } from "../instructions/texts.ts";
import { copilotFolder, copilotHooksFile, copilotInstructions, isOnPath } from "../places.ts";

/** A file of our own. VS Code's local harness reads the folder, too. */
export const copilotHooks: HookPlace = {
	file: copilotHooksFile,
	as: "copilot",
	// `Stop` comes after each turn, in both harnesses; an end of the session in one only.
	events: ["SessionStart", "UserPromptSubmit", "PreCompact", "Stop"],
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
	// In VS Code, Agent Host also gets the extension's server, by this label: two of one name are one server there.
	serverName: "Mem0",
	// Without it, tools are hidden behind a search for tools.
	toEntry: (entry) => ({ type: "stdio", ...commonEntry(entry), tools: ["*"], deferTools: "never" }),
	hooks: copilotHooks,
	instructions: (places, texts) => {
		const folder = copilotFolder(places);
		const file = copilotInstructions(places);
		return [skillIn(folder, texts), { file, text: texts.instructions, within: folder }];
	},
};
