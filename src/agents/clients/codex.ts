import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { toml } from "../edit/toml.ts";
import { skillIn } from "../instructions/texts.ts";

export const codex: Client = {
	id: "codex",
	name: "Codex",
	format: toml,
	file: ({ env, home }) => join(env.CODEX_HOME || join(home, ".codex"), "config.toml"),
	servers: ["mcp_servers"],
	toEntry: commonEntry,
	instructions: ({ home }, texts) => [skillIn(join(home, ".agents"), texts)],
};
