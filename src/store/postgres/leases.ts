import type { Leases } from "../memoryStore.ts";
import { claimTime, isRunning } from "../processOwner.ts";
import type { Database } from "./database.ts";

/** Nothing is put off for longer, in ms. */
const longestDelay = 3_600_000;

export function postgresLeases(database: Database): Leases {
	const holder = database.owner;
	return {
		acquire: (name, duration) =>
			database.write(
				async (writer) => {
					// What a server's clock that was ahead once has put off for months comes back within reach.
					await writer.all(
						`UPDATE {s}.journal SET next_at = least(next_at, {s}.now_ms() + ${longestDelay}),
						claimed_until = least(claimed_until, {s}.now_ms() + ${claimTime}) WHERE distil = 'pending'
						AND (next_at > {s}.now_ms() + ${longestDelay} OR claimed_until > {s}.now_ms() + ${claimTime})`,
					);
					await writer.all(
						`UPDATE {s}.leases SET expires_at = {s}.now_ms() + ${longestDelay} WHERE expires_at > {s}.now_ms() + ${longestDelay}`,
					);
					const other = await writer.get<{ holder: string }>(
						"SELECT holder FROM {s}.leases WHERE name = :name AND holder <> :holder AND expires_at > {s}.now_ms()",
						{ name, holder },
					);
					if (other && isRunning(other.holder)) return false;
					await writer.all(
						`INSERT INTO {s}.leases (name, holder, expires_at) VALUES (:name, :holder, {s}.now_ms() + :duration::bigint)
						ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at`,
						{ name, holder, duration: Math.round(duration) },
					);
					return true;
				},
				[`lease ${name}`],
			),
		async release(name) {
			await database.write((writer) =>
				writer.all("DELETE FROM {s}.leases WHERE name = :name AND holder = :holder", { name, holder }),
			);
		},
	};
}
