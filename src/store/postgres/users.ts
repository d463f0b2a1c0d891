import { withoutNulls } from "../rows.ts";
import type { User, Users } from "../users.ts";
import type { Database } from "./database.ts";

export function postgresUsers(database: Database): Users {
	return {
		async list() {
			const rows = await database.all<object>(
				`SELECT name, admin, token_hash AS "tokenHash", created_at AS "createdAt", last_used AS "lastUsed",
					revoked_at AS "revokedAt" FROM {s}.users ORDER BY name COLLATE "C"`,
			);
			return rows.map((row) => withoutNulls<User>(row));
		},

		add: ({ name, admin, tokenHash, createdAt }, replace = false) =>
			database.write(async (writer) => {
				const added = await writer.all(
					`INSERT INTO {s}.users AS u (name, admin, token_hash, created_at)
					VALUES (:name, :admin::boolean, :tokenHash, :createdAt::bigint)
					ON CONFLICT (name) DO ${
						replace
							? `UPDATE SET admin = excluded.admin, token_hash = excluded.token_hash,
								created_at = excluded.created_at, revoked_at = NULL`
							: "NOTHING"
					} RETURNING u.name`,
					{ name, admin, tokenHash, createdAt },
				);
				return added.length > 0;
			}),

		revoke: (name, at) =>
			database.write(async (writer) => {
				const revoked = await writer.all(
					"UPDATE {s}.users SET revoked_at = :at::bigint WHERE name = :name AND revoked_at IS NULL RETURNING name",
					{ name, at },
				);
				return revoked.length > 0;
			}),

		used: async (times) => {
			await database.write(
				(writer) =>
					writer.all(
						// In one order, so that two servers do not wait for each other.
						`UPDATE {s}.users u SET last_used = greatest(u.last_used, t.at)
						FROM (SELECT name, at FROM json_to_recordset(:times::json) AS r (name text, at bigint) ORDER BY name) t
						WHERE u.name = t.name`,
						{ times: JSON.stringify([...times].map(([name, at]) => ({ name, at }))) },
					),
				["users"],
				true,
			);
		},

		remove: (name) =>
			database.write(async (writer) => {
				const removed = await writer.all("DELETE FROM {s}.users WHERE name = :name RETURNING name", { name });
				return removed.length > 0;
			}),
	};
}
