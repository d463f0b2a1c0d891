import assert from "node:assert/strict";
import { request } from "node:http";
import { readHosts } from "../../../src/config/hosts.ts";
import { createLog, silentLog } from "../../../src/config/log.ts";
import { redactor } from "../../../src/config/redact.ts";
import { type HttpHost, startHttpHost } from "../../../src/mcp/hosts/http.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";

const initialize = JSON.stringify({
	jsonrpc: "2.0",
	id: 1,
	method: "initialize",
	params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "hand", version: "1" } },
});

const createSession = () =>
	createMcpServer({
		memory: () => Promise.reject(new Error("not asked for")),
		version: "1",
		log: silentLog,
		project: async () => undefined,
	});

describe("The names of the HTTP server", () => {
	let host: HttpHost;
	const allowed = "memory.example.com, *.Team.example, proxy:8443, tls.example:443, bücher.example";
	before(async () => {
		const allowedHosts = readHosts(allowed);
		assert.ok(typeof allowedHosts !== "string");
		host = await startHttpHost({ createSession, log: silentLog, host: "127.0.0.1", port: 0, allowedHosts });
	});
	after(() => host.close());

	function send(
		headers: Record<string, string>,
	): Promise<readonly [status: number | undefined, body: string]> {
		return new Promise((resolve, reject) => {
			const outgoing = request(host.url, {
				method: "POST",
				headers: {
					"Content-Type": "application/json",
					Accept: "application/json, text/event-stream",
					Authorization: `Bearer ${host.token}`,
					...headers,
				},
			});
			outgoing.on("response", (response) => {
				let text = "";
				response.on("data", (chunk: Buffer) => {
					text += chunk.toString();
				});
				response.on("end", () => resolve([response.statusCode, text]));
			});
			outgoing.on("error", reject);
			outgoing.end(initialize);
		});
	}

	const served: readonly [host: string, status: number][] = [
		["memory.example.com", 200],
		["MEMORY.example.com:8050", 200],
		["a.team.example", 200],
		["a.b.team.example:1", 200],
		["team.example", 403],
		["ateam.example", 403],
		["proxy:8443", 200],
		["proxy", 403],
		["proxy:8444", 403],
		["tls.example", 200],
		["tls.example:443", 200],
		["xn--bcher-kva.example", 200],
		["localhost:1", 200],
		["10.1.2.3:8050", 200],
		["[::1]:8050", 200],
		["memory.example.com.evil.example", 403],
		["evil.example?memory.example.com", 403],
		["memory.example.com@evil.example", 403],
		["memory.example.com:8050:1", 403],
		["*.team.example", 200],
		[`${"a".repeat(8000)}.team.example`, 403],
		[`[${":".repeat(8000)}`, 403],
	];
	for (const [name, status] of served)
		it(`${status === 200 ? "serve" : "refuse"} «${name.slice(0, 50)}»`, async () => {
			assert.equal((await send({ Host: name }))[0], status);
		});

	it("are named in the refusal, with the setting", async () => {
		const [status, body] = await send({ Host: "mem0.internal:8050" });
		assert.equal(status, 403);
		const { message } = (JSON.parse(body) as { error: { message: string } }).error;
		assert.match(
			message,
			/^"mem0\.internal:8050" is not among ALLOWED_HOSTS\. .* add this name to ALLOWED_HOSTS\.$/,
		);
		const [, long] = await send({ Host: `\u009b${"x".repeat(8000)}` });
		assert.ok(long.length < 500 && !long.includes("\u009b") && long.includes("u009b"), long);
	});

	it("do not come from a proxy's word, and do not stand in for the token or for an origin", async () => {
		const forwarded = { Host: "evil.example", "X-Forwarded-Host": "localhost", Forwarded: "host=localhost" };
		assert.equal((await send(forwarded))[0], 403);
		assert.equal((await send({ Host: "memory.example.com", Authorization: "Bearer x" }))[0], 401);
		const page = { Host: "memory.example.com", Origin: "https://memory.example.com" };
		const [status, body] = await send(page);
		assert.equal(status, 403);
		assert.match(body, /Web pages are not served/);
	});
});

describe("The HTTP server beyond this machine", () => {
	async function start(token: string | undefined, host = "0.0.0.0"): Promise<string[]> {
		const lines: string[] = [];
		const log = createLog("INFO", redactor([]), (level, message) => lines.push(`${level}: ${message}`));
		const running = await startHttpHost({ createSession, log, host, port: 0, token });
		await running.close();
		return lines;
	}

	it("warns that tokens and memories can be read on the way", async () => {
		for (const token of [undefined, "correct-horse-battery"])
			assert.match(
				(await start(token)).join(),
				/WARNING: HOST="0\.0\.0\.0" serves other machines over plain http: .*TLS/,
			);
		for (const host of ["127.0.0.1", "localhost", "127.0.0.2"])
			assert.deepEqual(await start(undefined, host), []);
	});

	it("refuses a token that can be guessed, without showing it", async () => {
		await assert.rejects(start("fifteen-chars-x"), (error: Error) => {
			assert.match(
				error.message,
				/^AUTH_TOKEN has fewer than 16 characters, and HOST="0\.0\.0\.0" lets other machines/,
			);
			return !error.message.includes("fifteen");
		});
		assert.deepEqual(await start("t", "127.0.0.1"), []);
	});
});
