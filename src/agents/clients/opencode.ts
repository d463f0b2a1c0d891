import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Client, Places } from "../client.ts";
import { json } from "../edit/json.ts";
import { skillIn } from "../instructions/texts.ts";

function folder({ env, home }: Places): string {
	return join(env.XDG_CONFIG_HOME || join(home, ".config"), "opencode");
}

export const opencode: Client = {
	id: "opencode",
	name: "OpenCode",
	format: json,
	file: (places) => {
		const withComments = join(folder(places), "opencode.jsonc");
		return existsSync(withComments) ? withComments : join(folder(places), "opencode.json");
	},
	servers: ["mcp"],
	toEntry: ({ command, args, env }) => ({
		type: "local",
		command: [command, ...args],
		...(Object.keys(env).length > 0 ? { environment: { ...env } } : {}),
		enabled: true,
	}),
	instructions: (places, texts) => [skillIn(folder(places), texts)],
};
