// Answers a hook of VS Code's own agents from the memory that the settings of VS Code name. Without either, it says nothing.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [, , event] = process.argv;
const server = fileURLToPath(new URL("../../../dist/server.js", import.meta.url));
const [major, minor] = process.versions.node.split(".").map(Number);
if (event && existsSync(server) && (major > 22 || (major === 22 && minor >= 16))) {
	const settings = join(dataFolder(), "vscode.env");
	if (existsSync(settings)) process.env.MCP_MEM0_ENV_FILE ??= settings;
	process.argv = [process.argv[0], server, "hook", "--client", "vscode", event];
	await import(pathToFileURL(server).href);
}

/** Where the extension writes its settings down; `launcherFolder` of src/agents/launcher.ts. */
function dataFolder() {
	const { LOCALAPPDATA, XDG_DATA_HOME } = process.env;
	if (process.platform === "win32")
		return join(LOCALAPPDATA || join(homedir(), "AppData", "Local"), "mcp-mem0", "Data");
	if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "mcp-mem0");
	return join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "mcp-mem0");
}
