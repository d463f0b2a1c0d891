import type { Leases } from "../memoryStore.ts";
import type { Database } from "./database.ts";
import { isRunning, type ProcessOwner } from "./processOwner.ts";

export class SqliteLeases implements Leases {
	readonly #database: Database;
	readonly #owner: ProcessOwner;

	constructor(database: Database, owner: ProcessOwner) {
		this.#database = database;
		this.#owner = owner;
	}

	acquire(name: string, duration: number): Promise<boolean> {
		return this.#database.write(() => {
			const now = Date.now();
			const lease = this.#database.get<{ holder: string; expires_at: number }>(
				"SELECT holder, expires_at FROM leases WHERE name = :name",
				{ name },
			);
			const heldByOther =
				lease && lease.holder !== this.#owner.id && lease.expires_at > now && isRunning(lease.holder);
			if (heldByOther) return false;
			this.#database.run(
				"INSERT OR REPLACE INTO leases (name, holder, expires_at) VALUES (:name, :holder, :expires)",
				{ name, holder: this.#owner.id, expires: now + duration },
			);
			return true;
		});
	}

	async release(name: string): Promise<void> {
		await this.#database.write(() =>
			this.#database.run("DELETE FROM leases WHERE name = :name AND holder = :holder", {
				name,
				holder: this.#owner.id,
			}),
		);
	}
}
