import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { json } from "../edit/json.ts";

export const kiro: Client = {
	id: "kiro",
	name: "Kiro",
	format: json,
	file: ({ home }) => join(home, ".kiro", "settings", "mcp.json"),
	servers: ["mcpServers"],
	toEntry: commonEntry,
	sign: ({ home }) => join(home, ".kiro"),
};
