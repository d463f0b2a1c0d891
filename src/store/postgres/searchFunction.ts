/**
 * The candidates of a search, in one statement and one snapshot. It is dynamic SQL, so that each search is planned for
 * its own terms and filter.
 *
 * Nearest: an index of the space (HNSW) finds them fast where many memories match the filter; where few do, all of those
 * are compared, which is exact. A search of the index visits some k * all / matching entries, each of which costs about
 * ten times a comparison: comparing all is cheaper up to matching² = 10 * k * all.
 *
 * Words: `word_queries` has a query per term, which finds the memories that contain it, see words.ts.
 */
export const searchFunction = `
CREATE FUNCTION {s}.matches(
	m {s}.memories, of_user text, with_global boolean, of_projects text[], from_time bigint, to_time bigint
) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT m.deleted_at IS NULL AND m.user_id = of_user
		AND CASE m.scope WHEN 'global' THEN with_global ELSE of_projects IS NULL OR m.project_id = ANY (of_projects) END
		AND m.created_at BETWEEN from_time AND to_time
$$;

CREATE FUNCTION {s}.nearest(
	of_space int, query {v}.vector, k int, of_user text, with_global boolean, of_projects text[], from_time bigint, to_time bigint,
	OUT seqs bigint[], OUT cosines float8[]
) LANGUAGE plpgsql STABLE
SET search_path = {s}, {v}, pg_temp
SET jit = off
SET enable_seqscan = on
SET hnsw.iterative_scan = relaxed_order
SET hnsw.max_scan_tuples = 200000
SET hnsw.scan_mem_multiplier = 8
SET hnsw.ef_search = 40
AS $$
DECLARE
	width int;
	has_index boolean;
	everything bigint;
	matching bigint;
	filtered text := 'matches(m, $4, $5, $6, $7, $8)';
	distance text;
BEGIN
	SELECT s.dimensions, s.indexed INTO width, has_index FROM spaces s WHERE s.id = of_space;
	IF width IS NULL THEN RETURN; END IF;
	IF has_index THEN
		SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (WHERE user_id = of_user
				AND CASE WHEN project_id IS NULL THEN with_global ELSE of_projects IS NULL OR project_id = ANY (of_projects) END), 0)
			INTO everything, matching FROM tallies WHERE spaces @> ARRAY[of_space];
		IF from_time > -9007199254740991 OR to_time < 9007199254740991 THEN
			SELECT count(*) INTO matching FROM (
				SELECT 1 FROM memories m WHERE m.user_id = of_user AND m.deleted_at IS NULL AND m.created_at BETWEEN from_time AND to_time
				LIMIT least(matching, 1 + sqrt(10.0 * k * everything)::bigint)
			) within;
		END IF;
		IF matching::float8 * matching > 10.0 * k * everything THEN
			distance := CASE WHEN width <= 2000
				THEN format('v.vector::vector(%1$s) <=> $2::vector(%1$s)', width)
				ELSE format('v.vector::halfvec(%1$s) <=> $2::halfvec(%1$s)', width) END;
			PERFORM set_config('hnsw.ef_search', least(1000, greatest(100, k))::text, true);
			PERFORM set_config('enable_seqscan', 'off', true);
			EXECUTE format(
				'WITH near AS MATERIALIZED (
					SELECT v.seq, v.vector FROM vectors v
					WHERE v.space = %s AND v.vector IS NOT NULL AND (SELECT %s FROM memories m WHERE m.seq = v.seq)
					ORDER BY %s LIMIT $3
				), exact AS (SELECT seq, vector <=> $2 AS distance FROM near)
				SELECT array_agg(seq ORDER BY distance, seq DESC), array_agg(1 - distance ORDER BY distance, seq DESC) FROM exact',
				of_space, filtered, distance)
				INTO seqs, cosines
				USING of_space, query, k, of_user, with_global, of_projects, from_time, to_time;
			PERFORM set_config('enable_seqscan', 'on', true);
			-- The index gave up before it had found enough.
			IF coalesce(array_length(seqs, 1), 0) >= least(k, matching) THEN RETURN; END IF;
		END IF;
	END IF;
	EXECUTE format(
		'WITH near AS MATERIALIZED (
			SELECT v.seq, v.vector <=> $2 AS distance FROM memories m JOIN vectors v ON v.seq = m.seq AND v.space = %s
			WHERE m.deleted_at IS NULL AND m.user_id = $4 AND m.created_at BETWEEN $7 AND $8 AND v.vector IS NOT NULL
			AND %s
			ORDER BY distance, v.seq DESC LIMIT $3
		)
		SELECT array_agg(seq ORDER BY distance, seq DESC), array_agg(1 - distance ORDER BY distance, seq DESC) FROM near',
		of_space, CASE
			WHEN of_projects IS NULL THEN '($5 OR m.project_id IS NOT NULL) AND ($6::text[] IS NULL)'
			WHEN with_global THEN '$5 AND (m.project_id IS NULL OR m.project_id = ANY ($6))'
			ELSE 'NOT $5 AND m.project_id = ANY ($6)' END)
		INTO seqs, cosines
		USING of_space, query, k, of_user, with_global, of_projects, from_time, to_time;
END $$;

CREATE FUNCTION {s}.pool(
	of_space int, query {v}.vector, k int, word_query text, word_signs int,
	of_user text, with_global boolean, of_projects text[], from_time bigint, to_time bigint
) RETURNS TABLE (place bigint, cosine float8, before bigint, words bytea, seq bigint, memory {s}.memories)
LANGUAGE plpgsql STABLE
SET search_path = {s}, {v}, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	near bigint[] := '{}';
	near_cosines float8[] := '{}';
	by_words bigint[] := '{}';
	found bigint[];
	links bigint[];
	link_befores bigint[];
	everyone bigint[];
BEGIN
	IF query IS NOT NULL THEN
		SELECT coalesce(n.seqs, '{}'), coalesce(n.cosines, '{}') INTO near, near_cosines
			FROM nearest(of_space, query, k, of_user, with_global, of_projects, from_time, to_time) n;
	END IF;
	IF word_query IS NOT NULL THEN
		-- The next best replace what the filter excludes, so that a narrow filter finds as many as none.
		EXECUTE format(
			'SELECT coalesce(array_agg(seq ORDER BY place), ''{}'') FROM (
				SELECT f.seq, row_number() OVER () AS place FROM (
					SELECT seq, sum(weight ORDER BY ord) AS score FROM (%s) each_term GROUP BY seq ORDER BY score DESC, seq DESC OFFSET 0
				) f WHERE (SELECT matches(m, $1, $2, $3, $4, $5) FROM memories m WHERE m.seq = f.seq) LIMIT $6
			) best', word_query)
			INTO by_words USING of_user, with_global, of_projects, from_time, to_time, k;
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
		WHERE n.s <> ALL (found) AND matches(m, of_user, with_global, of_projects, from_time, to_time)
	);
	RETURN QUERY
		SELECT e.o, CASE WHEN query IS NULL THEN NULL WHEN e.o <= cardinality(near) THEN near_cosines[e.o] ELSE 1 - (v.vector <=> query) END,
			NULL::bigint, CASE WHEN e.o <= word_signs THEN v.words END, e.s, m
		FROM unnest(everyone) WITH ORDINALITY e (s, o) JOIN memories m ON m.seq = e.s
		LEFT JOIN vectors v ON v.seq = e.s AND v.space = of_space;
	RETURN QUERY SELECT NULL::bigint, NULL::float8, l.b, NULL::bytea, l.s, NULL::memories
		FROM unnest(links, link_befores) l (s, b);
END $$;
`;
