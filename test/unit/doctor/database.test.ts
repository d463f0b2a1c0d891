import assert from "node:assert/strict";
import { openPostgresStore } from "../../../src/store/postgres/postgresStore.ts";
import {
	examined,
	firstTrouble,
	secret,
	type Workbench,
	withWorkbench,
} from "../../support/fixtures/brokenSetups.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { warmUp } from "../../support/fixtures/warmUp.ts";
import { type BrokenServer, brokenServer } from "../../support/postgres/brokenServers.ts";
import { hasOwnServer } from "../../support/postgres/ownServer.ts";
import { hasPgbouncer, pgbouncer } from "../../support/postgres/pgbouncer.ts";
import { testSettings } from "../../support/postgres/testDatabase.ts";

const describeOnServer = hasOwnServer ? describe : describe.skip;

/** What is changed of a URL that works. */
type Change = Partial<Pick<URL, "hostname" | "port" | "username" | "password" | "pathname" | "search">>;

interface Case {
	/** Completes "finds …". */
	readonly what: string;
	readonly id: string;
	readonly says: RegExp;
	readonly change?: Change;
	readonly env?: Record<string, string>;
	readonly arrange?: (server: BrokenServer, bench: Workbench) => Promise<Change | undefined>;
}

describeOnServer("The Endpoint Doctor, of PostgreSQL (only with a server on this machine)", function () {
	this.timeout(120_000);
	let server: BrokenServer;

	before(async () => {
		await warmUp();
		server = await brokenServer();
	});
	after(() => server?.stop());

	const examine = (change: Change, more: Record<string, string> = {}) => {
		const url = new URL(server.url);
		Object.assign(url, change);
		const env = { MEMORY_DIR: temporaryFolder(), DATABASE_URL: url.href, ...more };
		return examined(env, {}, { roles: ["storage"], deadline: 4000 });
	};

	it("finds nothing wrong with a server that can be used, and leaves it as it is", async () => {
		const report = await examine({});
		assert.equal(firstTrouble(report), undefined);
		await assert.rejects(server.run("SELECT 1 FROM mcp_mem0.meta"), /does not exist/);
	});

	it("waits no longer than a check may take for a server that hangs, before and after the log-in", () =>
		withWorkbench(async (bench) => {
			const loggedIn = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
			const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
			for (const answer of [Buffer.alloc(0), loggedIn, Buffer.concat([loggedIn, ready])]) {
				const port = await bench.raw((socket) => socket.once("data", () => socket.write(answer)));
				const report = await examine({ port: `${port}`, search: "?sslmode=disable" });
				assert.equal(firstTrouble(report)?.id, "storage.database");
				// The pool would wait for 30 s, and so would each statement.
				assert.ok(report.duration < 20_000, `${report.duration} ms`);
			}
		}));

	const cases: readonly Case[] = [
		{
			what: "a name that nobody knows",
			id: "name",
			says: /No host is called no\.invalid/,
			change: { hostname: "no.invalid" },
		},
		{
			what: "Supabase's host that has no IPv4 address",
			id: "name",
			says: /pooler\.supabase\.com/,
			change: { hostname: "db.abcdefghijkl.supabase.co" },
		},
		{
			what: "a port where nobody listens",
			id: "port",
			says: /Nothing listens at 127\.0\.0\.1:/,
			arrange: async (_, bench) => ({ port: `${await bench.closedPort()}` }),
		},
		{
			what: "a firewall that drops connections",
			id: "port",
			says: /did not accept a connection within 4 s.*firewall/,
			arrange: async (_, bench) => ({ port: `${await bench.blackHole()}` }),
		},
		{
			what: "a server that says nothing",
			id: "database",
			says: /not PostgreSQL/,
			arrange: async (_, bench) => ({ port: `${await bench.raw(() => undefined)}` }),
		},
		{
			what: "a web server in its place",
			id: "database",
			says: /not PostgreSQL/,
			arrange: async (_, bench) => ({
				port: `${await bench.raw((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))}`,
			}),
		},
		{
			what: "a server without TLS where it is demanded",
			id: "encryption",
			says: /sslmode/,
			change: { search: "?sslmode=require" },
		},
		{
			what: "a user who is let in only with TLS",
			id: "encryption",
			says: /sslmode/,
			change: { username: "encrypted", search: "?sslmode=disable" },
		},
		{
			what: "a CA file that is not there",
			id: "encryption",
			says: /CA file .* cannot be read/,
			change: { search: "?sslmode=verify-full&sslrootcert=/no/ca.pem" },
		},
		{
			what: "a certificate of an authority that is not known here",
			id: "encryption",
			says: /sslrootcert/,
			arrange: async ({ present }) => {
				await present("right");
				return { search: "?sslmode=verify-full" };
			},
		},
		{
			what: "a certificate of another host",
			id: "encryption",
			says: /does not match certificate's altnames/,
			arrange: async ({ present, caFile }) => {
				await present("of another host");
				return { search: `?sslmode=verify-full&sslrootcert=${caFile}` };
			},
		},
		{
			what: "a certificate that has expired",
			id: "encryption",
			says: /expired/,
			arrange: async ({ present, caFile }) => {
				await present("expired");
				return { search: `?sslmode=verify-full&sslrootcert=${caFile}` };
			},
		},
		{
			what: "a user that there is not",
			id: "login",
			says: /Check user and password/,
			change: { username: "nobody" },
		},
		{
			what: "a wrong password",
			id: "login",
			says: /Check user and password/,
			change: { username: "secured", password: secret },
		},
		{
			what: "a password that is missing",
			id: "login",
			says: /Check user and password/,
			change: { username: "secured" },
		},
		{
			what: "a machine that is not let in",
			id: "login",
			says: /pg_hba\.conf/,
			change: { username: "barred" },
		},
		{
			what: "a database that there is not",
			id: "database",
			says: /CREATE DATABASE \\"nothing\\"/,
			change: { pathname: "/nothing" },
		},
		{
			what: "a database that the user may not connect to",
			id: "database",
			says: /may not connect/,
			change: { username: "guest", pathname: "/closed" },
		},
		{
			what: "a user without a free connection",
			id: "database",
			says: /no free connection/,
			change: { username: "crowded" },
		},
		{
			what: "a database without pgvector",
			id: "server",
			says: /no pgvector yet/,
			change: { pathname: "/bare" },
		},
		{
			what: "a user who may create nothing",
			id: "privileges",
			says: /may not create it/,
			change: { username: "guest" },
		},
		{
			what: "a schema of somebody else",
			id: "privileges",
			says: /GRANT USAGE, CREATE ON SCHEMA/,
			change: { username: "guest" },
			env: { DATABASE_SCHEMA: "newer" },
		},
		{
			what: "tables of somebody else",
			id: "privileges",
			says: /GRANT ALL ON ALL TABLES/,
			change: { username: "guest" },
			env: { DATABASE_SCHEMA: "owned" },
		},
		{
			what: "a user who may only read",
			id: "privileges",
			says: /can only read/,
			change: { username: "reader" },
		},
		{
			what: "tables of a newer version",
			id: "privileges",
			says: /schema 999/,
			env: { DATABASE_SCHEMA: "newer" },
		},
		{
			what: "a pool as large as the server",
			id: "connections",
			says: /may open 91/,
			env: { DATABASE_POOL_SIZE: "90" },
		},
		{
			what: "statements that are ended soon",
			id: "statement-timeout",
			says: /after 1 s/,
			change: { username: "hurried" },
		},
		{
			what: "an index that somebody has dropped",
			id: "indexes",
			says: /gone, not whole/,
			env: { DATABASE_SCHEMA: "unindexed" },
			arrange: async ({ url, run }) => {
				const store = await openPostgresStore(testSettings("unindexed", url), { chat: "", embedding: "" });
				await store.spaces.adopt("user", { provider: "test", origin: "", model: "small", dimensions: 8 });
				await store.close();
				await run("UPDATE unindexed.spaces SET indexed_to = 20000");
				return undefined;
			},
		},
	];
	for (const { what, id, says, change, env, arrange } of cases)
		it(`finds ${what}`, () =>
			withWorkbench(async (bench) => {
				const arranged = await arrange?.(server, bench);
				const found = firstTrouble(await examine({ ...change, ...arranged }, env));
				assert.equal(found?.id, `storage.${id}`, JSON.stringify(found));
				assert.match(`${found.seen} ${found.cause} ${JSON.stringify(found.fixes)}`, says);
				assert.ok(found.cause && found.fixes.length > 0);
			}));

	it("tells that a connection is encrypted, and by whom it is let in", async () => {
		await server.present("right");
		const { findings } = await examine({ search: `?sslmode=verify-full&sslrootcert=${server.caFile}` });
		const said = (stage: string) => findings.find(({ id }) => id === `storage.${stage}`)?.seen;
		assert.equal(said("encryption"), "The connection is encrypted.");
		assert.equal(said("login"), "The server lets tester in.");
		assert.match(said("pooler") ?? "", /^None in transaction mode/);
	});

	(hasPgbouncer ? it : it.skip)(
		"tells that a pooler in transaction mode is between (only with PgBouncer)",
		async () => {
			for (const sessions of [1, 10]) {
				const pooler = await pgbouncer(server.url, sessions);
				try {
					const report = await examine({ port: `${pooler.port}` });
					assert.equal(firstTrouble(report), undefined);
					const found = report.findings.find(({ id }) => id === "storage.pooler");
					assert.match(found?.seen ?? "", /A pooler in transaction mode is between/);
				} finally {
					await pooler.stop();
				}
			}
		},
	);
});
