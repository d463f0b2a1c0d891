import assert from "node:assert/strict";
import pg from "pg";
import { examined, firstTrouble } from "../../support/fixtures/brokenSetups.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";
import { hasOwnServer, type OwnServer, ownServer } from "../../support/postgres/ownServer.ts";

const describeOnServer = hasOwnServer ? describe : describe.skip;

describeOnServer("The Endpoint Doctor, of PostgreSQL (only with a server on this machine)", function () {
	this.timeout(120_000);
	let server: OwnServer;
	const run = async (...statements: readonly string[]) => {
		const client = new pg.Client({ connectionString: server.url });
		await client.connect();
		try {
			for (const statement of statements) await client.query(statement);
		} finally {
			await client.end();
		}
	};

	before(async () => {
		await warmUp();
		server = await ownServer();
		await run(
			"CREATE DATABASE bare",
			"CREATE ROLE guest LOGIN",
			"CREATE EXTENSION vector",
			"CREATE SCHEMA newer",
			"CREATE TABLE newer.meta (version int)",
			"INSERT INTO newer.meta VALUES (999)",
		);
	});
	after(() => server?.stop());

	const examine = async (change: Partial<URL>, more: Record<string, string> = {}) => {
		const url = new URL(server.url);
		Object.assign(url, change);
		const env = { MEMORY_DIR: temporaryFolder(), DATABASE_URL: url.href, ...more };
		return examined(env, {}, { roles: ["storage"] });
	};

	it("finds nothing wrong with a server that can be used, and leaves it as it is", async () => {
		const report = await examine({});
		assert.equal(firstTrouble(report), undefined);
		await assert.rejects(run("SELECT 1 FROM mcp_mem0.meta"), /does not exist/);
	});

	const cases: readonly [
		what: string,
		id: string,
		says: RegExp,
		change: Partial<URL>,
		more?: Record<string, string>,
	][] = [
		["a name that nobody knows", "database", /cannot be reached/, { hostname: "no.invalid" }],
		["a port where nobody listens", "database", /cannot be reached/, { port: "1" }],
		["a server without TLS where it is demanded", "database", /sslmode/, { search: "?sslmode=require" }],
		[
			"a CA file that is not there",
			"database",
			/CA file .* cannot be read/,
			{ search: "?sslmode=verify-full&sslrootcert=/no/ca.pem" },
		],
		["a user that there is not", "database", /Check user and password/, { username: "nobody" }],
		["a database that there is not", "database", /Create the database/, { pathname: "/nothing" }],
		["a database without pgvector", "server", /no pgvector yet/, { pathname: "/bare" }],
		["a user who may create nothing", "privileges", /may not create it/, { username: "guest" }],
		[
			"a schema of somebody else",
			"privileges",
			/may not use the schema/,
			{ username: "guest" },
			{ DATABASE_SCHEMA: "newer" },
		],
		["tables of a newer version", "privileges", /schema 999/, {}, { DATABASE_SCHEMA: "newer" }],
		["a pool as large as the server", "connections", /may open 91/, {}, { DATABASE_POOL_SIZE: "90" }],
	];
	for (const [what, id, says, change, more] of cases)
		it(`finds ${what}`, async () => {
			const found = firstTrouble(await examine(change, more));
			assert.equal(found?.id, `storage.${id}`);
			assert.match(`${found.seen} ${found.cause} ${JSON.stringify(found.fixes)}`, says);
			assert.ok(found.cause && found.fixes.length > 0);
		});
});
