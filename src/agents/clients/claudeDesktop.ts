import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { json } from "../edit/json.ts";
import { settingsFolder } from "../places.ts";

export const claudeDesktop: Client = {
	id: "claude-desktop",
	name: "Claude Desktop",
	format: json,
	file: (places) => join(settingsFolder(places), "Claude", "claude_desktop_config.json"),
	servers: ["mcpServers"],
	toEntry: commonEntry,
};
