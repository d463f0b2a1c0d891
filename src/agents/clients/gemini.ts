import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { json } from "../edit/json.ts";
import { skillIn } from "../instructions/texts.ts";

export const gemini: Client = {
	id: "gemini",
	name: "Gemini CLI",
	format: json,
	file: ({ home }) => join(home, ".gemini", "settings.json"),
	servers: ["mcpServers"],
	toEntry: commonEntry,
	hooks: {
		file: ({ home }) => join(home, ".gemini", "settings.json"),
		as: "gemini",
		events: ["SessionStart", "BeforeAgent", "PreCompress"],
		toItem: (line, { platform }) => {
			const command = line(platform === "win32" ? "powershell" : "sh");
			// In ms, unlike elsewhere.
			return { hooks: [{ name: "mcp-mem0", type: "command", command, timeout: 10_000 }] };
		},
	},
	instructions: ({ home }, texts) => [skillIn(join(home, ".gemini"), texts)],
};
