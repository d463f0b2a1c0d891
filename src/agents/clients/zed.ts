import { join } from "node:path";
import { type Client, commonEntry, type Places } from "../client.ts";
import { json } from "../edit/json.ts";

/** Zed keeps to `~/.config` on macOS, too. */
function folder({ platform, home, env }: Places): string {
	if (platform === "win32") return join(env.APPDATA || join(home, "AppData", "Roaming"), "Zed");
	return join((platform !== "darwin" && env.XDG_CONFIG_HOME) || join(home, ".config"), "zed");
}

export const zed: Client = {
	id: "zed",
	name: "Zed",
	format: json,
	file: (places) => join(folder(places), "settings.json"),
	servers: ["context_servers"],
	toEntry: commonEntry,
};
