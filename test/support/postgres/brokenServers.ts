import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { makeAuthority, makeCertificate } from "../fixtures/certificate.ts";
import { temporaryFolder } from "../fixtures/temporaryFolder.ts";
import { ownServer } from "./ownServer.ts";

/** A server with TLS whose users, schemas and databases each have something wrong with them. */
export interface BrokenServer {
	readonly url: string;
	/** Runs statements as the administrator. */
	run(...statements: readonly string[]): Promise<void>;
	/** Gives the server another certificate. */
	present(certificate: "right" | "expired" | "of another host"): Promise<void>;
	/** The file of the authority that signs them. */
	readonly caFile: string;
	stop(): Promise<void>;
}

const day = 86_400_000;

export async function brokenServer(): Promise<BrokenServer> {
	const server = await ownServer();
	const authority = makeAuthority("Test authority");
	const caFile = join(temporaryFolder(), "ca.pem");
	writeFileSync(caFile, authority.cert);
	const run = async (...statements: readonly string[]) => {
		const client = new pg.Client({ connectionString: server.url });
		await client.connect();
		try {
			for (const statement of statements) await client.query(statement);
		} finally {
			await client.end();
		}
	};
	/** The server's own user writes it, in its folder. */
	const file = (name: string, text: string) =>
		run(
			`COPY (SELECT regexp_split_to_table(${pg.escapeLiteral(text.trimEnd())}, '\n')) TO PROGRAM 'cat > ${name} && chmod 600 ${name}'`,
		);
	const present: BrokenServer["present"] = async (certificate) => {
		const { cert, key } = makeCertificate({
			names: certificate === "of another host" ? ["db.example.com"] : ["127.0.0.1"],
			authority,
			...(certificate === "expired"
				? { from: new Date(Date.now() - 9 * day), to: new Date(Date.now() - day) }
				: {}),
		});
		await file("server.crt", cert);
		await file("server.key", key);
		await run("ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.5)");
	};
	await run(
		"CREATE EXTENSION vector",
		"CREATE DATABASE bare",
		"CREATE ROLE guest LOGIN",
		"CREATE ROLE secured LOGIN PASSWORD 'right'",
		"CREATE ROLE barred LOGIN",
		"CREATE ROLE encrypted LOGIN",
		"CREATE ROLE crowded LOGIN CONNECTION LIMIT 0",
		"CREATE ROLE reader LOGIN",
		"ALTER ROLE reader SET default_transaction_read_only = on",
		"CREATE ROLE hurried LOGIN SUPERUSER",
		"ALTER ROLE hurried SET statement_timeout = '1s'",
		"CREATE DATABASE closed",
		"REVOKE CONNECT ON DATABASE closed FROM public",
		"CREATE SCHEMA newer",
		"CREATE TABLE newer.meta (version int)",
		"INSERT INTO newer.meta VALUES (999)",
		"CREATE SCHEMA owned",
		"CREATE TABLE owned.meta (version int)",
		"GRANT USAGE, CREATE ON SCHEMA owned TO guest",
	);
	await file(
		"pg_hba.conf",
		[
			"local all all trust",
			"host all secured 127.0.0.1/32 scram-sha-256",
			"host all barred 127.0.0.1/32 reject",
			"hostssl all encrypted 127.0.0.1/32 trust",
			"hostnossl all encrypted 127.0.0.1/32 reject",
			"host all all 127.0.0.1/32 trust",
		].join("\n"),
	);
	await run("SELECT pg_reload_conf()");
	return { url: server.url, run, present, caFile, stop: () => server.stop() };
}
