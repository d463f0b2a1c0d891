import { spawn } from "node:child_process";
import { built } from "./builtFiles.ts";
import { userId } from "./filledMemory.ts";

/** Runs the command-line program on the memory in `folder` and answers what it wrote to stdout. */
export function commandLine(folder: string, ...args: string[]): Promise<string> {
	return commandLineWith(folder, "", ...args);
}

/** @param input for stdin */
export function commandLineWith(folder: string, input: string, ...args: string[]): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [built("dist/server.js"), ...args], {
			// A folder without a `.env` of the person who runs this.
			cwd: folder,
			env: { PATH: process.env.PATH, MEMORY_DIR: folder, DEFAULT_USER_ID: userId },
			stdio: ["pipe", "pipe", "pipe"],
		});
		child.stdin.end(input);
		let out = "";
		let problems = "";
		child.stdout.on("data", (chunk: Buffer) => {
			out += chunk.toString();
		});
		child.stderr.on("data", (chunk: Buffer) => {
			problems += chunk.toString();
		});
		child.once("error", reject);
		child.once("close", (code) => {
			if (code === 0) resolve(out);
			else reject(new Error(`mcp-mem0 ${args[0]} ended with ${code}: ${problems}`));
		});
	});
}
