import { join } from "node:path";
import { type Client, commonEntry, type Places } from "../client.ts";
import { json } from "../edit/json.ts";
import { vscodeUserFolder } from "../places.ts";

function storage(places: Places): string {
	return join(vscodeUserFolder(places), "globalStorage", "saoudrizwan.claude-dev");
}

export const cline: Client = {
	id: "cline",
	name: "Cline",
	format: json,
	file: (places) =>
		places.env.CLINE_MCP_SETTINGS_PATH || join(storage(places), "settings", "cline_mcp_settings.json"),
	servers: ["mcpServers"],
	toEntry: commonEntry,
	sign: (places) => places.env.CLINE_MCP_SETTINGS_PATH || storage(places),
};
