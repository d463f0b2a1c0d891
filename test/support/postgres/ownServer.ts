import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { temporaryFolder } from "../fixtures/temporaryFolder.ts";

/** A PostgreSQL server that a test may stop and start, on files of its own. */
export interface OwnServer {
	readonly url: string;
	/** As a crash does: at once, without a word to anybody. */
	crash(): Promise<void>;
	start(): Promise<void>;
	stop(): Promise<void>;
	/** A server that follows this one, and can only be read until it is promoted. */
	standby(): Promise<OwnServer>;
}

/** Debian's folder of programs, of the newest version that has pgvector. */
function programs(): string | undefined {
	const root = "/usr/lib/postgresql";
	const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
	const version = versions.find((each) =>
		existsSync(`/usr/share/postgresql/${each}/extension/vector.control`),
	);
	return version && existsSync(`${root}/${version}/bin/initdb`) ? `${root}/${version}/bin` : undefined;
}

/** Undefined where there is no PostgreSQL with pgvector: such tests are left out, and say so. */
export const hasOwnServer = programs() !== undefined;

/** @param settings of the server, as `name=value`. */
export async function ownServer(settings: readonly string[] = []): Promise<OwnServer> {
	const { folder, run } = prepared();
	run("initdb", "-D", folder, "-A", "trust", "-U", "tester", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8");
	return serverOf(folder, settings);
}

/** A folder of the server's user, who is not root, and what runs programs as that user. */
function prepared() {
	const bin = programs();
	if (!bin) throw new Error("There is no PostgreSQL server with pgvector on this machine.");
	const folder = temporaryFolder();
	const user = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};
	if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
	const run = (program: string, ...options: readonly string[]) =>
		execFileSync(join(bin, program), options, { ...user, cwd: "/", stdio: "ignore" });
	return { folder, run };
}

async function serverOf(folder: string, settings: readonly string[]): Promise<OwnServer> {
	const bin = programs() ?? "";
	const user = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};
	const port = await freePort();
	const url = `postgres://tester@127.0.0.1:${port}/postgres`;
	let server: ChildProcess | undefined;
	const end = async (signal: NodeJS.Signals) => {
		const running = server;
		server = undefined;
		if (!running || running.exitCode !== null) return;
		const ended = new Promise((done) => running.once("exit", done));
		running.kill(signal);
		await ended;
	};
	const start = async () => {
		const options = ["-D", folder, "-p", `${port}`, "-k", folder, "-c", "listen_addresses=127.0.0.1"].concat(
			settings.flatMap((setting) => ["-c", setting]),
		);
		server = spawn(join(bin, "postgres"), options, { ...user, cwd: "/", stdio: "ignore" });
		for (let tried = 0; ; tried += 1) {
			const client = new pg.Client({ connectionString: url });
			client.on("error", () => undefined);
			try {
				await client.connect();
				await client.end();
				return;
			} catch (error) {
				if (tried === 200) throw error;
				await sleep(50);
			}
		}
	};
	await start();
	const standby = async () => {
		const copy = prepared();
		copy.run("pg_basebackup", "-D", copy.folder, "-d", url, "-R", "-X", "stream", "-c", "fast", "--no-sync");
		return serverOf(copy.folder, settings);
	};
	return { url, start, standby, crash: () => end("SIGQUIT"), stop: () => end("SIGINT") };
}

function idOf(flag: "-u" | "-g"): number {
	return Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
}

function freePort(): Promise<number> {
	return new Promise((found, failed) => {
		const probe = createServer().once("error", failed);
		probe.listen(0, "127.0.0.1", () => {
			const address = probe.address();
			probe.close(() => found(typeof address === "object" && address ? address.port : 0));
		});
	});
}
