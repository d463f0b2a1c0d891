import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";

/** A place on this machine in which another program keeps memories. */
export interface ImportSource {
	/** The program, for people. */
	readonly name: string;
	/** Files and folders that `importPaths` reads. */
	readonly paths: readonly string[];
}

export interface Machine {
	/** The user's home folder. */
	readonly home: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** VS Code's folder for the user's own files. */
	readonly vscodeUser: string;
	/** Folders that are open. */
	readonly folders: readonly string[];
}

/** What agents read in a project. */
const ofProjects = [
	"CLAUDE.md",
	"CLAUDE.local.md",
	".claude/CLAUDE.md",
	".claude/rules",
	".claude/agent-memory",
	".claude/agent-memory-local",
	"AGENTS.md",
	"GEMINI.md",
	".github/copilot-instructions.md",
	".github/instructions",
	".cursor/rules",
	".cursorrules",
	".clinerules",
	".roo/rules",
	".roorules",
	".windsurfrules",
	"memory-bank",
];

/** The places that there are, of those where programs are known to keep memories. Nothing is read but names. */
export async function sourcesHere({
	home,
	env,
	vscodeUser,
	folders,
}: Machine): Promise<readonly ImportSource[]> {
	const claude = env.CLAUDE_CONFIG_DIR || join(home, ".claude");
	const mem0 = env.MEM0_DIR || join(home, ".mem0");
	const memoryTool = (folder: string) =>
		["GitHub.copilot-chat", "github.copilot-chat"].map((id) => join(folder, id, "memory-tool", "memories"));
	const candidates: readonly ImportSource[] = [
		...folders.map((folder) => ({
			name: `Instructions in ${basename(folder)}`,
			paths: ofProjects.map((name) => join(folder, name)),
		})),
		{
			name: "Claude Code’s memory",
			paths: [
				join(claude, "CLAUDE.md"),
				join(claude, "rules"),
				join(claude, "agent-memory"),
				...(await childrenOf(join(claude, "projects"))).map((project) => join(project, "memory")),
			],
		},
		{
			name: "VS Code’s memory tool",
			paths: [
				...memoryTool(join(vscodeUser, "globalStorage")),
				...(await childrenOf(join(vscodeUser, "workspaceStorage"))).flatMap(memoryTool),
			],
		},
		{ name: "basic-memory", paths: [env.BASIC_MEMORY_HOME || join(home, "basic-memory")] },
		{ name: "mem0", paths: ["history.db", "vector_store.db", "memory.db"].map((file) => join(mem0, file)) },
		...(env.MEMORY_FILE_PATH ? [{ name: "server-memory", paths: [env.MEMORY_FILE_PATH] }] : []),
	];
	const found: ImportSource[] = [];
	for (const { name, paths } of candidates) {
		const there = await existing(paths);
		if (there.length > 0) found.push({ name, paths: there });
	}
	return found;
}

async function childrenOf(folder: string): Promise<readonly string[]> {
	// There is no such folder: the program is not here.
	const names = await readdir(folder).catch(() => []);
	return names.sort().map((name) => join(folder, name));
}

/** Each once: where upper and lower case are the same, two names may be one file. */
async function existing(paths: readonly string[]): Promise<readonly string[]> {
	const seen = new Map<string, string>();
	for (const path of paths) {
		const found = await stat(path, { bigint: true }).catch(() => undefined);
		const isEmpty = found?.isDirectory() ? (await childrenOf(path)).length === 0 : found?.size === 0n;
		if (!found || isEmpty) continue;
		const key = `${found.dev}:${found.ino}`;
		if (!seen.has(key)) seen.set(key, path);
	}
	return [...seen.values()];
}
