import { join } from "node:path";
import { type Client, commonEntry, type Places } from "../client.ts";
import { json } from "../edit/json.ts";

export function copilotFolder({ env, home }: Places): string {
	return env.COPILOT_HOME || join(home, ".copilot");
}

/** Copilot's Agent Host in VS Code, and Copilot CLI, which share a folder. */
export const copilot: Client = {
	id: "copilot",
	name: "Copilot (Agent Host and CLI)",
	format: json,
	file: (places) => join(copilotFolder(places), "mcp-config.json"),
	servers: ["mcpServers"],
	// Without it, tools are hidden behind a search for tools.
	toEntry: (entry) => ({ type: "stdio", ...commonEntry(entry), tools: ["*"], deferTools: "never" }),
};
