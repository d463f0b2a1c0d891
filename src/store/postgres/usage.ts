import type { Usage } from "../memoryStore.ts";
import { withoutNulls } from "../rows.ts";
import type { ClientUse, Use, UseKind } from "../usage.ts";
import { accessTo } from "./access.ts";
import type { Database, Writer } from "./database.ts";

/** Uses and clients that are kept of each user. */
const mostUses = 1000;
const mostClients = 100;

const columnOf: Readonly<Record<UseKind, "last_read" | "last_wrote">> = {
	searched: "last_read",
	read: "last_read",
	saved: "last_wrote",
	changed: "last_wrote",
};

export function postgresUsage(database: Database): Usage {
	return {
		async record(uses) {
			if (uses.length === 0) return;
			const users = [...new Set(uses.map(({ userId }) => userId))];
			await database.write(
				async (writer) => {
					await logUses(writer, uses);
					for (const use of uses) await sumUp(writer, use);
					for (const userId of users) await dropOldest(writer, userId);
				},
				users.map((userId) => `usage ${userId}`),
				// Whoever searches again at each change must not be called back for having searched.
				true,
			);
		},

		async recent(userId, limit) {
			const rows = await database.all<{
				readonly projectId: string | null;
				readonly projectName: string | null;
			}>(
				`SELECT user_id AS "userId", client, client_version AS "clientVersion", what, project_id AS "projectId",
					project_name AS "projectName", query, at
				FROM {s}.uses WHERE user_id = :userId ORDER BY id DESC LIMIT :limit`,
				{ userId, limit },
			);
			return rows.map(({ projectId, projectName, ...row }) => ({
				...withoutNulls<Use>(row),
				...(projectId === null ? {} : { project: { id: projectId, name: projectName ?? projectId } }),
			}));
		},

		async clients(userId) {
			const rows = await database.all<object>(
				`SELECT client, client_version AS "clientVersion", last_read AS "lastRead", last_wrote AS "lastWrote",
					searched, read, saved, changed
				FROM {s}.clients WHERE user_id = :userId ORDER BY greatest(last_read, last_wrote) DESC, client COLLATE "C"`,
				{ userId },
			);
			return rows.map((row) => withoutNulls<ClientUse>(row));
		},
	};
}

async function logUses(writer: Writer, uses: readonly Use[]): Promise<void> {
	await writer.all(
		`INSERT INTO {s}.uses (user_id, client, client_version, what, project_id, project_name, query, at)
		SELECT "userId", client, "clientVersion", what, project ->> 'id', project ->> 'name', query, at
		FROM json_to_recordset(:uses::json) AS u ("userId" text, client text, "clientVersion" text, what text, project json, query text, at bigint)`,
		{ uses: JSON.stringify(uses) },
	);
}

async function sumUp(
	writer: Writer,
	{ userId, client, clientVersion, what, at, team, memories = [] }: Use,
): Promise<void> {
	const last = columnOf[what];
	await writer.all(
		`INSERT INTO {s}.clients AS c (user_id, client, client_version, ${last}, ${what}) VALUES (:userId, :client, :version, :at, 1)
		ON CONFLICT (user_id, client) DO UPDATE SET client_version = coalesce(excluded.client_version, c.client_version),
			${last} = greatest(c.${last}, excluded.${last}), ${what} = c.${what} + 1`,
		{ userId, client, version: clientVersion ?? null, at },
	);
	if (memories.length === 0) return;
	const { condition, parameters } = accessTo(
		team ? { userId, admin: false, projects: "all" } : userId,
		"read",
	);
	await writer.all(
		`UPDATE {s}.memories SET uses = uses + 1, used_at = greatest(used_at, :at::bigint) WHERE seq IN (
			SELECT m.seq FROM {s}.memories m WHERE m.id = ANY (:memories::text[]) AND ${condition} AND m.deleted_at IS NULL
			ORDER BY m.seq FOR UPDATE)`,
		{ memories, ...parameters, at },
	);
}

async function dropOldest(writer: Writer, userId: string): Promise<void> {
	await writer.all(
		`DELETE FROM {s}.uses WHERE user_id = :userId
		AND id <= (SELECT id FROM {s}.uses WHERE user_id = :userId ORDER BY id DESC LIMIT 1 OFFSET :most::int)`,
		{ userId, most: mostUses },
	);
	await writer.all(
		`DELETE FROM {s}.clients WHERE user_id = :userId AND client IN (
			SELECT client FROM {s}.clients WHERE user_id = :userId ORDER BY greatest(last_read, last_wrote) DESC OFFSET :most::int)`,
		{ userId, most: mostClients },
	);
}
