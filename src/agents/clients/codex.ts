import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { toml } from "../edit/toml.ts";

export const codex: Client = {
	id: "codex",
	name: "Codex",
	format: toml,
	file: ({ env, home }) => join(env.CODEX_HOME || join(home, ".codex"), "config.toml"),
	servers: ["mcp_servers"],
	toEntry: commonEntry,
};
