"""Controlled tags, and the search over members' names, tags, places and areas.

The database itself keeps both true, whoever writes: a trigger turns the words of `offers` and `seeks` into the tags'
own names (an unknown word becomes a tag) and lays out what the search reads.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

import cluster_portal.country.lt.search

DROP_OLD = """
DROP FUNCTION member_rank(tsvector, text, text[]);
DROP FUNCTION member_search(text[]);
DROP FUNCTION member_search_vector(text, text, text, text, text, text[], text[], text, text);
"""

WORDS = """
-- Lower case, no diacritics, letters and digits only: the shape in which words are compared.
CREATE FUNCTION bare(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT trim(regexp_replace(public.f_unaccent(lower(coalesce($1, ''))), '[^[:alnum:]]+', ' ', 'g')) $$;

-- Every word in five shapes: stemmed, stemmed without diacritics, bare, the bare stem, the English stem.
CREATE OR REPLACE FUNCTION words_of(text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT to_tsvector('pg_catalog.lithuanian', cleaned)
        || to_tsvector('public.lt_unaccent', cleaned)
        || to_tsvector('pg_catalog.simple', public.bare(cleaned))
        || to_tsvector('pg_catalog.english', cleaned)
        || array_to_tsvector(ARRAY(
               SELECT DISTINCT public.f_unaccent(lexeme)
               FROM unnest(to_tsvector('pg_catalog.lithuanian', cleaned)) WHERE lexeme <> ''))
    FROM (SELECT regexp_replace(coalesce($1, ''), '[^[:alnum:]]+', ' ', 'g') AS cleaned) AS text
$$;

-- One typed word in the same shapes, and as the beginning of a word.
CREATE OR REPLACE FUNCTION member_word_query(word text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT plainto_tsquery('pg_catalog.lithuanian', word)
        || plainto_tsquery('public.lt_unaccent', word)
        || plainto_tsquery('pg_catalog.simple', shape)
        || plainto_tsquery('pg_catalog.english', word)
        || plainto_tsquery('pg_catalog.simple',
               coalesce(public.f_unaccent((ts_lexize('pg_catalog.lithuanian_stem', word))[1]), ''))
        || CASE WHEN length(shape) >= 3 AND shape !~ ' ' THEN to_tsquery('pg_catalog.simple', '''' || shape || ''':*')
                ELSE ''::tsquery END
    FROM (SELECT public.bare(word) AS shape) AS typed
$$;

-- The words to search for: those typed where `source` has rows with all of them; otherwise each word that no row has is
-- replaced by the nearest that some row has: one slip in 4 to 8 letters, two in more; two letters that changed places
-- are one, and so is another ending of three letters at most. `seen` tells which rows of `source` are public.
CREATE FUNCTION corrected_words(words text[], source text, seen text) RETURNS text[] LANGUAGE plpgsql STABLE
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
    allowed integer;
    found boolean;
    answer text[] := '{}';
BEGIN
    EXECUTE known_to INTO found USING public.member_query(words);
    IF found THEN
        RETURN words;
    END IF;
    IF array_length(words, 1) > 1 THEN
        EXECUTE known_to INTO found USING public.member_query(ARRAY[array_to_string(words, '')]);
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

CREATE FUNCTION letters(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT string_agg(letter, '' ORDER BY letter) FROM regexp_split_to_table($1, '') AS letter $$;

-- How many slips of the pen make `typed` of `known`, both bare; 9 is too many.
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

-- Keep the words of a text (bare, of 4 letters and more) as what a slip of the pen may have been meant to be.
-- Writers with new words wait for each other, so that two of them can never wait for one another's words.
CREATE FUNCTION remember_words(text) RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
    fresh text[];
BEGIN
    SELECT array_agg(DISTINCT word) INTO fresh FROM regexp_split_to_table(public.bare($1), ' ') AS typed (word)
        WHERE length(word) BETWEEN 4 AND 60
            AND NOT EXISTS (SELECT FROM public.members_searchword AS known WHERE known.word = typed.word);
    IF fresh IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('members_searchword'));
        INSERT INTO public.members_searchword (word) SELECT unnest(fresh) ON CONFLICT DO NOTHING;
    END IF;
END $$;

CREATE FUNCTION member_words(words text[]) RETURNS text[] LANGUAGE sql STABLE
AS $$ SELECT public.corrected_words(words, 'members_member', $seen$status = 'active'$seen$) $$;

-- Names first: what begins with the words, then what has them, by the weight of where they stand.
CREATE FUNCTION search_rank(search_vector tsvector, title text, typed text, query tsquery) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN starts_with(title, typed) THEN 3.0 WHEN position(' ' || typed IN title) > 0 THEN 2.0 ELSE 0.0 END
        + CASE WHEN position(' ' || typed || ' ' IN ' ' || title || ' ') > 0 THEN 0.5 ELSE 0.0 END
        + ts_rank('{0.05, 0.1, 0.3, 1}', search_vector, query)
        + 0.1 * length(typed) / (1 + length(title))
$$;
"""

TAGS = """
-- How two words for the same thing are told to be one: case, diacritics and white space do not matter.
CREATE FUNCTION tag_key(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT public.f_unaccent(lower(trim(regexp_replace(coalesce($1, ''), '\\s+', ' ', 'g')))) $$;

-- The tags' own names for words as typed, once each, in their order; a word that no tag has becomes a tag.
CREATE FUNCTION canonical_tags(words text[]) RETURNS text[] LANGUAGE plpgsql
AS $$
DECLARE
    word text;
    known text;
    made bigint;
    answer text[] := '{}';
BEGIN
    FOREACH word IN ARRAY coalesce(words, '{}') LOOP
        word := trim(regexp_replace(word, '\\s+', ' ', 'g'));
        CONTINUE WHEN word = '';
        SELECT tag.name_lt INTO known FROM public.members_tagname AS name
            JOIN public.members_tag AS tag ON tag.id = name.tag_id WHERE name.key = public.tag_key(word);
        IF NOT FOUND THEN
            PERFORM pg_advisory_xact_lock(hashtext('members_searchword'));
            INSERT INTO public.members_tag (name_lt, name_en) VALUES (word, '')
                ON CONFLICT DO NOTHING RETURNING id INTO made;
            INSERT INTO public.members_tagname (key, tag_id)
                SELECT public.tag_key(word), id FROM public.members_tag WHERE name_lt = word
                ON CONFLICT DO NOTHING;
            -- Where somebody else has just made it in another spelling, that one stays.
            SELECT tag.name_lt INTO known FROM public.members_tagname AS name
                JOIN public.members_tag AS tag ON tag.id = name.tag_id WHERE name.key = public.tag_key(word);
            DELETE FROM public.members_tag WHERE id = made AND name_lt <> known;
        END IF;
        IF known <> ALL (answer) THEN
            answer := answer || known;
        END IF;
    END LOOP;
    RETURN answer;
END $$;

-- Names and codes (A), offers and summaries (B), seeks, place, areas, website (C), descriptions (D). The name also glued
-- together ("baltled" for "Balt LED") and as its first letters ("ktu").
CREATE FUNCTION member_lay_out() RETURNS trigger LANGUAGE plpgsql
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
    SELECT concat_ws(' ', town.name_lt, town.name_en, county.name_lt, county.name_en) INTO place
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
        || setweight(to_tsvector('pg_catalog.simple', concat_ws(' ', replace(name, ' ', ''),
            (SELECT string_agg(left(word, 1), '') FROM regexp_split_to_table(name, ' ') AS word))), 'A')
        || setweight(public.words_of(concat_ws(' ', offered, NEW.summary_lt, NEW.summary_en)), 'B')
        || setweight(public.words_of(concat_ws(' ', sought, place, activities, NEW.website)), 'C')
        || setweight(public.words_of(concat_ws(' ', NEW.description_lt, NEW.description_en)), 'D');
    PERFORM public.remember_words(concat_ws(' ', NEW.name, NEW.legal_name, offered, sought, NEW.summary_lt,
        NEW.summary_en, place, activities));
    RETURN NEW;
END $$;

CREATE TRIGGER member_lay_out BEFORE INSERT OR UPDATE ON members_member
    FOR EACH ROW EXECUTE FUNCTION member_lay_out();

-- What a member's row is laid out from has changed elsewhere: its trigger does the work again.
CREATE FUNCTION member_areas_changed() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE public.members_member SET search_vector = NULL WHERE id IN (SELECT member_id FROM changed);
    RETURN NULL;
END $$;

CREATE TRIGGER member_areas_added AFTER INSERT ON members_member_areas
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION member_areas_changed();
CREATE TRIGGER member_areas_removed AFTER DELETE ON members_member_areas
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION member_areas_changed();

CREATE FUNCTION member_area_renamed() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE public.members_member SET search_vector = NULL
        WHERE id IN (SELECT member_id FROM public.members_member_areas WHERE area_id = NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER member_area_renamed AFTER UPDATE OF name_lt, name_en ON members_area
    FOR EACH ROW EXECUTE FUNCTION member_area_renamed();
"""

LAY_OUT = "UPDATE members_member SET search_vector = NULL"


class Migration(migrations.Migration):
    dependencies = [("members", "0003_areas_and_places")]

    operations = [
        migrations.RemoveIndex("member", "member_search"),
        migrations.RemoveIndex("member", "member_names"),
        migrations.RemoveField("member", "search_vector"),
        migrations.RemoveField("member", "search_name"),
        migrations.RunSQL(DROP_OLD, migrations.RunSQL.noop),
        migrations.RunSQL(WORDS, migrations.RunSQL.noop),
        migrations.AddField("member", "search_name", cluster_portal.country.lt.search.search_name_field()),
        migrations.AddField(
            "member",
            "search_vector",
            django.contrib.postgres.search.SearchVectorField(null=True, editable=False),
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name_lt", models.CharField(max_length=60, verbose_name="name (Lithuanian)", unique=True)),
                ("name_en", models.CharField(blank=True, max_length=60, verbose_name="name (English)")),
            ],
            options={"verbose_name": "tag", "verbose_name_plural": "tags", "ordering": ["name_lt"]},
        ),
        migrations.CreateModel(
            name="TagName",
            fields=[
                ("key", models.CharField(max_length=120, primary_key=True, serialize=False)),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="names", to="members.tag"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "member",
            django.contrib.postgres.indexes.GinIndex(fields=["search_vector"], name="member_search"),
        ),
        migrations.AddIndex(
            "member",
            django.contrib.postgres.indexes.GinIndex(
                fields=["search_name"], opclasses=["gin_trgm_ops"], name="member_names"
            ),
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[("word", models.CharField(max_length=60, primary_key=True, serialize=False))],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["word"], opclasses=["gin_trgm_ops"], name="search_word_near"
                    )
                ]
            },
        ),
        migrations.RunSQL(TAGS, migrations.RunSQL.noop),
        migrations.RunSQL(LAY_OUT, migrations.RunSQL.noop),
    ]
