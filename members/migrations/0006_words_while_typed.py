"""Words that somebody is still typing, first letters of names, and municipalities as people write them."""

from django.db import migrations

NEW = """
-- One typed word in the same shapes, as the first letters of a name's words ("=ktu"), and as the beginning of a word:
-- from the third letter on of any, before that of a name's or an offer's ("^kt"), which the vector holds marked, for
-- looking through all the words that begin with a letter takes long.
CREATE OR REPLACE FUNCTION member_word_query(word text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT plainto_tsquery('pg_catalog.lithuanian', word)
        || plainto_tsquery('public.lt_unaccent', word)
        || plainto_tsquery('pg_catalog.simple', shape)
        || plainto_tsquery('pg_catalog.english', word)
        || plainto_tsquery('pg_catalog.simple',
               coalesce(public.f_unaccent((ts_lexize('pg_catalog.lithuanian_stem', word))[1]), ''))
        || CASE WHEN shape = '' OR shape ~ ' ' THEN ''::tsquery
                WHEN length(shape) < 3 THEN ('''=' || shape || ''' | ''^' || shape || '''')::tsquery
                ELSE ('''=' || shape || ''' | ''' || shape || ''':*')::tsquery END
    FROM (SELECT public.bare(word) AS shape) AS typed
$$;

-- The words to search for: those typed where `source` has rows with all of them; otherwise each word that no row has is
-- replaced by the nearest that some row has: one slip in 4 to 8 letters, two in more; two letters that changed places
-- are one, and so is another ending of three letters at most. `seen` tells which rows of `source` are public.
CREATE OR REPLACE FUNCTION corrected_words(words text[], source text, seen text) RETURNS text[] LANGUAGE plpgsql STABLE
SET pg_trgm.similarity_threshold = 0.2
-- Whether a row exists is asked of the GIN index (a bitmap); the planner would look through all the rows for the first.
SET enable_seqscan = off
SET enable_indexscan = off
AS $$
DECLARE
    known_to text := format('SELECT EXISTS (SELECT FROM public.%I WHERE search_vector @@ $1 AND %s)', source, seen);
    word text;
    shape text;
    near text;
    glued text;
    allowed integer;
    found boolean;
    answer text[] := '{}';
BEGIN
    EXECUTE known_to INTO found USING public.member_query(words);
    IF found THEN
        RETURN words;
    END IF;
    -- Two words that are one ("alfa techno"): as it is written, for another ending would be another word.
    glued := replace(public.bare(array_to_string(words, '')), ' ', '');
    IF array_length(words, 1) > 1 AND glued <> '' THEN
        EXECUTE known_to INTO found USING to_tsquery('pg_catalog.simple', '''' || glued || ''':*');
        IF found THEN
            RETURN ARRAY[array_to_string(words, '')];
        END IF;
    END IF;
    FOREACH word IN ARRAY words LOOP
        shape := public.bare(word);
        allowed := CASE WHEN length(shape) < 4 THEN 0 WHEN length(shape) < 9 THEN 1 ELSE 2 END;
        EXECUTE known_to INTO found USING public.member_word_query(word);
        IF NOT found AND allowed > 0 AND shape ~ '[[:alpha:]]' AND length(shape) <= 40 THEN
            FOR near IN
                SELECT candidate.word FROM public.members_searchword AS candidate,
                    LATERAL (SELECT public.slips(shape, candidate.word) AS slips) AS counted
                WHERE candidate.word OPERATOR(public.%) shape AND counted.slips <= allowed + 0.5
                ORDER BY counted.slips, left(candidate.word, 1) <> left(shape, 1), candidate.word LIMIT 20
            LOOP
                EXECUTE known_to INTO found USING public.member_word_query(near);
                IF found THEN
                    word := near;
                    EXIT;
                END IF;
            END LOOP;
        END IF;
        answer := answer || word;
    END LOOP;
    RETURN answer;
END $$;

-- Names and codes (A), offers and summaries (B), seeks, place, areas, website (C), descriptions (D). The name also glued
-- together ("baltled" for "Balt LED") and as its first letters, and the beginnings of its words.
CREATE OR REPLACE FUNCTION member_lay_out() RETURNS trigger LANGUAGE plpgsql
AS $$
DECLARE
    place text;
    activities text;
    offered text;
    sought text;
    name text := public.bare(NEW.name);
BEGIN
    NEW.offers := public.canonical_tags(NEW.offers);
    NEW.seeks := public.canonical_tags(NEW.seeks);
    -- As people write it: "Kauno r. sav.", "Marijampolės savivaldybė".
    SELECT concat_ws(' ', town.name_lt, town.name_en, 'savivaldybė sav municipality',
        CASE WHEN town.name_lt LIKE '% rajonas' THEN 'r raj' WHEN town.name_lt LIKE '% miestas' THEN 'm' END,
        county.name_lt, county.name_en) INTO place
        FROM public.members_municipality AS town JOIN public.members_county AS county ON county.code = town.county_id
        WHERE town.code = NEW.municipality_id;
    SELECT string_agg(concat_ws(' ', area.name_lt, area.name_en), ' ') INTO activities
        FROM public.members_member_areas AS active JOIN public.members_area AS area ON area.id = active.area_id
        WHERE active.member_id = NEW.id;
    SELECT string_agg(concat_ws(' ', tag.name_lt, tag.name_en, known.keys), ' ')
               FILTER (WHERE tag.name_lt = ANY (NEW.offers)),
           string_agg(concat_ws(' ', tag.name_lt, tag.name_en, known.keys), ' ')
               FILTER (WHERE tag.name_lt = ANY (NEW.seeks))
        INTO offered, sought
        FROM public.members_tag AS tag,
            LATERAL (SELECT string_agg(key, ' ') AS keys FROM public.members_tagname WHERE tag_id = tag.id) AS known
        WHERE tag.name_lt = ANY (NEW.offers || NEW.seeks);
    NEW.search_vector :=
        setweight(public.words_of(concat_ws(' ', NEW.name, NEW.legal_name, NEW.company_code, NEW.vat_code)), 'A')
        || setweight(to_tsvector('pg_catalog.simple', replace(name, ' ', '')), 'A')
        || (SELECT '''=' || string_agg(left(word, 1), '') || ''':1A'
            FROM regexp_split_to_table(name, ' ') AS word)::tsvector
        || (SELECT string_agg(DISTINCT '''^' || left(word, letters) || ''':1B', ' ')
            FROM regexp_split_to_table(public.bare(concat_ws(' ', NEW.name, NEW.legal_name, offered)), ' ') AS word,
                generate_series(1, 2) AS letters)::tsvector
        || setweight(public.words_of(concat_ws(' ', offered, NEW.summary_lt, NEW.summary_en)), 'B')
        || setweight(public.words_of(concat_ws(' ', sought, place, activities, NEW.website)), 'C')
        || setweight(public.words_of(concat_ws(' ', NEW.description_lt, NEW.description_en)), 'D');
    PERFORM public.remember_words(concat_ws(' ', NEW.name, NEW.legal_name, offered, sought, NEW.summary_lt,
        NEW.summary_en, place, activities));
    RETURN NEW;
END $$;
"""

LAY_OUT = "UPDATE members_member SET search_vector = NULL"


class Migration(migrations.Migration):
    dependencies = [("members", "0005_rights_and_areas_recorded")]

    operations = [
        migrations.RunSQL(NEW, migrations.RunSQL.noop),
        migrations.RunSQL(LAY_OUT, migrations.RunSQL.noop),
    ]
