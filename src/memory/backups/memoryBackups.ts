import type { Clock } from "../../config/clock.ts";
import type { Log } from "../../config/log.ts";
import type { BackupReason, Backups } from "../../store/backups.ts";

/** How long, in ms, nobody tries again after a backup has failed. */
const pauseAfterFailure = 3_600_000;
/** The number of memories from which on a change of many is preceded by a backup. */
export const bulk = 50;

/** The backups that a memory has made by itself. They are no reason for anything else to fail. */
export class MemoryBackups {
	/** Absent where the memory has none. */
	readonly files: Backups | undefined;
	readonly #log: Log;
	readonly #clock: Clock;
	#notBefore = 0;
	#making: Promise<void> | undefined;

	constructor(files: Backups | undefined, log: Log, clock: Clock) {
		this.files = files;
		this.#log = log;
		this.#clock = clock;
	}

	/** Makes the backup that is due by the clock, if there is one. */
	async makeDue(): Promise<void> {
		const now = this.#clock.now();
		if (now < this.#notBefore || !(await this.files?.isDue(now))) return;
		// Not awaited: whoever ends the process does not wait for it, and what is half written is no backup.
		this.#making ??= this.#make("daily").finally(() => {
			this.#making = undefined;
		});
	}

	/** Before something that changes many memories. */
	before(reason: Extract<BackupReason, "import" | "change">): Promise<void> {
		return this.#make(reason);
	}

	async #make(reason: BackupReason): Promise<void> {
		if (!this.files) return;
		try {
			const made = await this.files.create(reason, (remark) => this.#log.warn(remark));
			if (made) this.#log.info(`Backup: ${made.path}.`);
		} catch (error) {
			this.#notBefore = this.#clock.now() + pauseAfterFailure;
			this.#log.warn(error instanceof Error ? error.message : String(error));
		}
	}
}
