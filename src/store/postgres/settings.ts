import { inShell } from "../../text/inert.ts";

/** How to reach a database, as read from the configuration. */
export interface PostgresSettings {
	readonly host: string;
	readonly port: number;
	readonly user: string;
	/** Sent to `host` alone. A function is asked at each connection. */
	readonly password?: string | (() => Promise<string | undefined>) | undefined;
	readonly database: string;
	readonly tls: TlsMode;
	/** The path of a file with the certificates to trust. */
	readonly caFile?: string | undefined;
	/** Of the tables. */
	readonly schema: string;
	/** The most connections of this process, but for the one that waits for notifications. */
	readonly poolSize: number;
	/** ms to wait for a connection. */
	readonly poolTimeout: number;
	/** ms after which a connection is replaced; 0: never. */
	readonly poolRecycle: number;
	/** How often a call is tried again when its connection breaks. */
	readonly retries: number;
	/** ms after which the answer to a statement is no longer waited for; default: 30,000. */
	readonly answerTimeout?: number;
}

/** As in libpq. `prefer`: TLS if the server has it. `require`: without checking who the server is, unless there is a CA file. */
export type TlsMode = "disable" | "prefer" | "require" | "verify-ca" | "verify-full";

/** For people: without the password. */
export function locationOf({ host, port, user, database, schema }: PostgresSettings): string {
	const server = host.startsWith("/") ? host : `${host.includes(":") ? `[${host}]` : host}:${port}`;
	return `${database} on ${server} (user ${user}, schema ${schema})`;
}

/** Copies the whole schema, of all users, and brings it back: for a shell, without the password, which is asked for. */
export function dumpCommands(settings: PostgresSettings): {
	readonly dump: string;
	readonly restore: string;
} {
	const { host, port, user, database, schema, tls, caFile } = settings;
	const parameters = new URLSearchParams({
		sslmode: tls,
		...(caFile === undefined ? {} : { sslrootcert: caFile }),
	});
	const server = host.startsWith("/")
		? `:${port}/${encodeURIComponent(database)}?host=${encodeURIComponent(host)}&`
		: `${host.includes(":") ? `[${host}]` : host}:${port}/${encodeURIComponent(database)}?`;
	const url = inShell(`postgresql://${encodeURIComponent(user)}@${server}${parameters}`);
	// In double quotes, a name is not read as a pattern.
	const name = inShell(`"${schema.replaceAll('"', '""')}"`);
	return {
		dump: `pg_dump --dbname=${url} --schema=${name} --format=custom --file=memory.dump`,
		restore: `pg_restore --dbname=${url} --clean --if-exists --no-owner memory.dump`,
	};
}
