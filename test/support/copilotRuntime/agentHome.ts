import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cp, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { serverFile } from "../fixtures/builtFiles.ts";
import { temporaryFolder } from "../fixtures/temporaryFolder.ts";
import { type CopilotSession, startCopilot } from "./runtime.ts";
import { type ModelReply, type ModelRequest, scriptedModel } from "./scriptedModel.ts";

/** A home folder of a person who uses Copilot, with a project in it. */
export interface AgentHome {
	readonly home: string;
	readonly project: string;
	/** Runs the command line there. @throws with what it printed. */
	run(...args: readonly string[]): Promise<string>;
	/**
	 * One session of Copilot, from its first prompt to its end.
	 * @returns what its model was sent.
	 */
	session(
		reply: (request: ModelRequest) => ModelReply,
		work: (session: CopilotSession) => Promise<unknown>,
	): Promise<readonly ModelRequest[]>;
}

/**
 * @param env for the command line alone: Copilot and the servers it starts get none of it.
 * @param server the installation whose command line it is.
 */
export function agentHome(env: Readonly<Record<string, string>> = {}, server = serverFile): AgentHome {
	const home = temporaryFolder();
	const project = join(home, "alpha");
	mkdirSync(join(project, ".git"), { recursive: true });
	writeFileSync(join(project, ".git", "HEAD"), "ref: refs/heads/main\n");
	writeFileSync(
		join(project, ".git", "config"),
		'[remote "origin"]\n\turl = https://example.com/team/alpha.git\n',
	);
	const { PATH, SystemRoot } = process.env;
	const base = { PATH, SystemRoot, HOME: home, USERPROFILE: home, APPDATA: join(home, "AppData"), ...env };
	return {
		home,
		project,
		run: (...args) =>
			new Promise((done, fail) => {
				const child = execFile(
					process.execPath,
					[server, ...args],
					{ cwd: project, env: base },
					(error, stdout, stderr) => {
						if (error) fail(new Error(`mcp-mem0 ${args.join(" ")}: ${stdout}${stderr}`));
						else done(stdout + stderr);
					},
				);
				child.stdin?.end();
			}),
		session: async (reply, work) => {
			const model = await scriptedModel(reply);
			const copilot = await startCopilot(home, project, model);
			try {
				const session = await copilot.startSession();
				await work(session);
				await session.end();
				return model.requests;
			} finally {
				await copilot.close();
				await model.close();
			}
		},
	};
}

/** The build as an extension's folder, as VS Code installs it. @returns its server. */
export async function installedExtension(extensions: string, version: string): Promise<string> {
	const folder = join(extensions, `mcp-mem0.mcp-mem0-${version}`);
	await cp(dirname(serverFile), join(folder, "dist"), {
		recursive: true,
		filter: (path) => !path.endsWith(".map"),
	});
	await writeVersion(folder, version);
	return join(folder, "dist", "server.js");
}

/** What an update leaves behind: the new version's folder in the place of the old one's. */
export async function updateExtension(extensions: string, from: string, to: string): Promise<void> {
	const folder = join(extensions, `mcp-mem0.mcp-mem0-${to}`);
	await rename(join(extensions, `mcp-mem0.mcp-mem0-${from}`), folder);
	await writeVersion(folder, to);
}

async function writeVersion(folder: string, version: string): Promise<void> {
	const manifest = JSON.parse(await readFile(resolve("package.json"), "utf8")) as object;
	await writeFile(join(folder, "package.json"), JSON.stringify({ ...manifest, version }));
}
