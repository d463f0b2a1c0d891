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
	return join(settingsFolder(places), "Code", "User");
}

/** The folders in which a shell looks for programs. */
export function pathFolders({ env }: Places): string[] {
	return (env.PATH ?? env.Path ?? "").split(delimiter).filter(Boolean);
}

export function isOnPath(program: string, places: Places): boolean {
	return pathFolders(places).some((folder) => existsSync(join(folder, program)));
}
