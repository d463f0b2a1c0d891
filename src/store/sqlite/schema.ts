import { memoryModel } from "./schemaMemoryModel.ts";
import { teams } from "./schemaTeams.ts";
import { usersTable } from "./schemaUsers.ts";

/**
 * The steps from an empty file to the current schema; step N leads from `PRAGMA user_version` N to N + 1. Never change
 * a step that has been released: add another.
 *
 * - `memories.revision` increases with every write to a memory or its vector, so that other processes can query what
 *   has changed since they last did. A deleted memory stays as a tombstone (`deleted_at`, empty text) for them; its text
 *   is in `history`, from which it can be restored until it is purged.
 * - `memories.fingerprint` is equal for texts that say the same (see text/fingerprint.ts).
 * - `memories_fts` indexes `indexTerms(text)`, not the text: JavaScript splits it into words (see text/terms.ts).
 *   Memories saved by later versions also have their `fieldTerms` in it. Up to the `seq` in the counter `words-left`, the
 *   terms are those of an earlier version, which split texts otherwise; they are indexed anew in the background.
 * - `vectors.vector` is float32, of length 1; NULL if the model cannot read the text. `words`: the signs of each word of
 *   the text, if the model provides them (see vectors/wordSigns.ts).
 * - `journal` has every save before any work on it; `owner` and `received_at` show when another process may finish an
 *   interrupted save. `done_at`: its text is a memory. `distil`: NULL if it needs no more than that; `pending` until a
 *   language model has distilled facts from it, then `done`; `given-up` if that failed for good; `cancelled` if the memory
 *   was changed, deleted or saved word for word before. The worker holds a claim. `tried_with`: the models that failed on
 *   it or were woken for it, as JSON. `outcome`: the memories of its facts, duplicates included, and of its text if that
 *   was kept beside them, as JSON `[[seq, fingerprint], …]`.
 * - `entities` are the names that memories mention, `entity_links` connects both; `memories.unlinked` marks a memory
 *   whose text has changed since its entities were found.
 * - `space_users.since_seq`: memories of the user above it were saved while the space was in use, so its endpoint may get
 *   them without asking; `reembed`: the user wants the older ones in it, too.
 * - `meant_for`: the origin of the endpoint that the saving process would have sent the text to, for facts (`journal`) or
 *   for its vector (`memories`); empty for a model on this machine; NULL: saved by an earlier version.
 * - `kept_vectors`: see keptVectors.ts. `hash`: SHA-256 of the text.
 * - `signatures.bits` is the signature of a vector (see vectors/signature.ts), from which the index in memory is built; it
 *   is a 32nd of the vector's size, up to 512 dimensions a 16th. `spaces.signed_to`: the `seq` up to which an older
 *   version's vectors have one of this form; NULL: all have.
 * - `traffic` counts the requests to the models, by day (local, `2026-07-09`), role and host. `duration`: ms that those which
 *   were answered took together.
 * - `request_starts`: when the requests of the last minute to servers with a limit began, of all processes.
 * - `memories.spaces`: the ids of the spaces in which the memory has a vector, ascending, such as `1,3`. Triggers keep it.
 * - `tallies` has the numbers of live memories by everything that is counted, so that no count reads the memories.
 *   Triggers keep them, within the transaction of each change: they are right whoever writes, and after a kill. They count
 *   expired and superseded memories, too, which the index `memories_hidden` has: time alone makes a memory expire.
 * - `conversations` has the number of live memories in each, and when the newest was created. Triggers keep it.
 * - `origin`: as JSON, what an Origin has besides `how` and `client`, by which lists and searches filter.
 * - `history.old_fields`, `new_fields`: the other fields that changed, as JSON (ChangedFields). A deletion has `new_fields`
 *   if facts took the place of the text: nobody deleted it.
 * - `memories.has_history`: `history` has more than its `ADD`. A trigger keeps it.
 * - `candidates`: what waits for somebody's decision, and what was decided since the last purge. `outcome`: NULL while it
 *   waits. Of what was rejected before that, `key` is left, so that nobody proposes it again. `concerns`: ids as JSON.
 * - `visibility`: who finds the memory beside its author; see store/access.ts. `history.done_by`: who did it, if not the
 *   author.
 * - `uses` is a log of use, without what is in the answers; `clients` sums it up. Both are bounded.
 */
export const migrations: readonly string[] = [
	`
	CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
	INSERT INTO counters VALUES ('revision', 0);

	CREATE TABLE journal (
		id TEXT PRIMARY KEY,
		text TEXT NOT NULL,
		user_id TEXT NOT NULL,
		scope TEXT NOT NULL,
		project_id TEXT,
		project_name TEXT,
		conversation_id TEXT,
		metadata TEXT,
		created_at INTEGER NOT NULL,
		received_at INTEGER NOT NULL,
		owner TEXT NOT NULL,
		done_at INTEGER
	) STRICT;
	CREATE INDEX journal_open ON journal (received_at) WHERE done_at IS NULL;

	CREATE TABLE memories (
		seq INTEGER PRIMARY KEY AUTOINCREMENT,
		id TEXT NOT NULL UNIQUE,
		revision INTEGER NOT NULL,
		text TEXT NOT NULL,
		fingerprint TEXT NOT NULL,
		user_id TEXT NOT NULL,
		scope TEXT NOT NULL CHECK (scope IN ('global', 'project')),
		project_id TEXT,
		project_name TEXT,
		conversation_id TEXT,
		save_id TEXT,
		metadata TEXT,
		created_at INTEGER NOT NULL,
		updated_at INTEGER NOT NULL,
		deleted_at INTEGER,
		CHECK ((scope = 'project') = (project_id IS NOT NULL))
	) STRICT;
	CREATE UNIQUE INDEX memories_revision ON memories (revision);
	CREATE INDEX memories_fingerprint ON memories (fingerprint) WHERE deleted_at IS NULL;
	CREATE INDEX memories_created ON memories (user_id, created_at DESC, seq DESC) WHERE deleted_at IS NULL;
	CREATE INDEX memories_place ON memories (user_id, scope, project_id) WHERE deleted_at IS NULL;
	CREATE INDEX memories_deleted ON memories (deleted_at) WHERE deleted_at IS NOT NULL;

	CREATE VIRTUAL TABLE memories_fts USING fts5 (
		terms, content = '', contentless_delete = 1,
		tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'"
	);
	CREATE VIRTUAL TABLE memories_vocabulary USING fts5vocab (memories_fts, row);

	CREATE TABLE spaces (
		id INTEGER PRIMARY KEY,
		provider TEXT NOT NULL,
		origin TEXT NOT NULL,
		model TEXT NOT NULL,
		dimensions INTEGER NOT NULL,
		UNIQUE (provider, origin, model, dimensions)
	) STRICT;
	CREATE TABLE vectors (
		space INTEGER NOT NULL REFERENCES spaces (id),
		seq INTEGER NOT NULL,
		vector BLOB,
		UNIQUE (space, seq)
	) STRICT;
	CREATE INDEX vectors_seq ON vectors (seq);
	CREATE INDEX memories_save ON memories (save_id) WHERE save_id IS NOT NULL;

	CREATE TABLE history (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		memory_id TEXT NOT NULL,
		event TEXT NOT NULL CHECK (event IN ('ADD', 'UPDATE', 'DELETE', 'RESTORE')),
		old_text TEXT,
		new_text TEXT,
		at INTEGER NOT NULL
	) STRICT;
	CREATE INDEX history_memory ON history (memory_id, id);
	`,
	`
	ALTER TABLE journal ADD COLUMN fingerprint TEXT;
	ALTER TABLE journal ADD COLUMN distil TEXT CHECK (distil IN ('pending', 'done', 'given-up', 'cancelled'));
	ALTER TABLE journal ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE journal ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE journal ADD COLUMN problem TEXT;
	ALTER TABLE journal ADD COLUMN tried_with TEXT;
	ALTER TABLE journal ADD COLUMN claimed_by TEXT;
	ALTER TABLE journal ADD COLUMN claimed_until INTEGER;
	CREATE INDEX journal_distil ON journal (distil, next_at) WHERE distil IN ('pending', 'given-up');
	CREATE INDEX journal_fingerprint ON journal (fingerprint) WHERE distil = 'done';
	CREATE INDEX journal_conversation ON journal (conversation_id, created_at) WHERE conversation_id IS NOT NULL;

	CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
	CREATE TABLE learned (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

	CREATE TABLE entities (
		id INTEGER PRIMARY KEY,
		user_id TEXT NOT NULL,
		name TEXT NOT NULL,
		text TEXT NOT NULL,
		type TEXT NOT NULL,
		UNIQUE (user_id, name)
	) STRICT;
	CREATE TABLE entity_links (
		entity INTEGER NOT NULL REFERENCES entities (id),
		seq INTEGER NOT NULL,
		PRIMARY KEY (entity, seq)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX entity_links_seq ON entity_links (seq);
	ALTER TABLE memories ADD COLUMN unlinked INTEGER NOT NULL DEFAULT 0;
	CREATE INDEX memories_unlinked ON memories (seq) WHERE unlinked = 1;

	ALTER TABLE spaces ADD COLUMN since_seq INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE spaces ADD COLUMN reembed INTEGER NOT NULL DEFAULT 0;
	`,
	`
	ALTER TABLE journal ADD COLUMN outcome TEXT;
	UPDATE journal SET tried_with = json_array(tried_with) WHERE tried_with IS NOT NULL;
	`,
	`
	CREATE INDEX memories_conversation ON memories (conversation_id, created_at, seq)
		WHERE conversation_id IS NOT NULL AND deleted_at IS NULL;

	CREATE TABLE signatures (
		space INTEGER NOT NULL REFERENCES spaces (id),
		seq INTEGER NOT NULL,
		bits BLOB NOT NULL,
		PRIMARY KEY (space, seq)
	) STRICT, WITHOUT ROWID;
	ALTER TABLE spaces ADD COLUMN signed_to INTEGER;
	UPDATE spaces SET signed_to = 0;
	`,
	"ALTER TABLE vectors ADD COLUMN words BLOB",
	`
	CREATE TABLE space_users (
		space INTEGER NOT NULL REFERENCES spaces (id),
		user_id TEXT NOT NULL,
		since_seq INTEGER NOT NULL,
		reembed INTEGER NOT NULL DEFAULT 0,
		PRIMARY KEY (space, user_id)
	) STRICT, WITHOUT ROWID;
	INSERT INTO space_users SELECT s.id, u.user_id, s.since_seq, s.reembed AND (SELECT count(DISTINCT user_id) FROM memories) = 1
		FROM spaces s CROSS JOIN (SELECT DISTINCT user_id FROM memories) u;
	ALTER TABLE spaces DROP COLUMN since_seq;
	ALTER TABLE spaces DROP COLUMN reembed;
	ALTER TABLE memories ADD COLUMN meant_for TEXT;
	ALTER TABLE journal ADD COLUMN meant_for TEXT;
	UPDATE journal SET tried_with = json_array(tried_with) WHERE tried_with IS NOT NULL AND NOT json_valid(tried_with);
	`,
	`
	CREATE TABLE traffic (
		day TEXT NOT NULL,
		role TEXT NOT NULL,
		host TEXT NOT NULL,
		requests INTEGER NOT NULL,
		errors INTEGER NOT NULL,
		input_tokens INTEGER NOT NULL,
		output_tokens INTEGER NOT NULL,
		duration INTEGER NOT NULL,
		PRIMARY KEY (day, role, host)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE request_starts (server TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
	CREATE INDEX request_starts_server ON request_starts (server, at);
	`,
	`
	CREATE TABLE spaces_with_prefixes (
		id INTEGER PRIMARY KEY,
		provider TEXT NOT NULL,
		origin TEXT NOT NULL,
		model TEXT NOT NULL,
		dimensions INTEGER NOT NULL,
		prefixes TEXT NOT NULL DEFAULT '',
		signed_to INTEGER,
		UNIQUE (provider, origin, model, dimensions, prefixes)
	) STRICT;
	INSERT INTO spaces_with_prefixes (id, provider, origin, model, dimensions, signed_to)
		SELECT id, provider, origin, model, dimensions, signed_to FROM spaces;
	DROP TABLE spaces;
	ALTER TABLE spaces_with_prefixes RENAME TO spaces;
	`,
	`
	ALTER TABLE memories ADD COLUMN spaces TEXT NOT NULL DEFAULT '';
	UPDATE memories SET spaces = ${spacesOf("memories.seq")} WHERE deleted_at IS NULL;
	UPDATE spaces SET signed_to = 0 WHERE dimensions <= 512;
	DROP INDEX journal_distil;
	CREATE INDEX journal_distil ON journal (distil, next_at) WHERE distil IS NOT NULL;
	DROP INDEX memories_place;
	CREATE INDEX memories_place ON memories (user_id, project_id, created_at DESC, seq DESC) WHERE deleted_at IS NULL;
	CREATE INDEX memories_spaces ON memories (user_id, spaces, meant_for, seq) WHERE deleted_at IS NULL;

	CREATE TABLE tallies (
		user_id TEXT NOT NULL,
		project_id TEXT,
		spaces TEXT NOT NULL,
		meant_for TEXT,
		n INTEGER NOT NULL
	) STRICT;
	CREATE UNIQUE INDEX tallies_key ON tallies (user_id, coalesce(project_id, 0), spaces, coalesce(meant_for, 0));
	INSERT INTO tallies SELECT user_id, project_id, spaces, meant_for, count(*) FROM memories
		WHERE deleted_at IS NULL GROUP BY user_id, project_id, spaces, meant_for;

	CREATE TRIGGER memories_added AFTER INSERT ON memories BEGIN ${tallied("NEW")} END;
	CREATE TRIGGER memories_changed AFTER UPDATE OF user_id, project_id, spaces, meant_for, deleted_at ON memories BEGIN
		${untallied("OLD")} ${tallied("NEW")}
	END;
	CREATE TRIGGER memories_erased AFTER DELETE ON memories BEGIN ${untallied("OLD")} END;
	CREATE TRIGGER vectors_added AFTER INSERT ON vectors BEGIN
		UPDATE memories SET spaces = ${spacesOf("NEW.seq")} WHERE seq = NEW.seq;
	END;
	CREATE TRIGGER vectors_deleted AFTER DELETE ON vectors BEGIN
		UPDATE memories SET spaces = ${spacesOf("OLD.seq")} WHERE seq = OLD.seq;
	END;
	`,
	`
	CREATE TABLE kept_vectors (
		space INTEGER NOT NULL REFERENCES spaces (id),
		hash BLOB NOT NULL,
		vector BLOB NOT NULL,
		kept_at INTEGER NOT NULL,
		UNIQUE (space, hash)
	) STRICT;
	CREATE INDEX kept_vectors_age ON kept_vectors (kept_at);
	`,
	"INSERT INTO counters SELECT 'words-left', coalesce(max(seq), 0) FROM memories",
	memoryModel,
	usersTable,
	teams,
];

/** The schema this version writes and reads. */
export const schemaVersion: number = migrations.length;

/** Parts of step 7, and as fixed as it is. */
function spacesOf(seq: string): string {
	return `(SELECT coalesce(group_concat(space ORDER BY space), '') FROM vectors WHERE seq = ${seq})`;
}

function tallied(row: "NEW"): string {
	return `INSERT INTO tallies
		SELECT ${row}.user_id, ${row}.project_id, ${row}.spaces, ${row}.meant_for, 1 WHERE ${row}.deleted_at IS NULL
		ON CONFLICT (user_id, coalesce(project_id, 0), spaces, coalesce(meant_for, 0)) DO UPDATE SET n = n + 1;`;
}

function untallied(row: "OLD"): string {
	const same = `user_id = ${row}.user_id AND coalesce(project_id, 0) = coalesce(${row}.project_id, 0)
		AND spaces = ${row}.spaces AND coalesce(meant_for, 0) = coalesce(${row}.meant_for, 0)`;
	return `UPDATE tallies SET n = n - 1 WHERE ${row}.deleted_at IS NULL AND ${same};
		DELETE FROM tallies WHERE n = 0 AND ${same};`;
}
