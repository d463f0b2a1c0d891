import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { type CheckResult, failure, ok } from "../../doctor/findings.ts";
import { advice } from "../../doctor/fixes.ts";
import type { ServerEntry } from "../client.ts";
import { isNewEnough, oldestNode } from "../nodePath.ts";
import { type Connection, type ConnectionCheck, connectAnew, startOf } from "./connection.ts";

/** Whether what the entry starts is there: a Node.js, and our launcher or server. */
export const program: ConnectionCheck = {
	stage: "program",
	title: "Node.js and launcher",
	applies: ({ entry }) => startOf(entry) !== undefined,
	run: async (connection) => {
		const start = startOf(connection.entry) as ServerEntry;
		const fixes = [connectAnew(connection)];
		if (isOfOtherSystem(start.command, connection))
			return failure(
				`It starts ${start.command}, which is a path of another operating system.`,
				`The entry was written on the other side; the agents of ${connection.own.side} cannot start it.`,
				[...fixes, advice("Run mcp-mem0 connect on each side: each has a memory of its own")],
			);
		const script = start.args.find((word) => /\.m?js$/.test(word));
		const version = await versionOf(start);
		if (version === undefined)
			return failure(`${start.command} cannot be started.`, "It was removed, or moved by an update.", fixes);
		if (script === undefined) return ok(`${start.command} is there.`);
		if (!isNewEnough(version))
			return failure(`${start.command} is Node.js ${version}.`, `The server needs ${oldestNode} or newer.`, [
				...fixes,
				advice("Update Node.js"),
			]);
		return (await missingBehind(script, connection)) ?? ok(`Node.js ${version} and ${script} are there.`);
	},
};

async function missingBehind(script: string, connection: Connection): Promise<CheckResult | undefined> {
	const fixes = [connectAnew(connection)];
	if (!isAbsolute(script)) return undefined;
	if (!existsSync(script))
		return failure(`${script} is missing.`, "The extension or the package was removed or moved.", fixes);
	// A launcher finds the server by the file beside it.
	if (!script.endsWith(".mjs")) return undefined;
	const settings = join(dirname(script), "launch.json");
	try {
		const { server } = JSON.parse(await readFile(settings, "utf8")) as { readonly server?: unknown };
		if (typeof server === "string") return undefined;
	} catch {
		// Said below.
	}
	return failure(
		`${settings} is missing or broken.`,
		"The launcher does not know where the server is.",
		fixes,
	);
}

/** Without the "v"; empty for a program that has none; undefined if it cannot be started. */
async function versionOf({ command, env }: ServerEntry): Promise<string | undefined> {
	try {
		const options = { timeout: 5000, env: { ...process.env, ...env } };
		const { stdout } = await promisify(execFile)(command, ["--version"], options);
		return stdout.trim().replace(/^v/, "");
	} catch (error) {
		// A program that knows no such option is there all the same.
		return typeof (error as { readonly code?: unknown }).code === "number" ? "" : undefined;
	}
}

function isOfOtherSystem(command: string, { places: { platform } }: Connection): boolean {
	if (platform === "win32") return command.startsWith("/");
	return /^[a-z]:[\\/]/i.test(command) || /^\/mnt\/[a-z]\/.*\.exe$/i.test(command);
}
