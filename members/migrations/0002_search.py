"""The functions behind `MemberQuerySet.search`. They come after the table that they read."""

from django.db import migrations

FUNCTIONS = """
-- A setting of an extension can be fixed in a function only once the extension's library is loaded.
SELECT public.similarity('a', 'a');

-- One word in each of the shapes that words_of() keeps, and as the beginning of a word.
CREATE FUNCTION member_word_query(word text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT plainto_tsquery('pg_catalog.lithuanian', word)
        || plainto_tsquery('public.lt_unaccent', word)
        || plainto_tsquery('pg_catalog.simple', bare)
        || plainto_tsquery('pg_catalog.simple',
               coalesce(public.f_unaccent((ts_lexize('pg_catalog.lithuanian_stem', word))[1]), ''))
        || CASE WHEN length(bare) >= 3 THEN to_tsquery('pg_catalog.simple', '''' || bare || ''':*')
                ELSE ''::tsquery END
    FROM (SELECT regexp_replace(public.f_unaccent(word), '[^[:alnum:]]', '', 'g') AS bare) AS shape
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

CREATE FUNCTION member_search(words text[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SET pg_trgm.word_similarity_threshold = 0.45
AS $$
DECLARE
    query tsquery := public.member_query(words);
    bare text := public.f_unaccent(array_to_string(words, ' '));
BEGIN
    RETURN QUERY
        SELECT id FROM public.members_member WHERE search_vector @@ query
        UNION
        SELECT id FROM public.members_member WHERE bare OPERATOR(public.<%) search_name;
    IF FOUND THEN
        RETURN;
    END IF;
    -- Every word within one slip (two in a longer word) of some word of the names.
    RETURN QUERY
        SELECT id FROM public.members_member
        WHERE NOT EXISTS (
            SELECT FROM unnest(words) AS typed(word), LATERAL (
                SELECT public.f_unaccent(left(word, 60)) AS word,
                       CASE WHEN length(word) < 4 THEN 0 WHEN length(word) < 6 THEN 1 ELSE 2 END AS slips
            ) AS wanted
            WHERE NOT EXISTS (
                SELECT FROM regexp_split_to_table(search_name, '[^[:alnum:]]+') AS known(word)
                WHERE public.levenshtein_less_equal(wanted.word, left(known.word, 60), wanted.slips) <= wanted.slips
            )
        );
END $$;

-- Names first: likeness to the names counts double the weight of the words found (names 1, offers 0.4, descriptions 0.1).
CREATE FUNCTION member_rank(search_vector tsvector, search_name text, words text[]) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT 2 * public.word_similarity(public.f_unaccent(array_to_string(words, ' ')), search_name)
        + ts_rank('{0, 0.1, 0.4, 1}', search_vector, public.member_query(words))
$$;
"""

DROP = """
DROP FUNCTION member_rank(tsvector, text, text[]);
DROP FUNCTION member_search(text[]);
DROP FUNCTION member_query(text[]);
DROP FUNCTION member_word_query(text);
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTIONS, DROP)]
