/**
 * The steps from an empty file to the current schema; step N leads from `PRAGMA user_version` N to N + 1. A step
 * that has been released is never changed: add another.
 *
 * - `memories.revision` rises with every write to a memory or its vector, so that other processes can ask for what
 *   has changed since they last looked. A deleted memory stays as a tombstone (`deleted_at`, empty text) for them;
 *   its text is in `history`, from which it can be restored until it is purged.
 * - `memories.fingerprint` is equal for texts that say the same (see fingerprint.ts).
 * - `memories_fts` indexes `indexTerms(text)`, not the text: words are found by JavaScript (see terms.ts).
 * - `vectors.vector` is float32, of length 1; NULL where the model has nothing to say about the text.
 * - `journal` holds every save before any work is done on it; `owner` and `received_at` tell when a save that was
 *   cut off may be finished by another process.
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
];

/** The schema this version writes and reads. */
export const schemaVersion: number = migrations.length;
