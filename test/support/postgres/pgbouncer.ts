import { spawn } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "../fixtures/temporaryFolder.ts";

const program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].find((path) => existsSync(path));

/** Without it, tests of poolers are left out, and say so. */
export const hasPgbouncer = program !== undefined;

/** PgBouncer in transaction mode in front of a server that trusts its users. @param sessions of the server, at most */
export async function pgbouncer(
	url: string,
	sessions: number,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
	if (!program) throw new Error("There is no PgBouncer on this machine.");
	const { hostname, port: serverPort, username } = new URL(url);
	const folder = temporaryFolder();
	// It refuses to run as root, and its own user reads these.
	chmodSync(folder, 0o755);
	const port = await freePort();
	writeFileSync(join(folder, "users"), `"${username}" ""\n`);
	writeFileSync(
		join(folder, "pgbouncer.ini"),
		`[databases]
* = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
auth_type = trust
auth_file = ${join(folder, "users")}
pool_mode = transaction
default_pool_size = ${sessions}
unix_socket_dir =
`,
	);
	const asRoot = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
	const child = spawn(program, [...asRoot, join(folder, "pgbouncer.ini")], { stdio: "ignore" });
	for (let tried = 0; !(await accepts(port)); tried += 1) {
		if (tried === 100) throw new Error("PgBouncer does not start.");
		await sleep(50);
	}
	return {
		port,
		stop: async () => {
			const ended = new Promise((done) => child.once("exit", done));
			child.kill("SIGKILL");
			await ended;
		},
	};
}

function accepts(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, "127.0.0.1");
		socket.once("connect", () => {
			socket.destroy();
			resolve(true);
		});
		socket.once("error", () => resolve(false));
	});
}

function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const { port } = server.address() as { port: number };
			server.close(() => resolve(port));
		});
	});
}
