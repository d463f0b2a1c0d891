/** The step of the schema that lets memories be shared; see schema.ts. Fixed, as all are. */
export const teams = `
	ALTER TABLE journal ADD COLUMN visibility TEXT NOT NULL DEFAULT 'private';
	ALTER TABLE candidates ADD COLUMN visibility TEXT NOT NULL DEFAULT 'private';
	ALTER TABLE memories ADD COLUMN visibility TEXT NOT NULL DEFAULT 'private'
		CHECK (visibility IN ('private', 'proposed-project', 'proposed-team', 'project', 'team')
		AND (visibility NOT IN ('proposed-project', 'project') OR project_id IS NOT NULL));
	ALTER TABLE history ADD COLUMN done_by TEXT;
	CREATE INDEX memories_of_team ON memories (created_at DESC, seq DESC)
		WHERE visibility = 'team' AND deleted_at IS NULL;
	CREATE INDEX memories_of_project ON memories (project_id, created_at DESC, seq DESC)
		WHERE visibility = 'project' AND deleted_at IS NULL;
	CREATE INDEX memories_proposed ON memories (created_at DESC, seq DESC)
		WHERE visibility IN ('proposed-project', 'proposed-team') AND deleted_at IS NULL;

	DROP TRIGGER memories_added;
	DROP TRIGGER memories_changed;
	DROP TRIGGER memories_erased;
	DROP INDEX tallies_key;
	ALTER TABLE tallies ADD COLUMN visibility TEXT NOT NULL DEFAULT 'private';
	CREATE UNIQUE INDEX tallies_key ON tallies
		(user_id, coalesce(project_id, 0), spaces, coalesce(meant_for, 0), coalesce(client, 0), coalesce(how, 0), visibility);
	CREATE TRIGGER memories_added AFTER INSERT ON memories BEGIN ${tallied("NEW")} END;
	CREATE TRIGGER memories_changed
		AFTER UPDATE OF user_id, project_id, spaces, meant_for, client, how, visibility, deleted_at ON memories BEGIN
		${untallied("OLD")} ${tallied("NEW")}
	END;
	CREATE TRIGGER memories_erased AFTER DELETE ON memories BEGIN ${untallied("OLD")} END;
`;

function tallied(row: "NEW"): string {
	return `INSERT INTO tallies (user_id, project_id, spaces, meant_for, client, how, visibility, n)
		SELECT ${row}.user_id, ${row}.project_id, ${row}.spaces, ${row}.meant_for, ${row}.client, ${row}.how, ${row}.visibility, 1
		WHERE ${row}.deleted_at IS NULL
		ON CONFLICT (user_id, coalesce(project_id, 0), spaces, coalesce(meant_for, 0), coalesce(client, 0), coalesce(how, 0), visibility)
		DO UPDATE SET n = n + 1;`;
}

function untallied(row: "OLD"): string {
	const same = `user_id = ${row}.user_id AND coalesce(project_id, 0) = coalesce(${row}.project_id, 0)
		AND spaces = ${row}.spaces AND coalesce(meant_for, 0) = coalesce(${row}.meant_for, 0)
		AND coalesce(client, 0) = coalesce(${row}.client, 0) AND coalesce(how, 0) = coalesce(${row}.how, 0)
		AND visibility = ${row}.visibility`;
	return `UPDATE tallies SET n = n - 1 WHERE ${row}.deleted_at IS NULL AND ${same};
		DELETE FROM tallies WHERE n = 0 AND ${same};`;
}
