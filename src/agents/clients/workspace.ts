import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { json } from "../edit/json.ts";

/** The file that several clients read in the folder they are started in. */
export const workspace: Client = {
	id: "workspace",
	name: "This folder (.mcp.json)",
	format: json,
	file: ({ cwd }) => join(cwd, ".mcp.json"),
	servers: ["mcpServers"],
	toEntry: commonEntry,
	fromFolder: true,
	onlyWhenNamed: true,
	remark: "It holds paths of this machine; do not share it with a repository.",
};
