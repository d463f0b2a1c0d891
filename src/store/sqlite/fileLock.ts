import { closeSync, existsSync, openSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { retryWhileBusy } from "./busy.ts";
import { isBusy, resultCode } from "./errors.ts";

/** A file's inode and device: differs between a file and its replacement of the same name. Undefined: no such file. */
export function identityOf(path: string): string | undefined {
	const found = statSync(path, { bigint: true, throwIfNoEntry: false });
	return found && `${found.dev}:${found.ino}`;
}

/**
 * The lock that every process holds, shared, while it has the database open; renaming the file needs it exclusively.
 * It is SQLite's own lock on `memory.db.lock`, so it ends with its process. The lock file also records which database
 * file its holders have open: where that one is no longer under the name, the write-ahead log beside the name belongs
 * to the holders' file, and must not be read as the log of the file that is there now.
 */
export class FileLock {
	readonly #sqlite: DatabaseSync;
	readonly #path: string;
	readonly #busyTimeout: number;

	private constructor(path: string, busyTimeout: number, sqlite: DatabaseSync) {
		this.#path = path;
		this.#busyTimeout = busyTimeout;
		this.#sqlite = sqlite;
	}

	/**
	 * Takes the shared lock of a database file, which must exist.
	 * @throws StoreError `busy` if another process keeps it to itself for longer than `busyTimeout` ms.
	 */
	static async share(path: string, busyTimeout: number): Promise<FileLock> {
		const lockPath = `${path}.lock`;
		for (;;) {
			if (!existsSync(lockPath)) closeSync(openSync(lockPath, "a", 0o600));
			const file = identityOf(lockPath);
			const lock = new FileLock(path, busyTimeout, new DatabaseSync(lockPath, { timeout: 0 }));
			try {
				const isCurrent = () => identityOf(lockPath) === file;
				await retryWhileBusy(path, busyTimeout, () =>
					lock.#tryExclusive() ? lock.#recordAndShare() : lock.#share(),
				);
				if (isCurrent()) {
					if (!lock.#isOfAnotherFile()) return lock;
					await lock.#discardLog(isCurrent);
				}
			} catch (error) {
				lock.close();
				throw error;
			}
			// Another process has replaced the lock file, or this one has.
			lock.close();
		}
	}

	/**
	 * Runs `body` while no other process has the database open.
	 * @returns false, without running it and without a lock, if one keeps it open or has made it pointless.
	 */
	async alone(body: () => void, isPointless: () => boolean): Promise<boolean> {
		// Others that wait for the same must find this one's shared lock gone.
		this.#sqlite.exec("COMMIT");
		const deadline = performance.now() + this.#busyTimeout;
		while (!this.#tryExclusive()) {
			if (isPointless() || performance.now() > deadline) return false;
			await sleep(5 + Math.random() * 20);
		}
		body();
		this.#recordAndShare();
		return true;
	}

	close(): void {
		if (this.#sqlite.isOpen) this.#sqlite.close();
	}

	#tryExclusive(): boolean {
		try {
			this.#sqlite.exec("BEGIN EXCLUSIVE");
			return true;
		} catch (error) {
			if (!isBusy(error)) throw error;
			return false;
		}
	}

	/** Inodes mean something on one machine only. */
	get #record(): string {
		return `${hostname()} ${statSync(this.#path, { bigint: true }).ino}`;
	}

	#recordAndShare(): void {
		this.#sqlite.exec("CREATE TABLE IF NOT EXISTS file (record TEXT)");
		const [old] = this.#sqlite.prepare("SELECT record FROM file").all();
		if (old?.record !== this.#record) {
			this.#sqlite.exec("DELETE FROM file");
			this.#sqlite.prepare("INSERT INTO file VALUES (?)").run(this.#record);
		}
		this.#sqlite.exec("COMMIT");
		this.#share();
	}

	/** A read transaction keeps SQLite's shared lock until it ends. */
	#share(): void {
		this.#sqlite.exec("BEGIN");
		try {
			const { n } = this.#sqlite.prepare("SELECT count(*) AS n FROM sqlite_schema").get() as { n: number };
			// Several came first at the same time, and none has recorded the file.
			if (n === 0) throw Object.assign(new Error("the lock is new"), { errcode: resultCode.busy });
		} catch (error) {
			this.#sqlite.exec("ROLLBACK");
			throw error;
		}
	}

	/** Whether the other holders have a file open that is no longer under the name. */
	#isOfAnotherFile(): boolean {
		const { record } = this.#sqlite.prepare("SELECT record FROM file").get() ?? {};
		const host = `${hostname()} `;
		return typeof record === "string" && record.startsWith(host) && record !== this.#record;
	}

	/** Removes the log of the holders' file from beside the name; the holders go on reading it through their handles. */
	async #discardLog(isCurrent: () => boolean): Promise<void> {
		this.#sqlite.exec("COMMIT");
		// One at a time, or the second would remove the log of the new file.
		await retryWhileBusy(this.#path, this.#busyTimeout, () => this.#sqlite.exec("BEGIN IMMEDIATE"));
		if (isCurrent())
			for (const suffix of ["-wal", "-shm", ".lock"]) rmSync(this.#path + suffix, { force: true });
		this.#sqlite.exec("ROLLBACK");
	}
}
