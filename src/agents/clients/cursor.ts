import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { json } from "../edit/json.ts";
import { skillIn } from "../instructions/texts.ts";

export const cursor: Client = {
	id: "cursor",
	name: "Cursor",
	format: json,
	file: ({ home }) => join(home, ".cursor", "mcp.json"),
	servers: ["mcpServers"],
	toEntry: commonEntry,
	hooks: {
		file: ({ home }) => join(home, ".cursor", "hooks.json"),
		as: "cursor",
		// It has an event of prompts, but does not put an answer to it before the model.
		events: ["sessionStart", "preCompact"],
		toItem: (line, { platform }) => ({ command: line(platform === "win32" ? "powershell" : "sh") }),
		top: { version: 1 },
	},
	instructions: ({ home }, texts) => [skillIn(join(home, ".cursor"), texts)],
};
