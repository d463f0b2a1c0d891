import { counting } from "./counting.ts";
import { teams } from "./schemaTeams.ts";
import { indexBeginnings, searching } from "./searchFunction.ts";

/** What `tallies` counted memories by at first. */
const firstTallyKey = "user_id, project_id, spaces, meant_for, client, how";

/**
 * The steps from an empty schema to the current one; step N leads from version N to N + 1. Never change a step that has
 * been released: add another. `{s}` stands for our schema, `{v}` for the one with pgvector. Tables and columns mean what
 * they mean in store/sqlite/schema.ts; what differs:
 *
 * - `words.terms` has the distinct terms of a memory, for the GIN index. It is a table of its own, so that a change of a
 *   memory's other columns leaves the index alone.
 * - `term_counts` and `tallies` are sums of rows, which writers only append: nobody waits for another's row. Triggers
 *   keep them, and `housekeeping.ts` adds them up.
 * - `memories.spaces` is an array, kept by triggers on `vectors`.
 * - Times that decide who may work (`next_at`, `claimed_until`, `expires_at`) are those of the server's clock, `now_ms()`.
 * - `changes` has a row for each write of the last minute, where no notification gets through.
 */
export const migrations: readonly string[] = [
	`
	CREATE FUNCTION {s}.now_ms() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE
		AS 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

	CREATE TABLE {s}.journal (
		id text PRIMARY KEY,
		text text NOT NULL,
		user_id text NOT NULL,
		scope text NOT NULL,
		project_id text,
		project_name text,
		conversation_id text,
		metadata text,
		client text,
		how text,
		origin text,
		pinned smallint NOT NULL DEFAULT 0,
		expires_at bigint,
		created_at bigint NOT NULL,
		received_at bigint NOT NULL,
		owner text NOT NULL,
		done_at bigint,
		fingerprint text NOT NULL,
		distil text CHECK (distil IN ('pending', 'done', 'given-up', 'cancelled')),
		attempts int NOT NULL DEFAULT 0,
		next_at bigint NOT NULL DEFAULT 0,
		problem text,
		tried_with text[],
		claimed_by text,
		claimed_until bigint,
		outcome jsonb,
		meant_for text
	);
	CREATE INDEX journal_open ON {s}.journal (user_id, received_at) WHERE done_at IS NULL;
	CREATE INDEX journal_distil ON {s}.journal (user_id, next_at) WHERE distil IN ('pending', 'given-up');
	CREATE INDEX journal_fingerprint ON {s}.journal (fingerprint) WHERE distil = 'done';
	CREATE INDEX journal_conversation ON {s}.journal (conversation_id, created_at) WHERE conversation_id IS NOT NULL;
	CREATE INDEX journal_done ON {s}.journal (user_id, done_at);

	CREATE TABLE {s}.memories (
		seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		id text NOT NULL UNIQUE,
		text text NOT NULL,
		fingerprint text NOT NULL,
		user_id text NOT NULL,
		scope text NOT NULL CHECK (scope IN ('global', 'project')),
		project_id text,
		project_name text,
		conversation_id text,
		save_id text,
		metadata text,
		client text,
		how text,
		origin text,
		pinned smallint NOT NULL DEFAULT 0,
		expires_at bigint,
		created_at bigint NOT NULL,
		updated_at bigint NOT NULL,
		deleted_at bigint,
		superseded_by text,
		uses int NOT NULL DEFAULT 0,
		used_at bigint,
		has_history boolean NOT NULL DEFAULT false,
		unlinked boolean NOT NULL DEFAULT false,
		meant_for text,
		spaces int[] NOT NULL DEFAULT '{}',
		CHECK ((scope = 'project') = (project_id IS NOT NULL))
	);
	CREATE INDEX memories_fingerprint ON {s}.memories (fingerprint) WHERE deleted_at IS NULL;
	CREATE INDEX memories_created ON {s}.memories (user_id, created_at DESC, seq DESC) WHERE deleted_at IS NULL;
	CREATE INDEX memories_place ON {s}.memories (user_id, project_id, created_at DESC, seq DESC) WHERE deleted_at IS NULL;
	CREATE INDEX memories_uses ON {s}.memories (user_id, uses DESC, seq DESC) WHERE deleted_at IS NULL;
	CREATE INDEX memories_unused ON {s}.memories (user_id, coalesce(used_at, created_at), seq) WHERE deleted_at IS NULL;
	CREATE INDEX memories_client ON {s}.memories (user_id, client, created_at DESC, seq DESC) WHERE deleted_at IS NULL;
	CREATE INDEX memories_pinned ON {s}.memories (user_id) WHERE pinned = 1 AND deleted_at IS NULL;
	CREATE INDEX memories_with_history ON {s}.memories (user_id) WHERE has_history AND deleted_at IS NULL;
	CREATE INDEX memories_hidden ON {s}.memories (user_id)
		WHERE deleted_at IS NULL AND (expires_at IS NOT NULL OR superseded_by IS NOT NULL);
	CREATE INDEX memories_spaces ON {s}.memories (user_id, spaces, seq) WHERE deleted_at IS NULL;
	CREATE INDEX memories_deleted ON {s}.memories (user_id, deleted_at DESC, seq DESC) WHERE deleted_at IS NOT NULL;
	CREATE INDEX memories_save ON {s}.memories (save_id) WHERE save_id IS NOT NULL;
	CREATE INDEX memories_unlinked ON {s}.memories (user_id, seq) WHERE unlinked;
	CREATE INDEX memories_conversation ON {s}.memories (conversation_id, user_id, created_at, seq)
		WHERE conversation_id IS NOT NULL AND deleted_at IS NULL;

	CREATE TABLE {s}.words (seq bigint PRIMARY KEY, terms text[] NOT NULL);
	-- Without a list of pending entries, which every search would read from end to end.
	CREATE INDEX words_terms ON {s}.words USING gin (terms) WITH (fastupdate = off);
	CREATE TABLE {s}.term_counts (term text NOT NULL, n bigint NOT NULL);
	CREATE INDEX term_counts_term ON {s}.term_counts (term) INCLUDE (n);
	CREATE TABLE {s}.tallies (user_id text NOT NULL, project_id text, spaces int[] NOT NULL, meant_for text, client text,
		how text, n bigint NOT NULL);
	CREATE INDEX tallies_user ON {s}.tallies (user_id);

	CREATE TABLE {s}.spaces (
		id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		provider text NOT NULL,
		origin text NOT NULL,
		model text NOT NULL,
		dimensions int NOT NULL,
		prefixes text NOT NULL DEFAULT '',
		indexed boolean NOT NULL DEFAULT false,
		UNIQUE (provider, origin, model, dimensions, prefixes)
	);
	CREATE TABLE {s}.space_users (
		space int NOT NULL REFERENCES {s}.spaces (id),
		user_id text NOT NULL,
		since_seq bigint NOT NULL,
		reembed boolean NOT NULL DEFAULT false,
		PRIMARY KEY (space, user_id)
	);
	CREATE TABLE {s}.vectors (
		space int NOT NULL REFERENCES {s}.spaces (id),
		seq bigint NOT NULL,
		vector {v}.vector,
		words bytea,
		PRIMARY KEY (seq, space)
	);
	-- Vectors of up to some 2,000 dimensions stay in the row: a second look-up for each would cost more than comparing it.
	ALTER TABLE {s}.vectors SET (toast_tuple_target = 8160);
	CREATE INDEX vectors_space ON {s}.vectors (space, seq);
	CREATE TABLE {s}.kept_vectors (
		space int NOT NULL REFERENCES {s}.spaces (id),
		hash bytea NOT NULL,
		vector {v}.vector NOT NULL,
		kept_at bigint NOT NULL,
		PRIMARY KEY (space, hash)
	);
	CREATE INDEX kept_vectors_age ON {s}.kept_vectors (kept_at);

	CREATE TABLE {s}.history (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		memory_id text NOT NULL,
		event text NOT NULL CHECK (event IN ('ADD', 'UPDATE', 'DELETE', 'RESTORE')),
		old_text text,
		new_text text,
		old_fields text,
		new_fields text,
		at bigint NOT NULL
	);
	CREATE INDEX history_memory ON {s}.history (memory_id, id);

	CREATE TABLE {s}.entities (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		user_id text NOT NULL,
		name text NOT NULL,
		text text NOT NULL,
		type text NOT NULL,
		UNIQUE (user_id, name)
	);
	CREATE TABLE {s}.entity_links (
		entity bigint NOT NULL REFERENCES {s}.entities (id),
		seq bigint NOT NULL,
		PRIMARY KEY (entity, seq)
	);
	CREATE INDEX entity_links_seq ON {s}.entity_links (seq);

	CREATE TABLE {s}.candidates (
		seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		id text NOT NULL UNIQUE,
		kind text NOT NULL,
		key text NOT NULL,
		text text NOT NULL,
		user_id text NOT NULL,
		scope text NOT NULL,
		project_id text,
		project_name text,
		conversation_id text,
		metadata text,
		client text,
		how text,
		origin text,
		pinned smallint NOT NULL DEFAULT 0,
		expires_at bigint,
		created_at bigint NOT NULL,
		excerpt text,
		why text,
		action text,
		concerns text,
		outcome text CHECK (outcome IN ('accepted', 'rejected')),
		decided_at bigint,
		UNIQUE (user_id, key)
	);
	CREATE INDEX candidates_waiting ON {s}.candidates (user_id, seq DESC) WHERE outcome IS NULL;
	CREATE INDEX candidates_decided ON {s}.candidates (user_id, decided_at) WHERE outcome IS NOT NULL;

	CREATE TABLE {s}.uses (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		user_id text NOT NULL,
		client text NOT NULL,
		client_version text,
		what text NOT NULL,
		project_id text,
		project_name text,
		query text,
		at bigint NOT NULL
	);
	CREATE INDEX uses_user ON {s}.uses (user_id, id);
	CREATE TABLE {s}.clients (
		user_id text NOT NULL,
		client text NOT NULL,
		client_version text,
		last_read bigint,
		last_wrote bigint,
		searched bigint NOT NULL DEFAULT 0,
		read bigint NOT NULL DEFAULT 0,
		saved bigint NOT NULL DEFAULT 0,
		changed bigint NOT NULL DEFAULT 0,
		PRIMARY KEY (user_id, client)
	);

	CREATE TABLE {s}.leases (name text PRIMARY KEY, holder text NOT NULL, expires_at bigint NOT NULL);
	CREATE TABLE {s}.learned (key text PRIMARY KEY, value text NOT NULL);
	CREATE TABLE {s}.traffic (
		day text NOT NULL,
		role text NOT NULL,
		host text NOT NULL,
		requests bigint NOT NULL,
		errors bigint NOT NULL,
		input_tokens bigint NOT NULL,
		output_tokens bigint NOT NULL,
		duration bigint NOT NULL,
		PRIMARY KEY (day, role, host)
	);
	CREATE TABLE {s}.request_starts (server text NOT NULL, at bigint NOT NULL);
	CREATE INDEX request_starts_server ON {s}.request_starts (server, at);
	CREATE TABLE {s}.changes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner text NOT NULL, at bigint NOT NULL);

	${counting("words", "count_terms", {
		key: "term",
		into: "term_counts (term, n)",
		plus: (rows) => `SELECT unnest(terms) AS term, 1 AS n FROM ${rows}`,
		minus: (rows) => `SELECT unnest(terms) AS term, -1 AS n FROM ${rows}`,
	})}
	${counting("memories", "count_memories", {
		key: firstTallyKey,
		into: `tallies (${firstTallyKey}, n)`,
		plus: (rows) => `SELECT ${firstTallyKey}, 1 AS n FROM ${rows} WHERE deleted_at IS NULL`,
		minus: (rows) => `SELECT ${firstTallyKey}, -1 AS n FROM ${rows} WHERE deleted_at IS NULL`,
	})}

	CREATE FUNCTION {s}.note_spaces() RETURNS trigger LANGUAGE plpgsql SET search_path = {s}, pg_temp AS $$
	BEGIN
		UPDATE memories m SET spaces = has.spaces FROM (
			SELECT c.seq, coalesce(array_agg(v.space ORDER BY v.space) FILTER (WHERE v.space IS NOT NULL), '{}') AS spaces
			FROM (SELECT DISTINCT seq FROM changed) c LEFT JOIN vectors v ON v.seq = c.seq GROUP BY c.seq
		) has WHERE m.seq = has.seq AND m.spaces <> has.spaces;
		RETURN NULL;
	END $$;
	CREATE TRIGGER vectors_added AFTER INSERT ON {s}.vectors REFERENCING NEW TABLE AS changed
		FOR EACH STATEMENT EXECUTE FUNCTION {s}.note_spaces();
	CREATE TRIGGER vectors_deleted AFTER DELETE ON {s}.vectors REFERENCING OLD TABLE AS changed
		FOR EACH STATEMENT EXECUTE FUNCTION {s}.note_spaces();

	`,
	// An index of a part of the vectors, in place of one that each of them went into.
	`
	ALTER TABLE {s}.spaces ADD COLUMN indexed_to bigint NOT NULL DEFAULT 0;
	ALTER TABLE {s}.spaces DROP COLUMN indexed;
	`,
	`
	CREATE TABLE {s}.users (
		name text PRIMARY KEY,
		admin boolean NOT NULL,
		token_hash text NOT NULL UNIQUE,
		created_at bigint NOT NULL,
		last_used bigint,
		revoked_at bigint
	);
	`,
	teams,
	indexBeginnings,
	searching,
];

/** The schema this version writes and reads. */
export const schemaVersion: number = migrations.length;
