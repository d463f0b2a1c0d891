import { join } from "node:path";
import type { Environment } from "../config/variables.ts";
import type { Places, ServerEntry } from "./client.ts";
import { launcherFolder, launcherIn } from "./launcher.ts";
import { nodeCommand } from "./nodePath.ts";

/** What the server must be told where it is started by somebody else, so that it opens the same memory. No keys. */
const handedOn = [
	"MEMORY_DIR",
	"TEAM_SERVER_URL",
	"DEFAULT_USER_ID",
	"BRIEF_TOKENS",
	"MCP_MEM0_ENV_FILE",
] as const;

/** The settings of VS Code for what other programs start; it holds no secret. */
export const vscodeSettingsFile: string = join(launcherFolder, "vscode.env");

/** The entry where VS Code has the configuration. It stays as it is when a setting changes. */
export function entryOfVscode(places: Places): Promise<ServerEntry> {
	return ownEntry(places, { MCP_MEM0_ENV_FILE: vscodeSettingsFile });
}

/**
 * The entry that starts our server by its launcher.
 * @param env the configuration of this process.
 */
export async function ownEntry(places: Places, env: Environment): Promise<ServerEntry> {
	const node = await nodeCommand(places);
	const handed = handedOn.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
	return {
		command: node.command,
		args: [launcherIn()],
		env: { ...node.env, ...(Object.fromEntries(handed) as Record<string, string>) },
	};
}
