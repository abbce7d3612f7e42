-- Words and their shapes: what stands on no table. Lithuanian and English words are compared by their stems and without
-- diacritics.

CREATE FUNCTION f_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$ SELECT public.unaccent('public.unaccent', $1) $$;

CREATE FUNCTION f_join(VARIADIC text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT array_to_string($1, ' ') $$;

CREATE TEXT SEARCH CONFIGURATION lt_unaccent (COPY = pg_catalog.lithuanian);
ALTER TEXT SEARCH CONFIGURATION lt_unaccent
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, lithuanian_stem;

-- Lower case, no diacritics, letters and digits only: the shape in which words are compared.
CREATE FUNCTION bare(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT trim(regexp_replace(public.f_unaccent(lower(coalesce($1, ''))), '[^[:alnum:]]+', ' ', 'g')) $$;

-- Every word in five shapes: stemmed, stemmed without diacritics, bare, the bare stem, the English stem; and what an
-- adjective is made from ("lazerinis" from "lazeris").
CREATE FUNCTION words_of(text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT to_tsvector('pg_catalog.lithuanian', cleaned)
        || to_tsvector('public.lt_unaccent', cleaned)
        || to_tsvector('pg_catalog.simple', public.bare(cleaned))
        || to_tsvector('pg_catalog.english', cleaned)
        || array_to_tsvector(ARRAY(
               SELECT DISTINCT root
               FROM unnest(to_tsvector('pg_catalog.lithuanian', cleaned)), public.f_unaccent(lexeme) AS stem,
                   LATERAL (VALUES (stem), (regexp_replace(stem, '^(.{5,})in$', '\1'))) AS shape (root)
               WHERE lexeme <> ''))
    FROM (SELECT regexp_replace(coalesce($1, ''), '[^[:alnum:]]+', ' ', 'g') AS cleaned) AS text
$$;

-- One typed word in the same shapes (the stemmer knows "-ėje" and "-ėse", but not "-eje" and "-ese"), as the first letters of a name's words ("=ktu"), and as the beginning of a word:
-- from the third letter on of any, before that of a name's or an offer's ("^kt"), which the vector holds marked, for
-- scanning all the words that begin with a letter takes long.
CREATE FUNCTION member_word_query(word text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT plainto_tsquery('pg_catalog.lithuanian', word)
        || plainto_tsquery('public.lt_unaccent', word)
        || plainto_tsquery('pg_catalog.simple', shape)
        || plainto_tsquery('pg_catalog.english', word)
        || plainto_tsquery('pg_catalog.simple',
               coalesce(public.f_unaccent((ts_lexize('pg_catalog.lithuanian_stem',
                   regexp_replace(word, 'e([js]e)$', 'ė\1')))[1]), ''))
        || CASE WHEN shape = '' OR shape ~ ' ' THEN ''::tsquery
                WHEN length(shape) < 3 THEN ('''=' || shape || ''' | ''^' || shape || '''')::tsquery
                ELSE ('''=' || shape || ''' | ''' || shape || ''':*')::tsquery END
    FROM (SELECT public.bare(word) AS shape) AS typed
$$;

-- All the words, each in any of its shapes.
CREATE FUNCTION member_query(words text[]) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    word text;
    answer tsquery := ''::tsquery;
BEGIN
    FOREACH word IN ARRAY words LOOP
        answer := answer && public.member_word_query(word);
    END LOOP;
    RETURN answer;
END $$;

CREATE FUNCTION letters(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT string_agg(letter, '' ORDER BY letter) FROM regexp_split_to_table($1, '') AS letter $$;

-- How many typos make `typed` of `known`, both bare; 9 is too many.
CREATE FUNCTION slips(typed text, known text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT least(
        public.levenshtein_less_equal(typed, known, 3),
        CASE WHEN length(typed) >= 6 AND length(known) > length(typed)
             THEN 2 * public.levenshtein_less_equal(typed, left(known, length(typed)), 1) ELSE 9 END,
        CASE WHEN length(typed) >= 5 AND length(known) = length(typed)
                  AND public.levenshtein_less_equal(typed, known, 2) = 2
                  AND public.letters(typed) = public.letters(known) THEN 1 ELSE 9 END,
        CASE WHEN length(typed) >= 7 AND length(known) <= length(typed) + 1
                  AND starts_with(known, left(typed, greatest(5, length(typed) - 3))) THEN 1.5 ELSE 9 END
    )
$$;

-- Names first: what begins with the words, then what has them, by the weight of where they stand.
CREATE FUNCTION search_rank(search_vector tsvector, title text, typed text, query tsquery) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN starts_with(title, typed) THEN 3.0 WHEN position(' ' || typed IN title) > 0 THEN 2.0 ELSE 0.0 END
        + CASE WHEN position(' ' || typed || ' ' IN ' ' || title || ' ') > 0 THEN 0.5 ELSE 0.0 END
        + ts_rank('{0.05, 0.1, 0.3, 1}', search_vector, query)
        + 0.1 * length(typed) / (1 + length(title))
$$;

-- How two words for the same thing are told to be one: case, diacritics and white space do not matter.
CREATE FUNCTION tag_key(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT public.f_unaccent(lower(trim(regexp_replace(coalesce($1, ''), '\s+', ' ', 'g')))) $$;
