import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";

/** An MCP server over stdio after its handshake. A client of few lines, so that it is the server's time that counts. */
export interface StdioServer {
	readonly pid: number;
	/** When its process was started, as `performance.now()` tells the time. */
	readonly startedAt: number;
	request(method: string, params?: object): Promise<unknown>;
	close(): Promise<void>;
}

/** Starts it with this Node.js. */
export async function startStdioServer(
	args: readonly string[],
	env: Readonly<Record<string, string>>,
): Promise<StdioServer> {
	const startedAt = performance.now();
	const child = spawn(process.execPath, args, {
		cwd: tmpdir(),
		env: { PATH: process.env.PATH, ...env },
		stdio: ["pipe", "pipe", "pipe"],
	});
	let problems = "";
	child.stderr.on("data", (chunk: Buffer) => {
		problems += chunk.toString();
	});
	const waiting = new Map<number, PromiseWithResolvers<unknown>>();
	createInterface(child.stdout).on("line", (line) => {
		const { id, result, error } = JSON.parse(line) as { id?: number; result?: unknown; error?: object };
		const asked = waiting.get(id ?? -1);
		if (error) asked?.reject(new Error(JSON.stringify(error)));
		else asked?.resolve(result);
	});
	const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
	void ended.then(() => {
		for (const { reject } of waiting.values()) reject(new Error(`The server ended: ${problems}`));
	});
	let count = 0;
	const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
	const request = (method: string, params: object = {}) => {
		const answer = Promise.withResolvers<unknown>();
		count += 1;
		waiting.set(count, answer);
		send({ id: count, method, params });
		return answer.promise;
	};
	await request("initialize", {
		protocolVersion: "2025-11-25",
		capabilities: {},
		clientInfo: { name: "bench", version: "1" },
	});
	send({ method: "notifications/initialized" });
	return {
		pid: child.pid ?? 0,
		startedAt,
		request,
		close: () => {
			child.stdin.end();
			return ended;
		},
	};
}
