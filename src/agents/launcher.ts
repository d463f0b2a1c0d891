import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import envPaths from "env-paths";

/**
 * Where the launcher stands: entries in other programs' files name it, so it stays where it is when an update brings
 * the server to another folder.
 */
export const launcherFolder: string = envPaths("mcp-mem0", { suffix: "" }).data;

/** Runs on its own, in whichever Node.js a client has. */
const program = `// Starts the memory server of MCP Mem0, wherever its newest installation is. MCP Mem0 writes this file.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

try {
	const { server } = JSON.parse(readFileSync(new URL("launch.json", import.meta.url), "utf8"));
	const found = existsSync(server) ? server : newest(server);
	if (!found) throw \`MCP Mem0 is not installed any more: there is no \${server}. Install it again, or run: mcp-mem0 disconnect\`;
	process.argv[1] = found;
	await import(pathToFileURL(found).href);
} catch (error) {
	// What goes wrong in a hook must not disturb the session around it.
	if (process.argv[2] !== "hook") {
		console.error(error);
		process.exitCode = 1;
	}
}

/** An update of an extension has a folder of its own beside the old one, which is removed later. */
function newest(server) {
	const folder = dirname(dirname(server));
	const name = basename(folder).replace(/-\\d+\\.\\d+\\.\\d+.*$/, "");
	if (!existsSync(dirname(folder))) return undefined;
	return readdirSync(dirname(folder))
		.filter((each) => each.startsWith(\`\${name}-\`))
		.sort((a, b) => b.localeCompare(a, "en", { numeric: true }))
		.map((each) => join(dirname(folder), each, "dist", "server.js"))
		.find((each) => existsSync(each));
}
`;

export function launcherIn(folder: string = launcherFolder): string {
	return join(folder, "mcp-mem0.mjs");
}

/**
 * Writes the launcher, if it is not there as it should be.
 * @param server the bundle of the server that runs now.
 */
export async function writeLauncher(server: string, folder: string = launcherFolder): Promise<void> {
	await mkdir(folder, { recursive: true, mode: 0o700 });
	await put(join(folder, "launch.json"), `${JSON.stringify({ server }, undefined, "\t")}\n`);
	await put(launcherIn(folder), program);
}

async function put(file: string, text: string): Promise<void> {
	const present = await readFile(file, "utf8").catch(() => undefined);
	if (present === text) return;
	const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
	await writeFile(temporary, text, { mode: 0o600 });
	await rename(temporary, file);
}
