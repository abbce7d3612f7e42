-- Offers and needs are controlled tags: the database puts the tags' own names in place of what people type.

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
        word := trim(regexp_replace(word, '\s+', ' ', 'g'));
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
