import { withoutNulls } from "../rows.ts";
import type { User, Users } from "../users.ts";
import type { Database } from "./database.ts";

export function sqliteUsers(database: Database): Users {
	return {
		list: async () =>
			database
				.all<{ readonly admin: number }>(
					`SELECT name, admin, token_hash AS tokenHash, created_at AS createdAt, last_used AS lastUsed,
						revoked_at AS revokedAt FROM users ORDER BY name`,
				)
				.map((row) => withoutNulls<User>({ ...row, admin: row.admin === 1 })),

		add: ({ name, admin, tokenHash, createdAt }, replace = false) =>
			database.write(
				() =>
					database.run(
						`INSERT INTO users (name, admin, token_hash, created_at) VALUES (:name, :admin, :tokenHash, :createdAt)
						ON CONFLICT (name) DO ${
							replace
								? `UPDATE SET admin = excluded.admin, token_hash = excluded.token_hash,
									created_at = excluded.created_at, revoked_at = NULL`
								: "NOTHING"
						}`,
						{ name, admin: admin ? 1 : 0, tokenHash, createdAt },
					).changes > 0,
			),

		revoke: (name, at) =>
			database.write(
				() =>
					database.run("UPDATE users SET revoked_at = :at WHERE name = :name AND revoked_at IS NULL", {
						name,
						at,
					}).changes > 0,
			),

		used: (times) =>
			database.write(() => {
				const sql = "UPDATE users SET last_used = max(coalesce(last_used, 0), :at) WHERE name = :name";
				for (const [name, at] of times) database.run(sql, { name, at });
			}, true),

		remove: (name) =>
			database.write(() => database.run("DELETE FROM users WHERE name = :name", { name }).changes > 0),
	};
}
