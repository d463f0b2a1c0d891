import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import pg from "pg";
import { place } from "../../support/fixtures/commandLine.ts";
import { payload, pgvectorTable, vecsTable } from "../../support/fixtures/foreignMemories.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";
import { TestSchema, testDatabaseUrl } from "../../support/postgres/testDatabase.ts";

const itOnServer = testDatabaseUrl ? it : it.skip;

describe("mcp-mem0 import --from-database", function () {
	this.timeout(120_000);
	const name = `mem0_${process.pid}_${randomBytes(4).toString("hex")}`;
	const url = new URL(testDatabaseUrl ?? "postgres://ada@localhost/memory");

	async function run(statements: string, database = name): Promise<void> {
		const place = new URL(url);
		place.pathname = database;
		const client = new pg.Client({ connectionString: place.href });
		await client.connect();
		try {
			await client.query(statements);
		} finally {
			await client.end();
		}
	}

	const row = (id: string, more: object) =>
		`INSERT INTO vecs.mem0_memories VALUES ('${id}', '[1,0,0]', '${JSON.stringify(more).replaceAll("'", "''")}');`;

	if (testDatabaseUrl) {
		before(async () => {
			await run(`CREATE DATABASE ${name}`, url.pathname.slice(1));
			await run(`CREATE EXTENSION vector; ${vecsTable} ${pgvectorTable} CREATE ROLE ${name} LOGIN PASSWORD 'secret-word';
				GRANT USAGE ON SCHEMA vecs TO ${name}; GRANT SELECT ON vecs.mem0_memories TO ${name};
				${row("1", payload("Ada deploys on Thursdays"))} ${row("2", payload("Bob likes tea", { user_id: "bob, the=second" }))}
				${row("3", payload(`It has the token ghp_${"a1B2".repeat(9)}`))}`);
		});
		after(async () => {
			await run(`DROP DATABASE ${name} WITH (FORCE)`, url.pathname.slice(1));
			await run(`DROP ROLE IF EXISTS ${name}`, url.pathname.slice(1));
		});
	}
	/** As a user who may read but not write. */
	const theirs = () => {
		const reader = new URL(url);
		reader.username = name;
		reader.password = "secret-word";
		reader.pathname = name;
		return reader.href;
	};

	it("refuses what is no database, and flags that go with none", async () => {
		const { run: command } = place({ MEMORY_DIR: temporaryFolder(), EMBEDDING_PROVIDER: "builtin" });
		for (const [args, complaint] of [
			[["--from-database", "memories.db"], /--from-database takes a URL of a database/],
			[["file", "--from-database", "postgres://a@b/c"], /not both/],
			[["file", "--user", "a=b"], /--user goes with --from-database/],
			[["--from-database", "postgres://:secret-word@b/c"], /names no user/],
		] as const) {
			const { code, stderr } = await command("import", ...args);
			assert.equal(code, 64, stderr);
			assert.match(stderr, complaint);
			assert.doesNotMatch(stderr, /secret-word/);
		}
		const away = await command("import", "--from-database", "postgres://a:secret-word@127.0.0.1:1/c");
		assert.equal(away.code, 1);
		assert.doesNotMatch(away.stderr, /secret-word/);
	});

	for (const engine of ["SQLite", "PostgreSQL"])
		itOnServer(
			`lists whose memories there are, then takes them for whom they are meant, into ${engine} (needs TEST_DATABASE_URL)`,
			async () => {
				const schema = new TestSchema();
				const own: Record<string, string> =
					engine === "SQLite" ? {} : { DATABASE_URL: url.href, DATABASE_SCHEMA: schema.name };
				const variables = { MEMORY_DIR: temporaryFolder(), EMBEDDING_PROVIDER: "builtin", ...own };
				const { run: command, exported } = place(variables);
				try {
					const listed = await command("import", "--from-database", theirs());
					assert.equal(listed.code, 0, listed.stderr);
					assert.match(listed.stdout, /^vecs\.mem0_memories {2}\(vecs .*, 3 dimensions\)$/m);
					assert.match(listed.stdout, /^ {2}user {2}2 memories$/m);
					assert.match(listed.stdout, /^ {2}bob%2C%20the%3Dsecond {2}1 memory$/m);
					assert.match(listed.stdout, /^public\.memories .*\n {2}This user may not read it/m);
					assert.match(listed.stderr, /Nothing was imported\. .*--user 'user=ada'/);
					assert.deepEqual(await exported(), []);
					const flags = ["--user", "user,bob%2C%20the%3Dsecond=bob"];
					const trial = await command("import", "--from-database", theirs(), ...flags, "--dry-run");
					assert.match(
						trial.stderr,
						/To ada:\n[\s\S]*Would import 2 memories\.\nTo bob:\n[\s\S]*Would import 1 memory\./,
					);
					const done = await command("import", "--from-database", theirs(), ...flags);
					assert.equal(done.code, 0, done.stderr);
					const texts = (await exported()).map(({ text }) => String(text)).sort();
					assert.deepEqual([texts.length, texts[0]], [2, "Ada deploys on Thursdays"]);
					assert.match(texts[1] ?? "", /redacted/);
					const bobs = place({ ...variables, DEFAULT_USER_ID: "bob" });
					assert.deepEqual(
						(await bobs.exported()).map(({ text }) => text),
						["Bob likes tea"],
					);
					const again = await command("import", "--from-database", theirs(), "--user", "*=ada");
					assert.match(again.stderr, /Imported 1 memory, 2 known already/);
					const nobody = await command("import", "--from-database", theirs(), "--user", "carol");
					assert.deepEqual([nobody.code, /nobody is called "carol"/.test(nobody.stderr)], [64, true]);
					for (const { stdout, stderr } of [listed, trial, done, again, nobody])
						assert.doesNotMatch(stdout + stderr, /secret-word/);
				} finally {
					await schema.drop();
				}
			},
		);

	itOnServer("says that row-level security may hide rows (needs TEST_DATABASE_URL)", async () => {
		await run(`ALTER TABLE vecs.mem0_memories ENABLE ROW LEVEL SECURITY;
			CREATE POLICY own ON vecs.mem0_memories USING (metadata ->> 'user_id' = 'user')`);
		try {
			const { run: command } = place({ MEMORY_DIR: temporaryFolder(), EMBEDDING_PROVIDER: "builtin" });
			const { stdout } = await command("import", "--from-database", theirs());
			assert.match(stdout, /Row-level security is on: rows that this user may not see/);
			assert.match(stdout, /^ {2}user {2}2 memories$/m);
			assert.doesNotMatch(stdout, /bob/);
			await run(
				"CREATE FUNCTION public.breaks() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$; DROP POLICY own ON vecs.mem0_memories; CREATE POLICY own ON vecs.mem0_memories USING (public.breaks())",
			);
			const broken = await command("import", "--from-database", theirs());
			assert.match(broken.stdout, /This user may not read it/);
		} finally {
			await run("ALTER TABLE vecs.mem0_memories DISABLE ROW LEVEL SECURITY");
		}
	});
});
