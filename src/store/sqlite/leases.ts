import type { Leases } from "../memoryStore.ts";
import { isRunning } from "../processOwner.ts";
import type { Database } from "./database.ts";
import { pullInDueTimes } from "./dueTimes.ts";

export function sqliteLeases(database: Database): Leases {
	const holder = database.owner;
	return {
		acquire: (name, duration) =>
			database.write(() => {
				const now = Date.now();
				pullInDueTimes(database, now);
				const other = database.get<{ holder: string }>(
					"SELECT holder FROM leases WHERE name = :name AND holder <> :holder AND expires_at > :now",
					{ name, holder, now },
				);
				if (other && isRunning(other.holder)) return false;
				database.run(
					"INSERT OR REPLACE INTO leases (name, holder, expires_at) VALUES (:name, :holder, :expires)",
					{ name, holder, expires: now + duration },
				);
				return true;
			}),
		async release(name) {
			const sql = "DELETE FROM leases WHERE name = :name AND holder = :holder";
			await database.write(() => database.run(sql, { name, holder }));
		},
	};
}
