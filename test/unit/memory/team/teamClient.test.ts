import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLog } from "../../../../src/config/log.ts";
import { directly } from "../../../../src/config/network.ts";
import { errorText } from "../../../../src/memory/errorText.ts";
import { RemoteMemory } from "../../../../src/memory/remote/remoteMemory.ts";
import { createTeamClient, type TeamAccess } from "../../../../src/memory/remote/teamClient.ts";
import { StoreError } from "../../../../src/store/errors.ts";
import { startTeam } from "../../../support/team/teamFixture.ts";

const secret = "mem0_planted-token-4711";
const about = { protocol: 1, version: "1", userId: "ada", team: true, admin: false };

describe("A client of a team's server", () => {
	const closing: (() => void)[] = [];
	afterEach(() => {
		for (const close of closing.splice(0)) close();
	});

	/** Some HTTP server. @returns the URL of what would be its MCP endpoint, and the requests that it got. */
	async function server(answer: (request: IncomingMessage, response: ServerResponse) => void) {
		const seen: IncomingMessage[] = [];
		const running = createServer((request, response) => {
			seen.push(request);
			request.resume();
			answer(request, response);
		});
		await new Promise<void>((listening) => running.listen(0, "127.0.0.1", listening));
		const close = () => {
			running.closeAllConnections();
			running.close();
		};
		closing.push(close);
		return { url: `http://127.0.0.1:${(running.address() as AddressInfo).port}/mcp`, seen, close };
	}
	const clientOf = (url: string, token: TeamAccess["token"] = secret) =>
		createTeamClient({ url, token, network: directly });
	const json = (response: ServerResponse, status: number, body: unknown, headers: object = {}) => {
		response.writeHead(status, { "content-type": "application/json", ...headers });
		response.end(typeof body === "string" ? body : JSON.stringify(body));
	};
	const failure = async (url: string, timeout?: number) => {
		const error: unknown = await clientOf(url)
			.call("about", [], timeout === undefined ? {} : { timeout })
			.then(
				() => undefined,
				(thrown: unknown) => thrown,
			);
		assert.ok(error instanceof StoreError, String(error));
		assert.doesNotMatch(error.message, /planted-token/);
		assert.ok(error.message.includes(url), error.message);
		assert.equal(error.path, url);
		return error;
	};

	describe("says what is wrong with a server that", () => {
		const answers: readonly (readonly [
			string,
			StoreError["kind"],
			RegExp,
			(response: ServerResponse) => void,
		])[] = [
			[
				"answers with a web page",
				"unsupported",
				/answered with a web page \(HTTP 200\). Check TEAM_SERVER_URL/,
				(r) => json(r, 200, "<html>Welcome</html>"),
			],
			["answers with nothing", "unsupported", /answered with nothing \(HTTP 200\)/, (r) => json(r, 200, "")],
			[
				"answers something else in JSON",
				"unsupported",
				/no answer of MCP Mem0/,
				(r) => json(r, 200, { hello: 1 }),
			],
			[
				"answers a result of another form",
				"unsupported",
				/no answer of MCP Mem0/,
				(r) => json(r, 200, { result: { ...about, userId: 7 } }),
			],
			[
				"redirects",
				"unsupported",
				/redirects to https:\/\/login.example\/ \(HTTP 302\)/,
				(r) => json(r, 302, "", { location: "https://login.example/" }),
			],
			[
				"knows no such path",
				"unsupported",
				/offers no memory here \(HTTP 404\). It said: “The MCP endpoint is at \/mcp.” .*older version/,
				(r) => json(r, 404, { error: { code: -32000, message: "The MCP endpoint is at /mcp." } }),
			],
			[
				"refuses the token",
				"refused",
				/refuses the token \(HTTP 401\). It said: “Not valid.” Check TEAM_SERVER_TOKEN/,
				(r) => json(r, 401, { error: { message: "Not valid." } }),
			],
			[
				"does not let anybody in under this name",
				"refused",
				/does not let you in \(HTTP 403\). It said: “x is not among ALLOWED_HOSTS.”/,
				(r) => json(r, 403, { error: { message: "x is not among ALLOWED_HOSTS." } }),
			],
			[
				"ends",
				"busy",
				/cannot answer now \(HTTP 503\)/,
				(r) => json(r, 503, { error: { message: "ending" } }),
			],
			[
				"is away behind its proxy",
				"busy",
				/The proxy before it cannot reach it/,
				(r) => json(r, 502, "<h1>Bad Gateway</h1>"),
			],
			[
				"fails",
				"failed",
				/refuses the request \(HTTP 500\). It said: “See its log.”/,
				(r) => json(r, 500, { error: { message: "See its log." } }),
			],
			[
				"has a database that is away",
				"unreachable",
				/says: PostgreSQL is away/,
				(r) =>
					json(r, 503, { error: { kind: "store", store: "unreachable", message: "PostgreSQL is away." } }),
			],
			[
				"sends an error of no kind that there is",
				"failed",
				/refuses the request/,
				(r) => json(r, 400, { error: { kind: "__proto__", message: "x", current: 7 } }),
			],
			["breaks off", "unreachable", /broke off the connection/, (r) => r.destroy()],
			[
				"breaks off within its answer",
				"unreachable",
				/broke off the connection/,
				(r) => {
					r.writeHead(200, { "content-length": "1000" });
					r.write("{");
					setTimeout(() => r.destroy(), 30);
				},
			],
			[
				"sends JSON without an end of levels",
				"unreachable",
				/more than \d+ levels/,
				(r) => json(r, 200, "[".repeat(100_000)),
			],
		];
		for (const [name, kind, message, answer] of answers)
			it(name, async () => {
				const { url } = await server((_, response) => answer(response));
				const error = await failure(url);
				assert.equal(error.kind, kind);
				assert.match(error.message, message);
			});

		it("is not there, or never answers", async () => {
			const { url, close } = await server(() => undefined);
			assert.match((await failure(url, 300)).message, /did not answer within/);
			close();
			await sleep(20);
			assert.match(
				(await failure(url)).message,
				/nothing listens at 127\.0\.0\.1:\d+. Check TEAM_SERVER_URL/,
			);
			assert.match(
				(await failure("http://nobody.invalid/mcp")).message,
				/no host is called nobody.invalid|did not answer/,
			);
		});
	});

	it("sends the token to its own server alone, whatever that redirects to", async () => {
		const other = await server((_, response) => json(response, 200, { result: about }));
		const { url, seen } = await server((_, response) => json(response, 307, "", { location: other.url }));
		await failure(url);
		assert.equal(seen[0]?.headers.authorization, `Bearer ${secret}`);
		assert.equal(other.seen.length, 0);
	});

	it("waits where it has asked too often, and no longer than anybody would", async () => {
		let asked = 0;
		const { url } = await server((_, response) => {
			asked += 1;
			const refused = { error: { message: "Too often." } };
			if (asked === 1) json(response, 429, refused, { "retry-after": "1" });
			else json(response, 200, { result: about });
		});
		assert.equal((await clientOf(url).call("about", [])).userId, "ada");
		const rude = await server((_, response) =>
			json(response, 429, { error: { message: "Too often." } }, { "retry-after": "86400" }),
		);
		assert.equal((await failure(rude.url)).kind, "busy");
	});

	it("is given up by whoever asks", async () => {
		const { url } = await server(() => undefined);
		const stop = new AbortController();
		const asked = clientOf(url).call("about", [], { signal: stop.signal });
		const reason = new Error("enough");
		stop.abort(reason);
		await assert.rejects(asked, reason);
	});

	it("asks for a token again that was not there, or was refused", async () => {
		const tokens = [undefined, "old", "new"];
		const { url, seen } = await server((request, response) =>
			request.headers.authorization === "Bearer new"
				? json(response, 200, { result: about })
				: json(response, 401, { error: { message: "No." } }),
		);
		const client = clientOf(url, async () => tokens.shift());
		await assert.rejects(client.call("about", []), /wants a token/);
		await assert.rejects(client.call("about", []), /refuses the token/);
		assert.equal((await client.call("about", [])).userId, "ada");
		assert.equal((await client.call("about", [])).userId, "ada");
		assert.deepEqual(
			seen.map(({ headers }) => headers.authorization),
			[undefined, "Bearer old", "Bearer new", "Bearer new"],
		);
	});

	it("begins while the server is away, says so at each request, and goes on once it is back", async function () {
		this.timeout(60_000);
		const first = await startTeam();
		const token = await first.tokenOf("ada");
		const { port } = new URL(first.host.url);
		await first.close();
		const memory = await RemoteMemory.open({ client: clientOf(first.host.url, token), log: silentLog });
		await assert.rejects(memory.save({ text: "Lost?" }), (error) =>
			/nothing listens|broke off/.test(errorText(error)),
		);
		await assert.rejects(memory.status(), StoreError);
		let heard = 0;
		memory.onDidChange(() => {
			heard += 1;
		});
		const second = await startTeam({ port: Number(port), folder: first.folder });
		try {
			await memory.save({ text: "The server is back." });
			assert.equal(memory.userId, "ada");
			assert.equal((await memory.status()).counts.all, 1);
			while (heard === 0) {
				await sleep(300);
				await memory.save({ text: `Something else ${performance.now()}` });
			}
			await second.host.close();
			const { away } = await memory.status();
			assert.match(away?.problem ?? "", /nothing listens/);
		} finally {
			await memory.dispose();
			await second.close();
		}
	});
});
