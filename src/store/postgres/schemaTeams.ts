import { counting } from "./counting.ts";

/** What `tallies` counts memories by. */
export const tallyKey = "user_id, project_id, spaces, meant_for, client, how, visibility";

/**
 * The step of the schema that lets memories be shared. The functions of the search, which it drops, come with a later step.
 */
export const teams = `
	ALTER TABLE {s}.journal ADD COLUMN visibility text NOT NULL DEFAULT 'private';
	ALTER TABLE {s}.candidates ADD COLUMN visibility text NOT NULL DEFAULT 'private';
	ALTER TABLE {s}.memories ADD COLUMN visibility text NOT NULL DEFAULT 'private'
		CHECK (visibility IN ('private', 'proposed-project', 'proposed-team', 'project', 'team')
		AND (visibility NOT IN ('proposed-project', 'project') OR project_id IS NOT NULL));
	ALTER TABLE {s}.history ADD COLUMN done_by text;
	CREATE INDEX memories_of_team ON {s}.memories (created_at DESC, seq DESC)
		WHERE visibility = 'team' AND deleted_at IS NULL;
	CREATE INDEX memories_of_project ON {s}.memories (project_id, created_at DESC, seq DESC)
		WHERE visibility = 'project' AND deleted_at IS NULL;
	CREATE INDEX memories_proposed ON {s}.memories (created_at DESC, seq DESC)
		WHERE visibility IN ('proposed-project', 'proposed-team') AND deleted_at IS NULL;

	ALTER TABLE {s}.tallies ADD COLUMN visibility text NOT NULL DEFAULT 'private';
	DROP FUNCTION {s}.count_memories_insert, {s}.count_memories_update, {s}.count_memories_delete CASCADE;
	${counting("memories", "count_memories", {
		key: tallyKey,
		into: `tallies (${tallyKey}, n)`,
		plus: (rows) => `SELECT ${tallyKey}, 1 AS n FROM ${rows} WHERE deleted_at IS NULL`,
		minus: (rows) => `SELECT ${tallyKey}, -1 AS n FROM ${rows} WHERE deleted_at IS NULL`,
	})}

	DROP TYPE IF EXISTS {s}.filter CASCADE;
`;
