import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import { isPrivateHost } from "../../../config/urls.ts";
import { errorText } from "../../../memory/errorText.ts";
import { type ConnectionStep, failedStep } from "../../../store/postgres/errors.ts";
import { type Check, type CheckResult, failure, ok, skipped, warning } from "../../findings.ts";
import { advice, openSetting } from "../../fixes.ts";
import type { Fix } from "../../report.ts";
import type { StorageTarget } from "./storageTarget.ts";

/*
 * How far a connection to PostgreSQL gets, one step after another.
 */

const correctUrl = openSetting("DATABASE_URL");
const checkNetwork = advice("Check the network, the VPN and the firewall");
/** Supabase's own host of a database has no IPv4 address. */
const supabaseHost = /^db\.[a-z0-9]+\.supabase\.co$/;
const useSupabasePooler = advice(
	"Where there is no IPv6, take the address of Supabase's pooler from its page Connect, such as aws-0-eu-central-1.pooler.supabase.com",
);

export const databaseName: Check<StorageTarget> = {
	stage: "name",
	title: "Database host name",
	applies: ({ config: { database } }) => !isSocket(database?.host),
	run: async ({ config: { database }, run: { deadline } }) => {
		const host = database?.host ?? "";
		if (isIP(host)) return ok(`${host} needs no look-up.`);
		try {
			const found = await within(deadline, lookup(host, { all: true }));
			return ok(`${host} is ${found.map(({ address }) => address).join(", ")}.`);
		} catch (error) {
			return failure(
				`No host is called ${host} (${codeOf(error)}).`,
				"The name is misspelt, known only in another network, or the name server does not answer.",
				[correctUrl, ...(supabaseHost.test(host) ? [useSupabasePooler] : []), checkNetwork],
			);
		}
	},
};

export const databasePort: Check<StorageTarget> = {
	stage: "port",
	title: "Database port",
	applies: ({ config: { database } }) => !isSocket(database?.host),
	run: async ({ config: { database }, run: { deadline } }) => {
		const { host = "", port = 0 } = database ?? {};
		const place = `${host}:${port}`;
		const code = await connectionCode(host, port, deadline);
		if (code === undefined) return ok(`${place} accepts connections.`);
		if (code === "ECONNREFUSED")
			return failure(
				`Nothing listens at ${place}.`,
				"PostgreSQL is not running, listens on another port, or only on its own machine (listen_addresses).",
				[advice("Start PostgreSQL"), correctUrl],
			);
		return failure(
			code === "TIMEOUT"
				? `${place} did not accept a connection within ${deadline / 1000} s.`
				: `${place} cannot be reached (${code}).`,
			"The machine is off or in another network, or a firewall drops the connection.",
			[checkNetwork, ...(supabaseHost.test(host) ? [useSupabasePooler] : []), correctUrl],
		);
	},
};

export const databaseEncryption: Check<StorageTarget> = {
	stage: "encryption",
	title: "Database encryption",
	run: (target) =>
		atStep(target, "encryption", {
			cause: "The server has no TLS, or a certificate that DATABASE_URL does not let pass.",
			fixes: [
				advice(
					"Set sslrootcert in DATABASE_URL to the file of the authority's certificate, or correct the host's name",
				),
				openSetting("DATABASE_URL", "Change sslmode in DATABASE_URL"),
			],
			passed: async () => {
				const { encrypted } = await target.inspectServer();
				if (encrypted) return ok("The connection is encrypted.");
				const host = target.config.database?.host ?? "";
				return isSocket(host) || isPrivateHost(host)
					? ok("The connection is not encrypted; it stays on this machine or in its network.")
					: warning(
							`The connection to ${host} is not encrypted.`,
							"The server has no TLS, or DATABASE_URL says sslmode=disable.",
							[advice("Give the server a certificate, and set sslmode=verify-full in DATABASE_URL")],
						);
			},
		}),
};

export const databaseLogin: Check<StorageTarget> = {
	stage: "login",
	title: "Database user and password",
	run: (target) =>
		atStep(target, "login", {
			cause: "User or password is wrong, or the server's pg_hba.conf does not let this machine in.",
			fixes: [correctUrl, advice("In VS Code, run Mem0: Set API Key…, which offers the database, too")],
			passed: () => ok(`The server lets ${target.config.database?.user} in.`),
		}),
};

/** That it is there, and everything that is wrong later. */
export const connection: Check<StorageTarget> = {
	stage: "database",
	title: "Memory database",
	run: async (target) => {
		const missing = await atStep(target, "database", {
			cause: "There is no such database, or the user may not connect to it.",
			fixes: [
				advice(`Run as the administrator: CREATE DATABASE "${target.config.database?.database}";`),
				correctUrl,
			],
			passed: () => ok(""),
		});
		if (missing.status === "failed") return missing;
		try {
			const { location, version, roundTrip } = await target.inspectServer();
			return ok(`${location} is PostgreSQL ${version}; a round trip takes ${roundTrip.toFixed(1)} ms.`);
		} catch (error) {
			return failure(
				errorText(error),
				"The server starts, stops or has no free connection; or what listens there is not PostgreSQL.",
				[advice("Do what the message says, then run the Doctor again"), correctUrl],
			);
		}
	},
};

export const pooler: Check<StorageTarget> = {
	stage: "pooler",
	title: "Pooler",
	optional: true,
	run: async ({ inspectServer }) =>
		(await inspectServer()).poolsTransactions
			? ok(
					"A pooler in transaction mode is between. What other machines save is seen within a second, not at once; all else is the same.",
				)
			: ok("None in transaction mode is between; what other machines save is seen at once."),
};

/** @returns a failure if the connection fails at this step, and what `passed` says if it fails at none. */
async function atStep(
	{ inspectServer }: StorageTarget,
	step: ConnectionStep,
	{
		cause,
		fixes,
		passed,
	}: {
		readonly cause: string;
		readonly fixes: readonly Fix[];
		readonly passed: () => CheckResult | Promise<CheckResult>;
	},
): Promise<CheckResult> {
	try {
		await inspectServer();
	} catch (error) {
		const failed = failedStep(error);
		if (failed === step) return failure(errorText(error), cause, fixes);
		// How far it got is not known, or it got further: the check of that step tells.
		return failed === "session" ? skipped("Not seen: the server breaks off.") : ok("Nothing refuses it.");
	}
	return passed();
}

/** @returns why no connection is accepted, or undefined. */
function connectionCode(host: string, port: number, deadline: number): Promise<string | undefined> {
	return new Promise((resolve) => {
		const socket = connect({ host, port });
		const end = (code: string | undefined) => {
			clearTimeout(timer);
			socket.destroy();
			resolve(code);
		};
		const timer = setTimeout(() => end("TIMEOUT"), deadline);
		socket.once("connect", () => end(undefined)).once("error", (error) => end(codeOf(error)));
	});
}

async function within<T>(deadline: number, work: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(
			() => reject(Object.assign(new Error("No answer in time"), { code: "TIMEOUT" })),
			deadline,
		);
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}

function codeOf(error: unknown): string {
	const first = error instanceof AggregateError ? error.errors[0] : error;
	return String((first as NodeJS.ErrnoException).code ?? (first as Error).message);
}

function isSocket(host: string | undefined): boolean {
	return host?.startsWith("/") === true;
}
