import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import pg from "pg";
import { StoreError } from "../errors.ts";
import type { Connection, Driver, Row } from "./driver.ts";
import { locationOf, type PostgresSettings } from "./settings.ts";

/** ms: the network may have swallowed the answer. */
const answerTimeout = 30_000;
/** ms after which an idle connection is closed. */
const idleTimeout = 60_000;
/** ms after which closing no longer waits for answers. */
const closeTimeout = 2000;

const int8 = 20;

/** Each client has its own parsers, so that other users of `pg` in the process keep theirs. */
const types = {
	getTypeParser: ((oid: number, format?: "text" | "binary") =>
		oid === int8 ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
};

/** The driver of the product: a pool of `pg`. @throws StoreError if the CA file cannot be read. */
export async function connectDriver(settings: PostgresSettings): Promise<Driver> {
	const { password = "" } = settings;
	const options: pg.ClientConfig = {
		host: settings.host,
		port: settings.port,
		user: settings.user,
		// Also where there is none: otherwise `pg` takes PGPASSWORD, which was given for another server.
		password: typeof password === "string" ? password : async () => (await password()) ?? "",
		database: settings.database,
		ssl: await tlsOptions(settings),
		application_name: "mcp-mem0",
		connectionTimeoutMillis: settings.poolTimeout,
		query_timeout: settings.answerTimeout ?? answerTimeout,
		keepAlive: true,
		keepAliveInitialDelayMillis: 10_000,
		types,
	};
	const pool = new pg.Pool({
		...options,
		max: settings.poolSize,
		idleTimeoutMillis: idleTimeout,
		...(settings.poolRecycle > 0 ? { maxLifetimeSeconds: Math.ceil(settings.poolRecycle / 1000) } : {}),
		allowExitOnIdle: true,
	});
	// An idle connection that breaks is replaced by the next call, which has its own error if that fails.
	pool.on("error", () => undefined);
	const alone = async () => {
		const client = new pg.Client(options);
		client.on("error", () => undefined);
		await client.connect();
		return client;
	};
	const inUse = new Set<pg.PoolClient>();
	return {
		async connect() {
			const client = await pool.connect();
			inUse.add(client);
			const ignore = () => undefined;
			client.on("error", ignore);
			return connection(client, (broken) => {
				inUse.delete(client);
				client.off("error", ignore);
				client.release(broken);
			});
		},
		async listen(channel, notified, lost) {
			const client = await alone();
			let closed = false;
			client.on("notification", ({ payload = "" }) => notified(payload));
			client.on("end", () => {
				if (!closed) lost();
			});
			await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
			return {
				close() {
					closed = true;
					void client.end().catch(() => undefined);
				},
			};
		},
		async connectAlone() {
			const client = new pg.Client({ ...options, query_timeout: 0 });
			client.on("error", () => undefined);
			await client.connect();
			return connection(client, () => void client.end().catch(() => undefined));
		},
		async close() {
			// Whoever ends does not wait for a server that does not answer.
			const cutOff = setTimeout(() => {
				for (const client of inUse) void (client as unknown as pg.Client).end().catch(() => undefined);
			}, closeTimeout);
			await pool.end();
			clearTimeout(cutOff);
		},
	};
}

function connection(client: pg.ClientBase, release: (broken: boolean) => void): Connection {
	return {
		query: async (text, values) => (await client.query(text, [...values])).rows as Row[],
		async script(text) {
			const answer = (await client.query(text)) as unknown as pg.QueryResult | pg.QueryResult[];
			const all = Array.isArray(answer) ? answer : [answer];
			return (all.findLast(({ rows }) => rows.length > 0)?.rows ?? []) as Row[];
		},
		release,
	};
}

async function tlsOptions(settings: PostgresSettings): Promise<false | ConnectionOptions> {
	const { tls, caFile, host } = settings;
	if (tls === "disable" || host.startsWith("/")) return false;
	const ca = caFile === undefined ? undefined : await readCertificates(caFile, settings);
	// As libpq does: with a CA file, `require` checks that the certificate is one of it.
	const checksChain = tls === "verify-full" || tls === "verify-ca" || ca !== undefined;
	return {
		...(ca ? { ca } : {}),
		rejectUnauthorized: checksChain,
		...(tls === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
	};
}

async function readCertificates(file: string, settings: PostgresSettings): Promise<string> {
	try {
		return await readFile(file, "utf8");
	} catch (error) {
		const location = locationOf(settings);
		const message = `The CA file ${file} for the database ${location} cannot be read (${(error as Error).message}). Correct sslrootcert in DATABASE_URL.`;
		throw new StoreError("refused", location, message, error);
	}
}
