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
	instructions: ({ home }, texts) => [skillIn(join(home, ".cursor"), texts)],
};
