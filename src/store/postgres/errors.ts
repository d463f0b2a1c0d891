import { ConflictError, StoreError, type StoreErrorKind } from "../errors.ts";

type Failure = Exclude<StoreErrorKind, "newer-schema" | "unsupported">;

/** Classes and codes of SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), the longest first. */
const kindsByState: readonly (readonly [prefix: string, kind: Failure])[] = [
	["55P03", "busy"], // lock_not_available: lock_timeout
	["57014", "busy"], // query_canceled: statement_timeout
	["40", "busy"], // a deadlock, or a serialization failure, that came back
	["53300", "busy"], // too_many_connections
	["53100", "full"],
	["53", "busy"],
	["25006", "not-writable"], // read_only_sql_transaction: a standby
	["42501", "refused"], // insufficient_privilege
	["28", "refused"], // a wrong password, or no entry in pg_hba.conf
	["3D000", "refused"], // no such database
	["25P03", "unreachable"], // idle_in_transaction_session_timeout: this process was suspended
	["57P", "unreachable"], // the server shuts down or starts
	["08", "unreachable"],
	["XX001", "corrupt"],
	["XX002", "corrupt"],
];

/** What Node.js, TLS and `pg` say of a connection that is not, or no longer, there. */
const connectionLost =
	/^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|EADDR)|Connection terminated|timeout expired|Query read timeout|Client has encountered a connection error|not queryable|server closed the connection|timeout exceeded when trying to connect/;
const tlsFailed = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO)|does not support SSL/;
/** The server asks for a password, and there is none. */
const passwordMissing = /client password must be/;
const poolExhausted = /timeout exceeded when trying to connect/;

/** How far a connection got: to the look-up of the name, the port, encryption, the log-in, the database, or beyond. */
export type ConnectionStep = "name" | "port" | "encryption" | "login" | "database" | "session";

/** Where a connection failed. @param error a StoreError of it */
export function failedStep(error: unknown): ConnectionStep {
	const { cause } = (error ?? {}) as { cause?: unknown };
	const state = sqlState(cause);
	const message = messageOf(cause);
	// The server knows this user only on encrypted connections.
	if (state === "28000" && /no encryption|SSL off/.test(message)) return "encryption";
	if (state.startsWith("28") || passwordMissing.test(message)) return "login";
	if (state === "3D000" || state === "42501") return "database";
	if (state !== "") return "session";
	const first = cause instanceof AggregateError ? cause.errors[0] : cause;
	const code = String((first as NodeJS.ErrnoException | undefined)?.code ?? "");
	if (/^(ENOTFOUND|EAI_)/.test(code)) return "name";
	if (/^(ECONNREFUSED|EHOST|ENET|ETIMEDOUT|EADDR)/.test(code)) return "port";
	// Such as a CA file that is not there.
	if (tlsFailed.test(code) || tlsFailed.test(message) || /^(ENOENT|EACCES|EISDIR)$/.test(code))
		return "encryption";
	return "session";
}

export function sqlState(error: unknown): string {
	const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
	return typeof code === "string" && typeof severity === "string" ? code : "";
}

export function messageOf(error: unknown): string {
	if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
	return error instanceof Error ? error.message : String(error);
}

/** Whether the connection broke, so that nobody knows what the server did with the last statement. */
export function isConnectionLost(error: unknown): boolean {
	return kindOf(error) === "unreachable";
}

/** Whether the server has undone the transaction for a reason that is gone when it is tried again. */
export function isPassing(error: unknown): boolean {
	return sqlState(error).startsWith("40");
}

export function isTlsRefused(error: unknown): boolean {
	return /does not support SSL/.test(messageOf(error));
}

function kindOf(error: unknown): Failure {
	const state = sqlState(error);
	if (state !== "") return kindsByState.find(([prefix]) => state.startsWith(prefix))?.[1] ?? "failed";
	const code = String((error as NodeJS.ErrnoException | undefined)?.code ?? "");
	const message = messageOf(error);
	if (poolExhausted.test(message)) return "busy";
	if (passwordMissing.test(message)) return "refused";
	if (tlsFailed.test(code) || tlsFailed.test(message)) return "refused";
	return connectionLost.test(code) || connectionLost.test(message) ? "unreachable" : "failed";
}

/** A function, table, column or type that this version looks for is not there, or is another. */
const missesWhatThereWas = /^42(883|P01|703|704|846|804)$/;

/** Turns an error of the client library or the server into a StoreError; a StoreError and a RangeError pass through. */
export function storeError(error: unknown, location: string): unknown {
	if (
		error instanceof StoreError ||
		error instanceof ConflictError ||
		error instanceof RangeError ||
		error instanceof TypeError
	)
		return error;
	const kind = kindOf(error);
	const said = messageOf(error);
	const messages: Readonly<Record<Failure, string>> = {
		busy: busyMessage(sqlState(error), location, said),
		corrupt: `The memory database ${location} reports damage (${said}). Ask its administrator to check it.`,
		full: `No space is left for the memory database ${location} (${said}). Ask its administrator for more, and try again.`,
		"not-writable": `The memory database ${location} can only be read (${said}). Set DATABASE_URL to the primary server, not to a standby.`,
		refused: refusedMessage(error, location, said),
		unreachable: `The memory database ${location} cannot be reached (${said}). Check that the server runs and that DATABASE_URL names its host and port; then try again.`,
		failed: `The memory database ${location} failed: ${said}.${missesWhatThereWas.test(sqlState(error)) ? " Another version of MCP Mem0 may have changed its tables: update MCP Mem0 here, and start it again." : ""}`,
	};
	return new StoreError(kind, location, messages[kind], error);
}

function busyMessage(state: string, location: string, said: string): string {
	if (state === "57014")
		return `The memory database ${location} ended a request that took too long (${said}). Try again; if it happens often, ask its administrator to raise statement_timeout.`;
	if (state === "53300" || state === "")
		return `The memory database ${location} has no free connection (${said}). Try again in a moment, or raise DATABASE_POOL_SIZE or the server's max_connections.`;
	return `Another process has locked the memory database ${location} (${said}). This change was not made. Try again in a moment.`;
}

function refusedMessage(error: unknown, location: string, said: string): string {
	const state = sqlState(error);
	const advice =
		state.startsWith("28") || passwordMissing.test(said)
			? "Check user and password in DATABASE_URL, and that pg_hba.conf lets this machine in. If VS Code keeps the password, open a window of it."
			: state === "3D000"
				? "Create the database, or correct its name in DATABASE_URL."
				: state === "42501"
					? "Ask its administrator to grant this privilege."
					: isTlsRefused(error)
						? "Ask its administrator for TLS, or, on a network that you trust, set sslmode=disable in DATABASE_URL."
						: "Set sslrootcert in DATABASE_URL to the CA file of the server, and check the host's name.";
	return `The memory database ${location} refuses the connection (${said}). ${advice}`;
}
