import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { json } from "../edit/json.ts";

export const junie: Client = {
	id: "junie",
	name: "Junie",
	format: json,
	file: ({ home }) => join(home, ".junie", "mcp", "mcp.json"),
	servers: ["mcpServers"],
	toEntry: commonEntry,
	sign: ({ home }) => join(home, ".junie"),
};
