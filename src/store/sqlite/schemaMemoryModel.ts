/** The step of the schema that gives memories an origin, a pin, an expiry and their use; see schema.ts. Fixed, as all are. */
export const memoryModel = `
	ALTER TABLE journal ADD COLUMN client TEXT;
	ALTER TABLE journal ADD COLUMN how TEXT;
	ALTER TABLE journal ADD COLUMN origin TEXT;
	ALTER TABLE journal ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE journal ADD COLUMN expires_at INTEGER;
	ALTER TABLE memories ADD COLUMN client TEXT;
	ALTER TABLE memories ADD COLUMN how TEXT;
	ALTER TABLE memories ADD COLUMN origin TEXT;
	ALTER TABLE memories ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE memories ADD COLUMN expires_at INTEGER;
	ALTER TABLE memories ADD COLUMN superseded_by TEXT;
	ALTER TABLE memories ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE memories ADD COLUMN used_at INTEGER;
	ALTER TABLE memories ADD COLUMN has_history INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE history ADD COLUMN old_fields TEXT;
	ALTER TABLE history ADD COLUMN new_fields TEXT;
	UPDATE memories SET has_history = 1 WHERE id IN (SELECT memory_id FROM history WHERE event <> 'ADD');
	CREATE TRIGGER history_added AFTER INSERT ON history WHEN NEW.event <> 'ADD' BEGIN
		UPDATE memories SET has_history = 1 WHERE id = NEW.memory_id AND has_history = 0;
	END;

	CREATE INDEX memories_uses ON memories (user_id, uses DESC, seq DESC) WHERE deleted_at IS NULL;
	CREATE INDEX memories_uses_place ON memories (user_id, project_id, uses DESC, seq DESC) WHERE deleted_at IS NULL;
	CREATE INDEX memories_unused ON memories (user_id, coalesce(used_at, created_at), seq) WHERE deleted_at IS NULL;
	CREATE INDEX memories_unused_place ON memories (user_id, project_id, coalesce(used_at, created_at), seq)
		WHERE deleted_at IS NULL;
	CREATE INDEX memories_client ON memories (user_id, client, created_at DESC, seq DESC) WHERE deleted_at IS NULL;
	CREATE INDEX memories_how ON memories (user_id, how) WHERE deleted_at IS NULL;
	CREATE INDEX memories_pinned ON memories (user_id) WHERE pinned = 1 AND deleted_at IS NULL;
	CREATE INDEX memories_with_history ON memories (user_id) WHERE has_history = 1 AND deleted_at IS NULL;
	CREATE INDEX memories_hidden ON memories (user_id, project_id, client, how, expires_at, superseded_by)
		WHERE deleted_at IS NULL AND (expires_at IS NOT NULL OR superseded_by IS NOT NULL);
	DROP INDEX memories_deleted;
	CREATE INDEX memories_deleted ON memories (user_id, deleted_at DESC, seq DESC) WHERE deleted_at IS NOT NULL;

	DROP TRIGGER memories_added;
	DROP TRIGGER memories_changed;
	DROP TRIGGER memories_erased;
	DROP TABLE tallies;
	CREATE TABLE tallies (
		user_id TEXT NOT NULL,
		project_id TEXT,
		spaces TEXT NOT NULL,
		meant_for TEXT,
		client TEXT,
		how TEXT,
		n INTEGER NOT NULL
	) STRICT;
	CREATE UNIQUE INDEX tallies_key
		ON tallies (user_id, coalesce(project_id, 0), spaces, coalesce(meant_for, 0), coalesce(client, 0), coalesce(how, 0));
	INSERT INTO tallies SELECT user_id, project_id, spaces, meant_for, NULL, NULL, count(*) FROM memories
		WHERE deleted_at IS NULL GROUP BY user_id, project_id, spaces, meant_for;
	CREATE TRIGGER memories_added AFTER INSERT ON memories BEGIN ${tallied("NEW")} END;
	CREATE TRIGGER memories_changed
		AFTER UPDATE OF user_id, project_id, spaces, meant_for, client, how, deleted_at ON memories BEGIN
		${untallied("OLD")} ${tallied("NEW")}
	END;
	CREATE TRIGGER memories_erased AFTER DELETE ON memories BEGIN ${untallied("OLD")} END;

	CREATE TABLE conversations (
		user_id TEXT NOT NULL,
		conversation_id TEXT NOT NULL,
		n INTEGER NOT NULL,
		newest INTEGER NOT NULL,
		PRIMARY KEY (user_id, conversation_id)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX conversations_newest ON conversations (user_id, newest DESC, conversation_id);
	INSERT INTO conversations SELECT user_id, conversation_id, count(*), max(created_at) FROM memories
		WHERE deleted_at IS NULL AND conversation_id IS NOT NULL GROUP BY user_id, conversation_id;
	CREATE TRIGGER conversations_added AFTER INSERT ON memories WHEN NEW.conversation_id IS NOT NULL BEGIN
		${joined("NEW")}
	END;
	CREATE TRIGGER conversations_changed
		AFTER UPDATE OF user_id, conversation_id, created_at, deleted_at ON memories
		WHEN OLD.conversation_id IS NOT NULL OR NEW.conversation_id IS NOT NULL BEGIN
		${left("OLD")} ${joined("NEW")}
	END;
	CREATE TRIGGER conversations_erased AFTER DELETE ON memories WHEN OLD.conversation_id IS NOT NULL BEGIN
		${left("OLD")}
	END;

	CREATE TABLE candidates (
		seq INTEGER PRIMARY KEY AUTOINCREMENT,
		id TEXT NOT NULL UNIQUE,
		kind TEXT NOT NULL,
		key TEXT NOT NULL,
		text TEXT NOT NULL,
		user_id TEXT NOT NULL,
		scope TEXT NOT NULL,
		project_id TEXT,
		project_name TEXT,
		conversation_id TEXT,
		metadata TEXT,
		client TEXT,
		how TEXT,
		origin TEXT,
		pinned INTEGER NOT NULL DEFAULT 0,
		expires_at INTEGER,
		created_at INTEGER NOT NULL,
		excerpt TEXT,
		why TEXT,
		action TEXT,
		concerns TEXT,
		outcome TEXT CHECK (outcome IN ('accepted', 'rejected')),
		decided_at INTEGER,
		UNIQUE (user_id, key)
	) STRICT;
	CREATE INDEX candidates_waiting ON candidates (user_id, seq DESC) WHERE outcome IS NULL;
	CREATE INDEX candidates_decided ON candidates (user_id, decided_at) WHERE outcome IS NOT NULL;

	CREATE TABLE uses (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		user_id TEXT NOT NULL,
		client TEXT NOT NULL,
		client_version TEXT,
		what TEXT NOT NULL,
		project_id TEXT,
		project_name TEXT,
		query TEXT,
		at INTEGER NOT NULL
	) STRICT;
	CREATE INDEX uses_user ON uses (user_id, id);
	CREATE TABLE clients (
		user_id TEXT NOT NULL,
		client TEXT NOT NULL,
		client_version TEXT,
		last_read INTEGER,
		last_wrote INTEGER,
		searched INTEGER NOT NULL DEFAULT 0,
		read INTEGER NOT NULL DEFAULT 0,
		saved INTEGER NOT NULL DEFAULT 0,
		changed INTEGER NOT NULL DEFAULT 0,
		PRIMARY KEY (user_id, client)
	) STRICT, WITHOUT ROWID;
`;

function tallied(row: "NEW"): string {
	return `INSERT INTO tallies
		SELECT ${row}.user_id, ${row}.project_id, ${row}.spaces, ${row}.meant_for, ${row}.client, ${row}.how, 1
		WHERE ${row}.deleted_at IS NULL
		ON CONFLICT (user_id, coalesce(project_id, 0), spaces, coalesce(meant_for, 0), coalesce(client, 0), coalesce(how, 0))
		DO UPDATE SET n = n + 1;`;
}

function untallied(row: "OLD"): string {
	const same = `user_id = ${row}.user_id AND coalesce(project_id, 0) = coalesce(${row}.project_id, 0)
		AND spaces = ${row}.spaces AND coalesce(meant_for, 0) = coalesce(${row}.meant_for, 0)
		AND coalesce(client, 0) = coalesce(${row}.client, 0) AND coalesce(how, 0) = coalesce(${row}.how, 0)`;
	return `UPDATE tallies SET n = n - 1 WHERE ${row}.deleted_at IS NULL AND ${same};
		DELETE FROM tallies WHERE n = 0 AND ${same};`;
}

function joined(row: "NEW"): string {
	return `INSERT INTO conversations SELECT ${row}.user_id, ${row}.conversation_id, 1, ${row}.created_at
		WHERE ${row}.conversation_id IS NOT NULL AND ${row}.deleted_at IS NULL
		ON CONFLICT (user_id, conversation_id) DO UPDATE SET n = n + 1, newest = max(newest, excluded.newest);`;
}

function left(row: "OLD"): string {
	const same = `user_id = ${row}.user_id AND conversation_id = ${row}.conversation_id`;
	return `UPDATE conversations SET n = n - 1, newest = coalesce(
			(SELECT m.created_at FROM memories m WHERE m.conversation_id = ${row}.conversation_id
			AND m.user_id = ${row}.user_id AND m.deleted_at IS NULL ORDER BY m.created_at DESC LIMIT 1), 0)
		WHERE ${row}.deleted_at IS NULL AND ${same};
		DELETE FROM conversations WHERE n = 0 AND ${same};`;
}
