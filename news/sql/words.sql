-- What the search reads of a post: titles (A), summaries (B), texts (D), in both languages.
CREATE FUNCTION post_search_vector(title_lt text, title_en text, summary_lt text, summary_en text,
                                   body_lt text, body_en text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT setweight(public.words_of(title_lt || ' ' || title_en), 'A')
        || setweight(public.words_of(summary_lt || ' ' || summary_en), 'B')
        || setweight(public.words_of(body_lt || ' ' || body_en), 'D')
$$;
