import { join } from "node:path";
import { type Client, commonEntry, type Places } from "../client.ts";
import { json } from "../edit/json.ts";
import { vscodeUserFolder } from "../places.ts";

function storage(places: Places): string {
	return join(vscodeUserFolder(places), "globalStorage", "rooveterinaryinc.roo-cline");
}

export const roo: Client = {
	id: "roo",
	name: "Roo Code",
	format: json,
	file: (places) => join(storage(places), "settings", "mcp_settings.json"),
	servers: ["mcpServers"],
	toEntry: commonEntry,
	sign: storage,
};
