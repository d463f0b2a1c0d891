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
	hooks: {
		file: ({ env, home }) => join(env.CODEX_HOME || join(home, ".codex"), "hooks.json"),
		as: "codex",
		events: ["SessionStart", "UserPromptSubmit", "PreCompact"],
		toItem: (line, { platform }) => ({
			hooks: [{ type: "command", command: line(platform === "win32" ? "cmd" : "sh"), timeout: 10 }],
		}),
		remark: "Codex runs hooks after you have trusted them there: /hooks.",
	},
	instructions: ({ home }, texts) => [skillIn(join(home, ".agents"), texts, home)],
};
