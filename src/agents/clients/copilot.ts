import { dirname, join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { json } from "../edit/json.ts";
import { skillIn } from "../instructions/texts.ts";
import { copilotFolder, copilotInstructions } from "../places.ts";

/** Copilot's Agent Host in VS Code, and Copilot CLI, which share a folder. */
export const copilot: Client = {
	id: "copilot",
	name: "Copilot (Agent Host and CLI)",
	format: json,
	file: (places) => join(copilotFolder(places), "mcp-config.json"),
	servers: ["mcpServers"],
	// Without it, tools are hidden behind a search for tools.
	toEntry: (entry) => ({ type: "stdio", ...commonEntry(entry), tools: ["*"], deferTools: "never" }),
	instructions: (places, texts) => {
		const folder = copilotFolder(places);
		const file = copilotInstructions(places);
		return [skillIn(folder, texts), { file, text: texts.instructions, within: dirname(folder) }];
	},
};
