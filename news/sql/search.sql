-- After the table has its columns, which the functions read.
CREATE FUNCTION post_remember_words() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM public.remember_words(concat_ws(' ', NEW.title_lt, NEW.title_en, NEW.summary_lt, NEW.summary_en));
    RETURN NULL;
END $$;

CREATE TRIGGER post_remember_words AFTER INSERT OR UPDATE ON news_post
    FOR EACH ROW EXECUTE FUNCTION post_remember_words();

CREATE FUNCTION post_words(words text[]) RETURNS text[] LANGUAGE sql STABLE
AS $$
    SELECT public.corrected_words(words, 'news_post', 'status = ''published'' AND published_at <= clock_timestamp()')
$$;
