import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { serverFile } from "../../support/fixtures/builtFiles.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { OpenAiServer } from "../../support/openaiServer/server.ts";

interface Usage {
	readonly days: readonly { readonly day: string; readonly host: string; readonly requests: number }[];
	readonly total: readonly {
		readonly role: string;
		readonly host: string;
		readonly requests: number;
		readonly errors: number;
		readonly inputTokens: number;
	}[];
}

describe("mcp-mem0 usage", function () {
	this.timeout(60_000);
	const home = temporaryFolder();
	const folder = temporaryFolder();
	const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
		new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
			const { PATH, SystemRoot } = process.env;
			const own = { HOME: home, USERPROFILE: home, MEMORY_DIR: folder, LOG_LEVEL: "WARNING" };
			const env = { PATH, SystemRoot, ...own, ...more };
			execFile(process.execPath, [serverFile, ...args], { cwd: home, env }, (error, stdout, stderr) =>
				done({ code: error ? error.code : 0, stdout, stderr }),
			);
		});

	it("says that there were no requests", async () => {
		const { code, stdout } = await run(["usage"]);
		assert.deepEqual([code, stdout], [0, "No requests to a model in 7 days.\n"]);
	});

	it("shows the requests of all processes, by day and host, with their sums", async () => {
		const server = await OpenAiServer.start();
		try {
			const env = { EMBEDDING_BASE_URL: server.baseUrl, EMBEDDING_MODEL_CHOICE: "test-embed" };
			await Promise.all(["one", "two", "three"].map((query) => run(["search", query], env)));
			await run(["search", "four"]);
			const { host } = new URL(server.origin);
			const asked = server.count("embeddings");
			const { code, stdout } = await run(["usage", "--days", "1"]);
			assert.equal(code, 0);
			const [head, ...lines] = stdout.trimEnd().split("\n");
			assert.match(head ?? "", /^Day +Role +Host +Requests +Errors +Tokens in +Tokens out +Latency$/);
			assert.equal(lines.length, 4);
			assert.match(
				stdout,
				new RegExp(`^\\d{4}-\\d\\d-\\d\\d +embedding +${host} +${asked} +0 +\\d+ +0 +[\\d,]+ ms$`, "m"),
			);
			assert.match(stdout, /^Total +embedding +built in +1 +0 +0 +0 +[\d,]+ ms$/m);
			const usage = JSON.parse((await run(["usage", "--json"])).stdout) as Usage;
			assert.deepEqual(
				usage.total.map((row) => [row.role, row.host, row.requests, row.errors]),
				[
					["embedding", host, asked, 0],
					["embedding", "built in", 1, 0],
				].sort(([, a], [, b]) => String(a).localeCompare(String(b))),
			);
			assert.equal(usage.days.length, 2);
		} finally {
			await server.close();
		}
	});

	for (const days of ["0", "31", "many", "1.5", ""])
		it(`refuses --days ${JSON.stringify(days)}`, async () => {
			const { code, stderr } = await run(["usage", "--days", days]);
			assert.notEqual(code, 0);
			assert.match(stderr, /--days takes a whole number from 1 to 30/);
		});

	it("shares the requests of a minute among processes", async () => {
		const server = await OpenAiServer.start();
		try {
			const env = {
				EMBEDDING_BASE_URL: server.baseUrl,
				EMBEDDING_MODEL_CHOICE: "test-embed",
				EMBEDDING_REQUESTS_PER_MINUTE: "2",
			};
			const queries = ["one", "two", "three", "four"];
			const ends = await Promise.all(queries.map((query) => run(["search", query], env)));
			assert.deepEqual(
				ends.map(({ code }) => code),
				[0, 0, 0, 0],
			);
			assert.equal(server.count("embeddings"), 2);
			assert.match(ends.map(({ stderr }) => stderr).join(), /EMBEDDING_REQUESTS_PER_MINUTE allows/);
		} finally {
			await server.close();
		}
	});
});
