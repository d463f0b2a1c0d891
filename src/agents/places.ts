import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { Places } from "./client.ts";

export function thisMachine(cwd: string = process.cwd()): Places {
	return { platform: process.platform, home: homedir(), env: process.env, cwd };
}

/** The folder in which programs keep a user's settings: `~/.config`, `~/Library/Application Support`, `%APPDATA%`. */
export function settingsFolder({ platform, home, env }: Places): string {
	if (platform === "win32") return env.APPDATA || join(home, "AppData", "Roaming");
	if (platform === "darwin") return join(home, "Library", "Application Support");
	return env.XDG_CONFIG_HOME || join(home, ".config");
}

/** VS Code's folder for the user's own files; its extensions keep theirs in it, too. */
export function vscodeUserFolder(places: Places): string {
	return places.vscodeUser ?? join(settingsFolder(places), "Code", "User");
}

/** The folder that Copilot's Agent Host and CLI share. */
export function copilotFolder({ env, home }: Places): string {
	return env.COPILOT_HOME || join(home, ".copilot");
}

/** Instructions of our own, which Copilot's sessions read where the extension does not run. */
export function copilotInstructions(places: Places): string {
	return join(copilotFolder(places), "instructions", "mem0.instructions.md");
}

/** Hooks of our own beside them. */
export function copilotHooksFile(places: Places): string {
	return join(copilotFolder(places), "hooks", "mcp-mem0.json");
}

/** The folders in which a shell looks for programs. */
export function pathFolders({ env }: Places): string[] {
	return (env.PATH ?? env.Path ?? "").split(delimiter).filter(Boolean);
}

export function isOnPath(program: string, places: Places): boolean {
	return pathFolders(places).some((folder) => existsSync(join(folder, program)));
}
