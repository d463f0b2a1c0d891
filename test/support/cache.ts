import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import envPaths from "env-paths";

/** Where test hosts and browsers are kept between runs and clones. */
export const cacheFolder = process.env.MEM0_TEST_CACHE ?? envPaths("mcp-mem0-test", { suffix: "" }).cache;

/** The folder `name` in the cache; made by `fill` on first use. A run that is cut off leaves nothing half-made. */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
	const folder = join(cacheFolder, name);
	if (existsSync(folder)) return folder;
	const partial = `${folder}.partial-${process.pid}`;
	await rm(partial, { recursive: true, force: true });
	await mkdir(partial, { recursive: true });
	try {
		await fill(partial);
		await rename(partial, folder);
	} catch (error) {
		await rm(partial, { recursive: true, force: true });
		// Another run may have been faster.
		if (!existsSync(folder)) throw error;
	}
	return folder;
}

/** Runs npm in a folder, quietly; what it said is in the error when it fails. */
export async function npm(folder: string, ...args: string[]): Promise<void> {
	const cli = process.env.npm_execpath;
	const [command, prefix] = cli ? [process.execPath, [cli]] : ["npm", []];
	await run(command, [...prefix, ...args, "--no-audit", "--no-fund", "--loglevel", "error"], folder);
}

export function run(
	command: string,
	args: readonly string[],
	cwd: string,
	env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream.on("data", (chunk: Buffer) => {
				output += chunk.toString();
			});
		}
		child.once("error", reject);
		child.once("close", (code) => {
			if (code === 0) resolve(output);
			else reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output.slice(-4000)}`));
		});
	});
}
