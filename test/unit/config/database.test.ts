import assert from "node:assert/strict";
import { passwordsOf, readDatabaseUrl } from "../../../src/config/database.ts";
import { passwordSecret, splitPassword, withPassword } from "../../../src/settings/keys/databasePassword.ts";

describe("The URL of a database", () => {
	const read = (text: string) => {
		const found = readDatabaseUrl(text);
		assert.ok(typeof found !== "string", text);
		return found;
	};

	it("is that of PostgreSQL, however its scheme is spelled", () => {
		for (const scheme of ["postgres", "postgresql", "POSTGRESQL", "postgresql+asyncpg"])
			assert.equal(read(`${scheme}://ada:secret@db.example.com:6543/team`).host, "db.example.com");
		assert.deepEqual(read("postgres://ada@[::1]/"), {
			host: "::1",
			port: 5432,
			user: "ada",
			password: undefined,
			database: "ada",
			tls: "prefer",
			caFile: undefined,
		});
		assert.equal(read("postgres://ada@localhost/team?host=/var/run/postgresql").host, "/var/run/postgresql");
	});

	it("is encrypted beyond this network unless it says otherwise", () => {
		const tls = (host: string) => read(`postgres://ada@${host}/team`).tls;
		for (const near of ["localhost", "127.0.0.1", "10.0.0.4", "db", "db.local"])
			assert.equal(tls(near), "prefer");
		for (const far of ["db.example.com", "203.0.113.4"]) assert.equal(tls(far), "require");
		assert.equal(read("postgres://ada@db.example.com/team?sslmode=disable").tls, "disable");
		assert.equal(read("postgres://ada@db.example.com/team?sslmode=ALLOW").tls, "prefer");
	});

	for (const wrong of [
		"mysql://ada@h/d",
		"postgres://",
		"postgres://h/d",
		"postgres://ada:50%@h/d",
		"h:5432/d",
		"postgres://ada@h/d?sslmode=yes",
		"postgres://ada@h:port/d",
		// Passwords whose / and # are not encoded.
		"postgres://ada:pa@ss/w#rd@h:5432/d",
		"postgres://ada:pa@ss/word@h:5432/d",
		"postgres://ada:pa@ss#word@h:5432/d",
	])
		it(`is not ${wrong}`, () => {
			assert.equal(typeof readDatabaseUrl(wrong), "string");
		});

	it("has no password among its parameters, which is hidden all the same", () => {
		const url = "postgres://ada@db.example.com/memory?sslmode=require&password=s3cret%21";
		assert.match(String(readDatabaseUrl(url)), /a password stands before the host/);
		assert.deepEqual(passwordsOf(url), ["s3cret%21", "s3cret!"]);
	});

	it("has a password that is known in every spelling, and that can be taken out and put in", () => {
		const url = "postgres://ada:p%40ss$&word@db.example.com/team?sslmode=require";
		assert.deepEqual(passwordsOf(url), ["p%40ss$&word", "p@ss$&word"]);
		const split = splitPassword(url);
		assert.deepEqual(split, {
			url: "postgres://ada@db.example.com/team?sslmode=require",
			password: "p@ss$&word",
		});
		assert.equal(read(withPassword(split.url, split.password)).password, "p@ss$&word");
		assert.equal(withPassword(split.url, undefined), split.url);
	});

	it("has a password for its user, host and port alone", () => {
		const name = passwordSecret("postgres://ada@db.example.com/team");
		assert.equal(name, passwordSecret("postgresql://ada:other@db.example.com:5432/another"));
		for (const other of [
			"postgres://bob@db.example.com/team",
			"postgres://ada@db.example.org/team",
			"postgres://ada@db.example.com:5433/team",
		])
			assert.notEqual(passwordSecret(other), name);
	});
});
