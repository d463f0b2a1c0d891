import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { json } from "../edit/json.ts";
import { skillIn } from "../instructions/texts.ts";

export const gemini: Client = {
	id: "gemini",
	name: "Gemini CLI",
	format: json,
	file: ({ home }) => join(home, ".gemini", "settings.json"),
	servers: ["mcpServers"],
	toEntry: commonEntry,
	instructions: ({ home }, texts) => [skillIn(join(home, ".gemini"), texts)],
};
