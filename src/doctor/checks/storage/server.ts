import { type Check, failure, ok, warning } from "../../findings.ts";
import { advice } from "../../fixes.ts";
import type { StorageTarget } from "./storageTarget.ts";

/** ms. From here on, who may work is decided by a clock that people see is wrong. */
const clockTolerance = 60_000;
/** ms. Building an index of many vectors takes minutes. */
const shortTimeout = 30_000;
/** ms. A save takes three round trips. */
const slowRoundTrip = 100;

export const serverVersion: Check<StorageTarget> = {
	stage: "server",
	title: "PostgreSQL and pgvector",
	run: async ({ inspectServer }) => {
		const { version, versionNumber, pgvector, available } = await inspectServer();
		if (versionNumber < 150_000)
			return failure(`The server is PostgreSQL ${version}.`, "MCP Mem0 needs PostgreSQL 15 or newer.", [
				advice("Upgrade the server"),
			]);
		const [major = 0, minor = 0] = (pgvector ?? available ?? "0.0").split(".").map(Number);
		if (pgvector === null && available === null)
			return failure("The server has no pgvector.", "It is not installed on the server.", [
				advice("Install pgvector 0.8 or newer on the server, then run: CREATE EXTENSION vector;"),
			]);
		if (major === 0 && minor < 8)
			return failure(`pgvector is ${pgvector ?? available}.`, "MCP Mem0 needs pgvector 0.8 or newer.", [
				advice("Install it on the server, then run: ALTER EXTENSION vector UPDATE;"),
			]);
		return pgvector === null
			? warning("This database has no pgvector yet.", "The first use adds it, if the user may.", [
					advice("Or run as the administrator: CREATE EXTENSION vector;"),
				])
			: ok(`PostgreSQL ${version} with pgvector ${pgvector}.`);
	},
};

export const privileges: Check<StorageTarget> = {
	stage: "privileges",
	title: "Schema and privileges",
	run: async ({ inspectServer, config: { database } }) => {
		const found = await inspectServer();
		const name = `"${database?.schema}"`;
		if (found.isStandby)
			return failure("The server is a standby, which can only be read.", "DATABASE_URL names a replica.", [
				advice("Set DATABASE_URL to the primary server"),
			]);
		if (found.isReadOnly)
			return failure(
				"The user's transactions can only read.",
				"default_transaction_read_only is on for the server, the database or the user.",
				[
					advice(
						`Run as the administrator: ALTER ROLE "${database?.user}" RESET default_transaction_read_only;`,
					),
				],
			);
		if (found.schemaExists && !found.mayUseSchema)
			return failure(`The user may not use the schema ${name}.`, "It belongs to another user.", [
				advice(`Run as its owner: GRANT USAGE, CREATE ON SCHEMA ${name} TO "${database?.user}";`),
			]);
		if (!found.schemaExists && !found.mayCreateSchema)
			return failure(
				`There is no schema ${name}, and the user may not create it.`,
				"A privilege is missing.",
				[advice(`Run as the administrator: CREATE SCHEMA ${name} AUTHORIZATION "${database?.user}";`)],
			);
		if (!found.mayUseTables)
			return failure(
				`The user may not read and write the tables in ${name}.`,
				"They belong to another user, who made them.",
				[
					advice(`Run as their owner: GRANT ALL ON ALL TABLES IN SCHEMA ${name} TO "${database?.user}";`),
					advice("Or use the user who made them in DATABASE_URL"),
				],
			);
		if (found.schema === undefined) return ok("There are no tables yet; the first use creates them.");
		return found.schema > found.newestSchema
			? failure(
					`The tables have schema ${found.schema}, which is newer than this version knows.`,
					"A newer version has used them.",
					[advice("Update MCP Mem0 here")],
				)
			: ok(`The tables have schema ${found.schema}.`);
	},
};

export const connections: Check<StorageTarget> = {
	stage: "connections",
	title: "Connections",
	optional: true,
	run: async ({ inspectServer, config: { database } }) => {
		const { maxConnections } = await inspectServer();
		// One more waits for notifications.
		const own = (database?.poolSize ?? 0) + 1;
		const seen = `This process may open ${own} connections; the server takes ${maxConnections} of all.`;
		return 2 * own > maxConnections
			? warning(seen, "Two processes, such as a window and an agent's server, use them up.", [
					advice("Lower DATABASE_POOL_SIZE, or raise the server's max_connections"),
				])
			: ok(seen);
	},
};

export const clock: Check<StorageTarget> = {
	stage: "clock",
	title: "Clocks",
	optional: true,
	run: async ({ inspectServer }) => {
		const { clockAhead } = await inspectServer();
		const seconds = Math.round(Math.abs(clockAhead) / 1000);
		return Math.abs(clockAhead) > clockTolerance
			? warning(
					`The server's clock is ${seconds} s ${clockAhead > 0 ? "ahead of" : "behind"} this machine's.`,
					"One of the two is wrong.",
					[advice("Let both machines set their clocks by NTP")],
				)
			: ok(`The clocks of server and machine agree to within ${seconds + 1} s.`);
	},
};

export const statementTimeout: Check<StorageTarget> = {
	stage: "statement-timeout",
	title: "Statement timeout",
	optional: true,
	run: async ({ inspectServer, config: { database } }) => {
		const { statementTimeout: limit } = await inspectServer();
		return limit > 0 && limit < shortTimeout
			? warning(
					`The server ends a statement after ${limit / 1000} s.`,
					"Imports and the building of indexes take longer.",
					[advice(`Run as the administrator: ALTER ROLE "${database?.user}" SET statement_timeout = '60s';`)],
				)
			: ok(limit > 0 ? `The server ends a statement after ${limit / 1000} s.` : "There is none.");
	},
};

export const size: Check<StorageTarget> = {
	stage: "size",
	title: "Size",
	optional: true,
	run: async ({ inspectServer }) => {
		const { size: bytes } = await inspectServer();
		// No user but a superuser may ask how much is free.
		return ok(
			`The memory takes ${(bytes / 2 ** 20).toFixed(1)} MB on the server, which does not tell what is free.`,
		);
	},
};

export const distance: Check<StorageTarget> = {
	stage: "distance",
	title: "Round-trip time",
	optional: true,
	run: async ({ inspectServer }) => {
		const { roundTrip } = await inspectServer();
		const seen = `${roundTrip.toFixed(1)} ms`;
		return roundTrip > slowRoundTrip
			? warning(seen, "The server is far away, or busy; a save waits for three round trips.", [
					advice("Use a server nearby"),
				])
			: ok(seen);
	},
};

export const indexes: Check<StorageTarget> = {
	stage: "indexes",
	title: "Indexes of vectors",
	optional: true,
	run: async ({ inspectServer }) => {
		const { spaces } = await inspectServer();
		const broken = spaces.find(({ indexed, isWhole }) => indexed && !isWhole);
		if (broken)
			return warning(
				`The index of the vectors of ${broken.model} is gone, not whole, or for another width.`,
				"Somebody has dropped or changed it, or building it was ended.",
				[advice("Searches compare all vectors until it is built again")],
			);
		const large = spaces.filter(({ indexed }) => indexed).length;
		return ok(
			large > 0 ? `${large === 1 ? "One index is" : `${large} indexes are`} whole.` : "None is needed yet.",
		);
	},
};
