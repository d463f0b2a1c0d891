import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { BackupSettings } from "../config/backupSettings.ts";
import type { Log } from "../config/log.ts";
import type { Backups } from "./backups.ts";
import { StoreError } from "./errors.ts";
import type { ForeignServer } from "./foreignServer.ts";
import type { ServerInspection } from "./postgres/inspection.ts";
import { dumpCommands, locationOf, type PostgresSettings } from "./postgres/settings.ts";
import { sqliteBackups } from "./sqlite/backups/sqliteBackups.ts";
import { neverRead, offerForRescue } from "./sqlite/damagedFiles.ts";
import { type Inspection, type InspectOptions, inspectDatabase } from "./sqlite/inspection.ts";
import { databaseFile, type OpenedStore, openKeptFile, openStore } from "./sqlite/sqliteStore.ts";
import type { Destinations } from "./types.ts";

export type { Inspection } from "./sqlite/inspection.ts";

/** The configuration of the store. */
export interface StoreConfig {
	readonly memoryDir: string;
	/** Takes the place of the folder. */
	readonly database?: PostgresSettings | undefined;
	/** Takes the place of both: then there is no store to open, see `assertOpenable`. */
	readonly teamServer?: { readonly url: string } | undefined;
	/** Absent: none are made by themselves. */
	readonly backups?: BackupSettings | undefined;
	readonly log?: Log | undefined;
}

/**
 * Nothing on this machine stands for the memory of a team's server: a command would work on another one.
 * @throws StoreError
 */
export function assertOpenable({ teamServer }: StoreConfig): void {
	if (teamServer)
		throw new StoreError(
			"unsupported",
			teamServer.url,
			`The memory is that of the team's server ${teamServer.url}, which keeps its database itself. Its administrator does this there, with mcp-mem0 and that server's configuration.`,
		);
}

/** ms. An agent's hook has no time. */
const patienceOfReaders = { start: 1000, read: 1000 };

/**
 * @param reading only reads, from a store that is there and needs no work first.
 * @throws StoreError
 */
export async function openConfiguredStore(
	config: StoreConfig,
	destinations: Destinations,
	reading?: { readonly busyTimeout: number },
): Promise<OpenedStore> {
	assertOpenable(config);
	const { memoryDir, database, backups, log } = config;
	if (database) {
		const [{ openPostgresStore }, { openAwayStore }, { locationOf }] = await Promise.all([
			import("./postgres/postgresStore.ts"),
			import("./away/awayStore.ts"),
			import("./postgres/settings.ts"),
		]);
		const store = await openAwayStore({
			location: locationOf(database),
			folder: keptFolder(memoryDir, database),
			destinations,
			open: (own) => openPostgresStore(database, own),
			log,
			patience: reading && patienceOfReaders,
			readOnly: reading !== undefined,
		});
		return { store, notice: reading ? undefined : await strandedNotice(config) };
	}
	const failed: string[] = [];
	// An update is one transaction: without a backup it is better than a memory that nobody can use.
	const beforeUpdate = async () => {
		if (backups)
			await configuredBackups({ ...config, backups })
				.create("update", (remark) => failed.push(remark))
				.catch((error: Error) => failed.push(error.message));
	};
	const readOnly = reading ? { readOnly: true, ...reading } : {};
	const { store, notice } = await openStore(memoryDir, { destinations, beforeUpdate, ...readOnly });
	const stranded = reading ? undefined : await strandedNotice(config);
	return {
		store,
		notice: [notice, stranded, ...failed].filter((each) => each !== undefined).join(" ") || undefined,
	};
}

/** The backups of the store. Nothing is opened. @throws StoreError for PostgreSQL, which has its own. */
export function configuredBackups(config: StoreConfig & { readonly backups: BackupSettings }): Backups {
	assertOpenable(config);
	if (config.database)
		throw new StoreError(
			"unsupported",
			config.database.schema,
			`The memory is in PostgreSQL. To bring back what mcp-mem0 backup has written: mcp-mem0 import FILE. To go back to a dump: ${dumpCommands(config.database).restore}`,
		);
	return sqliteBackups(storeLocation(config), config.backups);
}

/** The commands that copy the store's server, and bring the copy back. */
export function serverDump(database: PostgresSettings): { readonly dump: string; readonly restore: string } {
	return dumpCommands(database);
}

/** Examines the server of the store without changing anything there. @throws StoreError */
export async function inspectConfiguredServer(database: PostgresSettings): Promise<ServerInspection> {
	const { inspectServer } = await import("./postgres/inspection.ts");
	return inspectServer(database);
}

/** Memories of other mem0 installations in PostgreSQL, to read. @throws StoreError */
export async function openForeignMemories(database: PostgresSettings): Promise<ForeignServer> {
	const { openForeignServer } = await import("./postgres/foreignServer.ts");
	return openForeignServer(database);
}

/** The damaged files of the store from which nothing was copied yet. */
export function unreadDamagedFiles(config: StoreConfig): readonly string[] {
	return config.teamServer ? [] : neverRead(storeLocation(config));
}

/**
 * Copies into the store what it lacks and what is readable in damaged files of it.
 * @returns what happened, for a person.
 * @throws StoreError
 */
export async function rescueFiles(config: StoreConfig, files: readonly string[]): Promise<readonly string[]> {
	assertOpenable(config);
	for (const file of files) await offerForRescue(storeLocation(config), file);
	const { store } = await openConfiguredStore(config, { chat: undefined, embedding: undefined });
	try {
		return (await store.notices.list()).slice(-files.length);
	} finally {
		await store.close();
	}
}

/** Where this machine keeps what waits for a database: a folder for each that it has worked with. */
function keptFolder(memoryDir: string, { host, port, user, database, schema }: PostgresSettings): string {
	const name = createHash("sha256").update(JSON.stringify([host, port, database, schema, user]));
	return join(memoryDir, "away", name.digest("hex").slice(0, 16));
}

/** How many changes wait on this machine for the database, and since when (ms since 1970). @throws StoreError */
export async function inspectKept({
	memoryDir,
	database,
	teamServer,
}: StoreConfig): Promise<{ readonly waiting: number; readonly since?: number }> {
	return database && !teamServer ? waitingIn(keptFolder(memoryDir, database)) : { waiting: 0 };
}

/** Tells what waits for databases that the configuration does not name any more: nothing else would. */
async function strandedNotice({ memoryDir, database, log }: StoreConfig): Promise<string | undefined> {
	const own = database && keptFolder(memoryDir, database);
	const parent = join(memoryDir, "away");
	const folders = existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
	let count = 0;
	for (const folder of folders.filter((each) => each !== own))
		count += await waitingIn(folder).then(
			({ waiting }) => waiting,
			(error: Error) => {
				log?.debug(error.message);
				return 0;
			},
		);
	if (count === 0) return undefined;
	const changes = count === 1 ? "1 change waits" : `${count} changes wait`;
	return `${changes} on this machine for another database than the configured one. To deliver what waits, use the memory once with the former DATABASE_URL.`;
}

async function waitingIn(folder: string): Promise<{ readonly waiting: number; readonly since?: number }> {
	if (!existsSync(join(folder, databaseFile))) return { waiting: 0 };
	const { store, outbox } = await openKeptFile(folder, { chat: undefined, embedding: undefined });
	const since = outbox.next(0)?.at;
	const found = { waiting: outbox.count(), ...(since === undefined ? {} : { since }) };
	await store.close();
	return found;
}

/** Whether there is something to open; opening makes a database where there is none. */
export function hasDatabase(config: StoreConfig): boolean {
	if (config.teamServer) return false;
	return config.database !== undefined || existsSync(storeLocation(config));
}

/** Whether there are tables of this version, which a look at them does not change. @throws StoreError */
export async function tablesIn(config: StoreConfig): Promise<boolean> {
	if (!config.database) return hasDatabase(config);
	const { schema, newestSchema } = await inspectConfiguredServer(config.database);
	return schema === newestSchema;
}

/** Where the memory is, for people. */
export function storePlace(config: StoreConfig): string {
	if (config.teamServer) return config.teamServer.url;
	return config.database ? locationOf(config.database) : storeLocation(config);
}

/** The path of the database file, which the first save creates. */
export function storeLocation({ memoryDir }: StoreConfig): string {
	return join(memoryDir, databaseFile);
}

/**
 * Examines the store without opening it: opening would bring its schema up to date, or set a damaged file aside.
 * @throws the signal's reason when called off.
 */
export async function inspectConfiguredStore(
	config: StoreConfig,
	options: InspectOptions,
): Promise<Inspection> {
	assertOpenable(config);
	return inspectDatabase(storeLocation(config), options);
}

export { type ForeignDatabase, type ForeignRow, openForeignDatabase } from "./sqlite/foreignDatabase.ts";
