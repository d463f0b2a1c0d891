import { join } from "node:path";
import { type Client, commonEntry, type Places } from "../client.ts";
import { json } from "../edit/json.ts";
import { skillIn } from "../instructions/texts.ts";

function folderOf({ env, home }: Places): string {
	return env.CLAUDE_CONFIG_DIR || join(home, ".claude");
}

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
		events: ["SessionStart", "UserPromptSubmit", "PreCompact", "SessionEnd"],
		// On Windows it runs them in Git Bash.
		toItem: (line) => ({ hooks: [{ type: "command", command: line("sh"), timeout: 10 }] }),
	},
	sign: folderOf,
	instructions: (places, texts) => [skillIn(folderOf(places), texts)],
};
