import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { databaseFile } from "../../../src/store/sqlite/sqliteStore.ts";
import { built } from "../builtFiles.ts";
import { project, userId } from "../filledMemory.ts";
import { dimensions, type LargeMemory } from "./largeMemory.ts";
import type { VectorServer } from "./vectorServer.ts";

const model = "prepared";

/** A copy of a large memory whose vectors count as the endpoint's, and how to start programs on it. */
export interface RunningCopy {
	/** Of the database. */
	readonly memoryDir: string;
	/** A clone of the bench's project. */
	readonly cwd: string;
	readonly env: Record<string, string>;
}

export async function runningCopy(
	memory: LargeMemory,
	endpoint: VectorServer,
	folder: string,
): Promise<RunningCopy> {
	const memoryDir = join(folder, "memory");
	const cwd = join(folder, "project");
	await mkdir(memoryDir, { mode: 0o700 });
	await mkdir(join(cwd, ".git"), { recursive: true });
	await writeFile(join(cwd, ".git/HEAD"), "ref: refs/heads/main\n");
	await writeFile(join(cwd, ".git/config"), `[remote "origin"]\n\turl = https://${project.id}.git\n`);
	const file = join(memoryDir, databaseFile);
	await copyFile(join(memory.folder, databaseFile), file, constants.COPYFILE_FICLONE);
	const database = new DatabaseSync(file);
	database
		.prepare("UPDATE spaces SET provider = 'openai', origin = ?, model = ?")
		.run(endpoint.origin, model);
	database.close();
	return {
		memoryDir,
		cwd,
		env: {
			MEMORY_DIR: memoryDir,
			DEFAULT_USER_ID: userId,
			EMBEDDING_PROVIDER: "openai",
			EMBEDDING_BASE_URL: endpoint.baseUrl,
			EMBEDDING_MODEL_CHOICE: model,
			EMBEDDING_MODEL_DIMS: String(dimensions),
		},
	};
}

/** Runs a command of the command line to its end. @returns ms it took, and the MB of RAM it held at most. */
export async function runCommand(
	{ cwd, env }: RunningCopy,
	...args: readonly string[]
): Promise<{ readonly duration: number; readonly peak: number | undefined }> {
	const begun = performance.now();
	const child = spawn(process.execPath, [built("dist/server.js"), ...args], {
		cwd,
		env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
		stdio: ["ignore", "ignore", "pipe"],
	});
	let said = "";
	child.stderr.on("data", (chunk: Buffer) => {
		said += chunk.toString();
	});
	let peak: number | undefined;
	const watching = setInterval(async () => {
		peak = (await peakOf(child.pid)) ?? peak;
	}, 50);
	const code = await new Promise((resolve) => child.once("close", resolve));
	clearInterval(watching);
	if (code !== 0) throw new Error(`mcp-mem0 ${args.join(" ")} ended with ${code}: ${said}`);
	return { duration: performance.now() - begun, peak };
}

/** The most RAM that a process has held so far, in MB; undefined where the system does not tell, or the process is gone. */
export async function peakOf(pid: number | undefined): Promise<number | undefined> {
	const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
	const kilobytes = /^VmHWM:\s+(\d+)/m.exec(status)?.[1];
	return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}
