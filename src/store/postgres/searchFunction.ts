import { foundBy } from "./access.ts";

/** The most index entries read for one query, unless only a very common term is left. */
const maxPostings = 4000;

/** Weights are whole numbers, which add up fast and always alike: multiples of a 67-millionth; the largest is below 32. */
const weightUnit = 2 ** 26;

/** What an index of vectors is made of; of length 1, as 16 bits hold no large numbers. */
export function indexed(vector: string, width: number | string): string {
	return `{v}.l2_normalize(${vector}::{v}.vector)::{v}.halfvec(${width})`;
}

/** In SQL, the name of the index in use of a row `s` of `spaces`. */
export const indexName = "concat_ws('_', 'vectors_hnsw', s.id, s.indexed_after, s.indexed_to)";

/**
 * Nearest: an index of the space (HNSW) finds them fast where many memories match the filter; where few do, all of those
 * are compared, which is exact. A search of the index visits some k * all / matching entries, each of which costs about
 * ten times a comparison: comparing all is cheaper up to matching² = 10 * k * all.
 *
 * The index begins after `spaces.indexed_after` and ends at `indexed_to`, see housekeeping.ts; the vectors outside are all
 * compared. It is of numbers of 16
 * bits, which take half the memory; what it finds is put in order by the vectors themselves.
 *
 * No workers: starting them takes longer than most searches, and others want the cores.
 */
const nearestFunction = `
CREATE OR REPLACE FUNCTION {s}.nearest(
	of_space int, query {v}.vector, k int, f {s}.filter,
	OUT seqs bigint[], OUT cosines float8[]
) LANGUAGE plpgsql STABLE
SET search_path = {s}, {v}, pg_temp
SET jit = off
SET max_parallel_workers_per_gather = 0
SET enable_seqscan = on
SET enable_sort = on
SET hnsw.iterative_scan = relaxed_order
SET hnsw.max_scan_tuples = 200000
SET hnsw.scan_mem_multiplier = 8
SET hnsw.ef_search = 40
AS $$
DECLARE
	width int;
	index_start bigint;
	index_end bigint;
	everything bigint;
	matching bigint;
	distance text;
	is_wide boolean;
BEGIN
	SELECT s.dimensions, s.indexed_after, s.indexed_to INTO width, index_start, index_end FROM spaces s WHERE s.id = of_space;
	IF width IS NULL THEN RETURN; END IF;
	-- What is pinned, expired or superseded is little.
	IF index_end > 0 AND NOT f.pinned AND f.expired <> 'only' AND f.superseded <> 'only' THEN
		SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (WHERE ${foundBy} AND (f.author IS NULL OR user_id = f.author)
				AND CASE WHEN project_id IS NULL THEN f.global ELSE f.projects IS NULL OR project_id = ANY (f.projects) END
				AND (f.client IS NULL OR client = f.client) AND (NOT f.no_client OR client IS NULL) AND (f.how IS NULL OR how = f.how)), 0)
			INTO everything, matching FROM tallies m WHERE spaces @> ARRAY[of_space];
		IF f.since > -9007199254740991 OR f.until < 9007199254740991 THEN
			SELECT count(*) INTO matching FROM (
				SELECT 1 FROM memories m WHERE ${foundBy} AND m.deleted_at IS NULL AND m.created_at BETWEEN f.since AND f.until
				LIMIT least(matching, 1 + sqrt(10.0 * k * everything)::bigint)
			) within;
		END IF;
		IF matching::float8 * matching > 10.0 * k * everything THEN
			distance := format('${indexed("v.vector", "%1$s")} <=> ${indexed("$2", "%1$s")}', width);
			-- 100 candidates among 200,000, 160 among a million: recall@10 of 0.96 in both.
			PERFORM set_config('hnsw.ef_search', least(1000, greatest(100, k, 0.16 * sqrt(everything)))::int::text, true);
			-- The planner takes the filter for more selective than it is, and would sort all vectors.
			PERFORM set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true);
			-- Where the filter excludes little, a few more are found and those left out afterwards: to plan the filter with each
			-- search takes a fifth of its time.
			is_wide := matching >= 0.9 * everything;
			LOOP
				EXECUTE format(
					'WITH near AS MATERIALIZED (
						SELECT v.seq, v.vector FROM vectors v
						WHERE v.space = %1$s AND v.seq > %4$s AND v.seq <= %2$s AND v.vector IS NOT NULL AND %5$s
						ORDER BY %3$s LIMIT $3
					), outside AS MATERIALIZED (
						SELECT v.seq, v.distance FROM (
							SELECT v.seq, v.vector <=> $2 AS distance FROM vectors v
							WHERE v.space = %1$s AND (v.seq > %2$s OR v.seq <= %4$s) AND v.vector IS NOT NULL
							ORDER BY distance, v.seq DESC OFFSET 0
						) v WHERE %5$s LIMIT $3
					), exact AS (
						SELECT seq, distance FROM (SELECT seq, vector <=> $2 AS distance FROM near UNION ALL TABLE outside) candidates
						ORDER BY distance, seq DESC LIMIT $3
					)
					SELECT array_agg(seq ORDER BY distance, seq DESC), array_agg(1 - distance ORDER BY distance, seq DESC) FROM exact',
					of_space, index_end, distance, index_start,
					CASE WHEN is_wide THEN 'true' ELSE '(SELECT matches(m, $4) FROM memories m WHERE m.seq = v.seq)' END)
					INTO seqs, cosines
					USING of_space, query, CASE WHEN is_wide THEN k + k / 4 + 10 ELSE k END, f;
				EXIT WHEN NOT is_wide;
				SELECT array_agg(kept.seq ORDER BY kept.o), array_agg(kept.cosine ORDER BY kept.o) INTO seqs, cosines FROM (
					SELECT w.seq, w.cosine, w.o FROM unnest(seqs, cosines) WITH ORDINALITY w (seq, cosine, o)
					WHERE (SELECT matches(m, f) FROM memories m WHERE m.seq = w.seq) ORDER BY w.o LIMIT k
				) kept;
				EXIT WHEN coalesce(array_length(seqs, 1), 0) >= least(k, matching);
				is_wide := false;
			END LOOP;
			PERFORM set_config('enable_seqscan', 'on', true), set_config('enable_sort', 'on', true);
			-- The index gave up before it had found enough.
			IF coalesce(array_length(seqs, 1), 0) >= least(k, matching) THEN RETURN; END IF;
		END IF;
	END IF;
	EXECUTE format(
		'WITH near AS MATERIALIZED (
			SELECT v.seq, v.vector <=> $2 AS distance FROM memories m JOIN vectors v ON v.seq = m.seq AND v.space = %s
			WHERE m.deleted_at IS NULL AND %s AND m.created_at BETWEEN $6 AND $7 AND v.vector IS NOT NULL
			AND %s AND matches(m, $4)
			ORDER BY distance, v.seq DESC LIMIT $3
		)
		SELECT array_agg(seq ORDER BY distance, seq DESC), array_agg(1 - distance ORDER BY distance, seq DESC) FROM near',
		of_space, CASE
			WHEN f.named IS NULL THEN 'm.user_id = $5'
			ELSE '(m.user_id = $5 OR m.visibility = ''team'' OR (m.visibility = ''project'' AND m.project_id = ANY ($9)))' END, CASE
			WHEN f.projects IS NULL THEN 'true'
			WHEN f.global THEN '(m.project_id IS NULL OR m.project_id = ANY ($8))'
			ELSE 'm.project_id = ANY ($8)' END)
		INTO seqs, cosines
		USING of_space, query, k, f, f.user_id, f.since, f.until, f.projects, f.named;
END $$;
`;

/**
 * The candidates of a search, in one statement and one snapshot. It is dynamic SQL, so that each search is planned for
 * its own terms and filter.
 *
 * Words: the rarest of the terms, up to `maxPostings` index entries in total, each weighted by its inverse document
 * frequency. Without any that is rare, the newest that contain the rarest; with `all_terms`, the newest that contain all.
 * Terms that cannot bring a memory among the best by themselves are not read from the index ("MaxScore").
 */
const searchFunction = `
CREATE TYPE {s}.filter AS (
	user_id text, global boolean, projects text[], since bigint, until bigint, client text, no_client boolean, how text,
	pinned boolean, now bigint, expired text, superseded text, named text[], author text
);

CREATE FUNCTION {s}.matches(m {s}.memories, f {s}.filter) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT m.deleted_at IS NULL AND ${foundBy} AND (f.author IS NULL OR m.user_id = f.author)
		AND CASE m.scope WHEN 'global' THEN f.global ELSE f.projects IS NULL OR m.project_id = ANY (f.projects) END
		AND m.created_at BETWEEN f.since AND f.until
		AND (f.client IS NULL OR m.client = f.client) AND (NOT f.no_client OR m.client IS NULL) AND (f.how IS NULL OR m.how = f.how) AND (NOT f.pinned OR m.pinned = 1)
		AND CASE WHEN m.expires_at <= f.now THEN f.expired <> 'exclude' ELSE f.expired <> 'only' END
		AND CASE WHEN m.superseded_by IS NOT NULL THEN f.superseded <> 'exclude' ELSE f.superseded <> 'only' END
$$;

${nearestFunction}
CREATE FUNCTION {s}.pool(
	of_space int, query {v}.vector, k int, forms text[], form_terms int[], conditions text[], all_terms boolean,
	word_signs int, f {s}.filter
) RETURNS TABLE (
	place bigint, cosine float8, before bigint, words bytea, seq bigint, documents bigint, frequencies float8[],
	memory {s}.memories
)
LANGUAGE plpgsql STABLE
SET search_path = {s}, {v}, pg_temp
SET jit = off
SET max_parallel_workers_per_gather = 0
AS $$
#variable_conflict use_column
DECLARE
	near bigint[] := '{}';
	near_cosines float8[] := '{}';
	by_words bigint[] := '{}';
	best bigint[];
	looked_at int := 4 * k;
	all_documents bigint;
	term_frequencies bigint[];
	-- At least so many memories have a form of the term: those with several forms count several times above.
	term_minima bigint[];
	-- Of the terms that are looked for, the rarest first.
	term_conditions text[] := '{}';
	weights bigint[];
	minima bigint[];
	newest_with text := array_to_string(conditions, ' AND ');
	word_query text;
	read_terms int;
	found bigint[];
	links bigint[];
	link_befores bigint[];
	everyone bigint[];
BEGIN
	IF query IS NOT NULL THEN
		SELECT coalesce(n.seqs, '{}'), coalesce(n.cosines, '{}') INTO near, near_cosines
			FROM nearest(of_space, query, k, f) n;
	END IF;
	SELECT coalesce(sum(t.n), 0) INTO all_documents FROM tallies t;
	SELECT array_agg(counted.n ORDER BY counted.term), array_agg(counted.minimum ORDER BY counted.term)
		INTO term_frequencies, term_minima
		FROM (
			SELECT form.term, sum(form.n)::bigint AS n, max(form.n)::bigint AS minimum FROM (
				SELECT g.term, coalesce(sum(c.n), 0) AS n
				FROM unnest(forms, form_terms) g (form, term) LEFT JOIN term_counts c ON c.term = g.form
				GROUP BY g.term, g.form
			) form GROUP BY form.term
		) counted;
	IF NOT all_terms THEN
		SELECT coalesce(array_agg(r.condition ORDER BY r.o), '{}'), array_agg(r.minimum ORDER BY r.o),
				array_agg(round(ln(1 + all_documents / r.n::float8) * ${weightUnit})::bigint ORDER BY r.o)
			INTO term_conditions, minima, weights
			FROM (
				SELECT t.condition, t.n, t.minimum, row_number() OVER rarity AS o, sum(t.n) OVER rarity AS up_to_here
				FROM unnest(conditions, term_frequencies, term_minima) WITH ORDINALITY t (condition, n, minimum, o)
				WHERE t.n > 0 WINDOW rarity AS (ORDER BY t.n, t.o)
			) r WHERE r.o = 1 OR r.up_to_here <= ${maxPostings};
		newest_with := CASE
			WHEN (SELECT min(t.n) FROM unnest(term_frequencies) t (n) WHERE t.n > 0) > ${maxPostings} THEN term_conditions[1]
			ELSE '' END;
	END IF;
	IF newest_with <> '' OR cardinality(term_conditions) > 0 THEN
		LOOP
			-- Who has none of the first terms is worth less than all that have one of them, which are enough: those are read,
			-- and the other terms looked for in them.
			read_terms := coalesce((
				SELECT min(t.o) FROM (
					SELECT t.o, sum(t.weight) OVER (ORDER BY t.o DESC) - t.weight AS worth_of_others,
						min(t.o) FILTER (WHERE t.minimum >= looked_at) OVER () AS first_enough
					FROM unnest(weights, minima) WITH ORDINALITY t (weight, minimum, o)
				) t WHERE t.o >= t.first_enough AND t.worth_of_others < weights[t.first_enough]
			), cardinality(term_conditions));
			-- Where all are worth the same, the newest that the filter lets through are the best.
			IF all_terms THEN
				word_query := format('(SELECT w.seq, 1 AS weight, 0 AS others FROM words w WHERE %s
					AND (SELECT matches(m, $1) FROM memories m WHERE m.seq = w.seq) ORDER BY w.seq DESC LIMIT $2)', newest_with);
			ELSIF newest_with <> '' THEN
				word_query := format('(SELECT w.seq, 1 AS weight, 0 AS others FROM (
					SELECT w.seq FROM words w WHERE %s ORDER BY w.seq DESC OFFSET 0
				) w WHERE (SELECT matches(m, $1) FROM memories m WHERE m.seq = w.seq) LIMIT $2)', newest_with);
			ELSE
				SELECT string_agg(format('SELECT w.seq, %s AS weight, %s AS others FROM words w WHERE %s', weights[t.o], (
						SELECT coalesce(string_agg(format('CASE WHEN %s THEN %s::bigint ELSE 0 END', o.condition, weights[o.o]), ' + '), '0')
						FROM unnest(term_conditions) WITH ORDINALITY o (condition, o) WHERE o.o > read_terms
					), t.condition), ' UNION ALL ')
					INTO word_query FROM unnest(term_conditions) WITH ORDINALITY t (condition, o) WHERE t.o <= read_terms;
			END IF;
			EXECUTE format(
				'SELECT array_agg(seq ORDER BY score DESC, seq DESC) FROM (
					SELECT seq, sum(weight) + max(others) AS score FROM (%s) each_term
					GROUP BY seq ORDER BY score DESC, seq DESC LIMIT $2
				) best', word_query)
				INTO best USING f, looked_at;
			by_words := ARRAY(
				SELECT w.s FROM unnest(best) WITH ORDINALITY w (s, o)
				WHERE (SELECT matches(m, f) FROM memories m WHERE m.seq = w.s) ORDER BY w.o LIMIT k
			);
			EXIT WHEN cardinality(by_words) = k
				OR (coalesce(cardinality(best), 0) < looked_at AND read_terms = cardinality(term_conditions));
			-- The next best replace what the filter excludes, so that a narrow filter finds as many as none.
			looked_at := 2147483647;
		END LOOP;
		by_words := ARRAY(SELECT w.s FROM unnest(by_words) WITH ORDINALITY w (s, o) WHERE w.s <> ALL (near) ORDER BY w.o);
	END IF;
	found := near || by_words;
	-- What was said just before and after, in each conversation.
	SELECT array_agg(l.seq), array_agg(l.earlier) INTO links, link_befores FROM (
		SELECT m.seq, (
			SELECT n.seq FROM memories n WHERE n.conversation_id = m.conversation_id AND n.user_id = m.user_id
			AND (n.created_at, n.seq) < (m.created_at, m.seq) AND n.deleted_at IS NULL
			ORDER BY n.created_at DESC, n.seq DESC LIMIT 1
		) AS earlier FROM memories m WHERE m.seq = ANY (found) AND m.conversation_id IS NOT NULL
		UNION
		SELECT (
			SELECT n.seq FROM memories n WHERE n.conversation_id = m.conversation_id AND n.user_id = m.user_id
			AND (n.created_at, n.seq) > (m.created_at, m.seq) AND n.deleted_at IS NULL
			ORDER BY n.created_at, n.seq LIMIT 1
		), m.seq FROM memories m WHERE m.seq = ANY (found) AND m.conversation_id IS NOT NULL
	) l WHERE l.seq IS NOT NULL AND l.earlier IS NOT NULL;
	everyone := found || ARRAY(
		SELECT DISTINCT m.seq FROM unnest(links || link_befores) n (s) JOIN memories m ON m.seq = n.s
		WHERE n.s <> ALL (found) AND matches(m, f)
	);
	RETURN QUERY SELECT NULL::bigint, NULL::float8, NULL::bigint, NULL::bytea, NULL::bigint, all_documents, term_frequencies::float8[],
		NULL::memories;
	RETURN QUERY
		SELECT e.o, CASE WHEN query IS NULL THEN NULL WHEN e.o <= cardinality(near) THEN near_cosines[e.o] ELSE 1 - (v.vector <=> query) END,
			NULL::bigint, CASE WHEN e.o <= word_signs THEN v.words END, e.s,
			NULL::bigint, NULL::float8[], m
		FROM unnest(everyone) WITH ORDINALITY e (s, o) JOIN memories m ON m.seq = e.s
		LEFT JOIN vectors v ON v.seq = e.s AND v.space = of_space;
	RETURN QUERY SELECT NULL::bigint, NULL::float8, l.b, NULL::bytea, l.s, NULL::bigint, NULL::float8[], NULL::memories
		FROM unnest(links, link_befores) l (s, b);
END $$;
`;

/** Memories are embedded again from the newest on: an index then has no beginning yet. Those of before are of other numbers. */
export const indexBeginnings = `
	ALTER TABLE {s}.spaces ADD COLUMN indexed_after bigint NOT NULL DEFAULT 0;
	UPDATE {s}.spaces SET indexed_to = 0;
`;

/** The step of the schema that makes them as they are today: where they change, it goes on in a new place, at the end. */
export const searching = `
	DROP TYPE IF EXISTS {s}.filter CASCADE;
	${searchFunction}
`;
