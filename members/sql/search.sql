-- The search over members, and the words that a query may have meant. It comes after the tables that it reads.

-- A setting of an extension can be fixed in a function only once the extension's library is loaded.
SELECT public.similarity('a', 'a');

-- The words to search for: those typed where `source` has rows with all of them; otherwise each word that no row has is
-- replaced by the nearest that some row has: one slip in 4 to 8 letters, two in more; two letters that changed places
-- are one, and so is another ending of three letters at most. `seen` tells which rows of `source` are public.
CREATE FUNCTION corrected_words(words text[], source text, seen text) RETURNS text[] LANGUAGE plpgsql STABLE
SET pg_trgm.similarity_threshold = 0.2
-- Whether a row exists is asked of the GIN index (a bitmap); the planner would scan all the rows for the first.
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

-- Keep the words of a text (bare, of 4 letters and more) as what a typo may have been meant to be.
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

-- Names and codes (A), offers and summaries (B), seeks, place, areas, website (C), descriptions (D). The name also glued
-- together ("alfaled" for "Alfa LED") and as its first letters, and the beginnings of its words.
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
