import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { json } from "../edit/json.ts";

export const claude: Client = {
	id: "claude",
	name: "Claude Code",
	format: json,
	file: ({ env, home }) => join(env.CLAUDE_CONFIG_DIR || home, ".claude.json"),
	servers: ["mcpServers"],
	// Without it, tools are hidden behind a search for tools.
	toEntry: (entry) => ({ type: "stdio", ...commonEntry(entry), alwaysLoad: true }),
	hooks: {
		file: ({ env, home }) => join(env.CLAUDE_CONFIG_DIR || join(home, ".claude"), "settings.json"),
		as: "claude",
		events: ["SessionStart", "UserPromptSubmit", "PreCompact"],
		// On Windows it runs them in Git Bash.
		toItem: (line) => ({ hooks: [{ type: "command", command: line("sh"), timeout: 10 }] }),
	},
	sign: ({ env, home }) => env.CLAUDE_CONFIG_DIR || join(home, ".claude"),
};
