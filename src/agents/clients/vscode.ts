import { join } from "node:path";
import { type Client, commonEntry } from "../client.ts";
import { json } from "../edit/json.ts";
import { vscodeUserFolder } from "../places.ts";
import { copilotHooks } from "./copilot.ts";

/** The user's own servers in VS Code. Where our extension is installed, it brings the server itself. */
export const vscode: Client = {
	id: "vscode",
	name: "VS Code, without the extension",
	format: json,
	file: (places) => join(vscodeUserFolder(places), "mcp.json"),
	servers: ["servers"],
	toEntry: (entry) => ({ type: "stdio", ...commonEntry(entry) }),
	hooks: copilotHooks,
	onlyWhenNamed: true,
	remark: "Where the extension is installed, VS Code has the server already.",
};
