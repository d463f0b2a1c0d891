import type { Usage } from "../memoryStore.ts";
import { withoutNulls } from "../rows.ts";
import type { ClientUse, Use, UseKind } from "../usage.ts";
import { accessTo } from "./access.ts";
import type { Database } from "./database.ts";

/** Uses and clients that are kept of each user. */
const mostUses = 1000;
const mostClients = 100;

const columnOf: Readonly<Record<UseKind, "last_read" | "last_wrote">> = {
	searched: "last_read",
	read: "last_read",
	saved: "last_wrote",
	changed: "last_wrote",
};

export function sqliteUsage(database: Database): Usage {
	const record = ({ userId, client, clientVersion, what, project, query, at, team, memories = [] }: Use) => {
		const version = clientVersion ?? null;
		database.run(
			`INSERT INTO uses (user_id, client, client_version, what, project_id, project_name, query, at)
			VALUES (:userId, :client, :version, :what, :project, :projectName, :query, :at)`,
			{
				userId,
				client,
				version,
				what,
				project: project?.id ?? null,
				projectName: project?.name ?? null,
				query: query ?? null,
				at,
			},
		);
		const last = columnOf[what];
		database.run(
			`INSERT INTO clients (user_id, client, client_version, ${last}, ${what}) VALUES (:userId, :client, :version, :at, 1)
			ON CONFLICT DO UPDATE SET client_version = coalesce(excluded.client_version, client_version),
				${last} = max(coalesce(${last}, 0), excluded.${last}), ${what} = ${what} + 1`,
			{ userId, client, version, at },
		);
		if (memories.length === 0) return;
		const { condition, parameters } = accessTo(
			team ? { userId, admin: false, projects: "all" } : userId,
			"read",
		);
		database.run(
			`UPDATE memories AS m SET uses = uses + 1, used_at = max(coalesce(used_at, 0), :at)
			WHERE m.id IN (SELECT value FROM json_each(:ids)) AND ${condition} AND m.deleted_at IS NULL`,
			{ ids: JSON.stringify(memories), ...parameters, at },
		);
	};

	const dropOldest = (userId: string) => {
		database.run(
			`DELETE FROM uses WHERE user_id = :userId
			AND id <= (SELECT id FROM uses WHERE user_id = :userId ORDER BY id DESC LIMIT 1 OFFSET :most)`,
			{ userId, most: mostUses },
		);
		database.run(
			`DELETE FROM clients WHERE user_id = :userId AND client IN (SELECT client FROM clients WHERE user_id = :userId
			ORDER BY max(coalesce(last_read, 0), coalesce(last_wrote, 0)) DESC LIMIT -1 OFFSET :most)`,
			{ userId, most: mostClients },
		);
	};

	return {
		// Whoever searches again at each change must not be called back for having searched.
		record: (uses) =>
			database.write(() => {
				for (const use of uses) record(use);
				for (const userId of new Set(uses.map((use) => use.userId))) dropOldest(userId);
			}, true),

		async recent(userId, limit) {
			const rows = database.all<{ readonly projectId: string | null; readonly projectName: string | null }>(
				`SELECT user_id AS userId, client, client_version AS clientVersion, what, project_id AS projectId,
					project_name AS projectName, query, at
				FROM uses WHERE user_id = :userId ORDER BY id DESC LIMIT :limit`,
				{ userId, limit },
			);
			return rows.map(({ projectId, projectName, ...row }) => ({
				...withoutNulls<Use>(row),
				...(projectId === null ? {} : { project: { id: projectId, name: projectName ?? projectId } }),
			}));
		},

		clients: async (userId) =>
			database
				.all<object>(
					`SELECT client, client_version AS clientVersion, last_read AS lastRead, last_wrote AS lastWrote,
						searched, read, saved, changed
					FROM clients WHERE user_id = :userId
					ORDER BY max(coalesce(last_read, 0), coalesce(last_wrote, 0)) DESC, client`,
					{ userId },
				)
				.map((row) => withoutNulls<ClientUse>(row)),
	};
}
