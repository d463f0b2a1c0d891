import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { yaml } from "../edit/yaml.ts";

/** Its servers are a list whose items have a name. */
export const continueDev: Client = {
	id: "continue",
	name: "Continue",
	format: yaml,
	file: ({ home }) => join(home, ".continue", "config.yaml"),
	servers: ["mcpServers"],
	toEntry: (entry) => ({ type: "stdio", ...commonEntry(entry) }),
};
