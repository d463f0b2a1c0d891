import { randomUUID } from "node:crypto";
import { closeSync, existsSync, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { BackupSettings } from "../../../config/backupSettings.ts";
import type { Restored } from "../../backups.ts";
import { connect, disconnect } from "../connection.ts";
import { migrate } from "../migration.ts";
import { schemaVersion } from "../schema.ts";
import { vacuum } from "../vacuum.ts";
import { backupName, backupsIn, partialPrefix, removeOld } from "./backupFiles.ts";
import { backupError } from "./backupFolder.ts";
import { inThread } from "./inThread.ts";
import { restorable } from "./previewRestore.ts";

/** How long, in ms, a restore waits for the writes of other processes. */
const patience = 30_000;
/** How often the state before is copied while others may write. */
const tries = 3;

/**
 * What is about this machine, its processes and its users, and not about memories: it stays as it is. A token that was
 * revoked since the backup must not become valid again.
 */
const staying = ["leases", "learned", "traffic", "request_starts", "users"];

/**
 * In one transaction: the rows of every table, those of the full-text index included, become those of the backup. Triggers
 * are put aside, because the tables that they keep come from the backup, too. What `revision` and `restored` say has every
 * process read the memory anew. The state before is copied, checked and on the disk under its name before that is
 * committed; it has every write of others, since it is copied again if there was one, in the end with writes locked out.
 */
const replaceRows = `
	const fs = require("node:fs");
	// The tables of the full-text index are copied like any other, which SQLite allows only without its defence.
	const db = new DatabaseSync(data.path, { timeout: data.patience, defensive: false });
	let isKept = false;
	const copyState = () => {
		fs.rmSync(data.partial, { force: true });
		fs.closeSync(fs.openSync(data.partial, "wx", 0o600));
		const source = new DatabaseSync(data.path, { timeout: data.patience });
		try {
			source.prepare("VACUUM INTO ?").run(data.partial);
		} finally {
			source.close();
		}
		const copy = new DatabaseSync(data.partial, { readOnly: true });
		const said = copy.prepare("PRAGMA integrity_check(1)").get().integrity_check;
		copy.close();
		if (said !== "ok") throw new Error("the copy of the present state is damaged: " + said);
		const handle = fs.openSync(data.partial, "r+");
		fs.fsyncSync(handle);
		fs.closeSync(handle);
	};
	try {
		db.prepare("ATTACH ? AS backup").run(data.backup);
		db.exec("PRAGMA foreign_keys = OFF; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY");
		const version = () => db.prepare("PRAGMA main.data_version").get().data_version;
		for (let tried = 0; ; tried += 1) {
			const before = version();
			if (tried < data.tries) copyState();
			db.exec("BEGIN IMMEDIATE");
			if (tried === data.tries) copyState();
			else if (version() !== before) {
				db.exec("ROLLBACK");
				continue;
			}
			break;
		}
		fs.renameSync(data.partial, data.target);
		isKept = true;
		const quoted = (name) => '"' + name.replaceAll('"', '""') + '"';
		const all = (sql) => db.prepare(sql).all();
		const counter = (schema, name) => Number(db.prepare("SELECT value FROM " + schema + ".counters WHERE name = ?").get(name)?.value ?? 0);
		const triggers = all("SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'");
		for (const { name } of triggers) db.exec("DROP TRIGGER main." + quoted(name));
		const revision = Math.max(counter("main", "revision"), counter("backup", "revision")) + 1;
		const restored = counter("main", "restored") + 1;
		const tables = all("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND substr(name, 1, 7) <> 'sqlite_'")
			.map(({ name }) => name)
			.filter((name) => !data.staying.includes(name));
		for (const table of tables) {
			const columns = all("SELECT name FROM pragma_table_info('" + table + "')").map(({ name }) => quoted(name)).join();
			db.exec("DELETE FROM main." + quoted(table));
			db.exec("INSERT INTO main." + quoted(table) + " (" + columns + ") SELECT " + columns + " FROM backup." + quoted(table));
		}
		db.exec("INSERT OR IGNORE INTO main.learned SELECT * FROM backup.learned WHERE key NOT GLOB 'notice:*'");
		// A new database has none.
		db.exec("INSERT INTO main.users SELECT * FROM backup.users WHERE NOT EXISTS (SELECT 1 FROM main.users)");
		const put = db.prepare("INSERT OR REPLACE INTO main.counters (name, value) VALUES (?, ?)");
		put.run("revision", revision);
		put.run("restored", restored);
		for (const { sql } of triggers) db.exec(sql);
		db.exec("COMMIT");
	} catch (error) {
		if (db.isTransaction) db.exec("ROLLBACK");
		if (isKept) fs.rmSync(data.target, { force: true });
		throw error;
	} finally {
		db.close();
		fs.rmSync(data.partial, { force: true });
	}`;

export interface Restoring {
	/** The database. */
	readonly path: string;
	/** Of the backups. */
	readonly folder: string;
	/** The backup. */
	readonly file: string;
	readonly settings: BackupSettings;
}

/** See Backups.restore. Call it in turn. */
export async function restoreBackup({ path, folder, file, settings }: Restoring): Promise<Restored> {
	const contents = await restorable(file);
	const isNew = !existsSync(path);
	const [prepared, partial] = [newPartial(folder), newPartial(folder)];
	const name = backupName(Date.now(), "restore");
	// Brings it up to date, or sets it aside where it is damaged; and nobody takes it away meanwhile.
	const { connection } = await connect(path, { busyTimeout: patience });
	try {
		closeSync(openSync(prepared, "wx", 0o600));
		await vacuum(file, prepared);
		if (contents.schema < schemaVersion) await migrate(prepared, patience);
		await inThread(replaceRows, {
			path,
			backup: prepared,
			partial,
			target: join(folder, name),
			patience,
			tries,
			staying,
		});
		const before = isNew ? undefined : backupsIn(folder).find((each) => each.name === name);
		if (isNew) await rm(join(folder, name), { force: true });
		removeOld(folder, settings, Date.now());
		return { contents, before };
	} catch (error) {
		throw backupError(error, folder, "Nothing was restored");
	} finally {
		disconnect(connection);
		for (const suffix of ["", "-journal", "-wal", "-shm"]) await rm(prepared + suffix, { force: true });
	}
}

const newPartial = (folder: string) => join(folder, `${partialPrefix}${randomUUID()}.db`);
