import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { json } from "../edit/json.ts";

export const windsurf: Client = {
	id: "windsurf",
	name: "Windsurf",
	format: json,
	file: ({ home }) => join(home, ".codeium", "windsurf", "mcp_config.json"),
	servers: ["mcpServers"],
	toEntry: commonEntry,
};
