"""What the search reads of a post: titles (A), summaries (B), texts (D), in both languages."""

import django.contrib.postgres.indexes
from django.db import migrations

import news.models

FUNCTIONS = """
CREATE FUNCTION post_search_vector(title_lt text, title_en text, summary_lt text, summary_en text,
                                   body_lt text, body_en text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT setweight(public.words_of(title_lt || ' ' || title_en), 'A')
        || setweight(public.words_of(summary_lt || ' ' || summary_en), 'B')
        || setweight(public.words_of(body_lt || ' ' || body_en), 'D')
$$;
"""

# After the table has its columns, which the function reads.
CORRECTIONS = """
CREATE FUNCTION post_remember_words() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM public.remember_words(concat_ws(' ', NEW.title_lt, NEW.title_en, NEW.summary_lt, NEW.summary_en));
    RETURN NULL;
END $$;

CREATE TRIGGER post_remember_words AFTER INSERT OR UPDATE ON news_post
    FOR EACH ROW EXECUTE FUNCTION post_remember_words();
SELECT remember_words(concat_ws(' ', title_lt, title_en, summary_lt, summary_en)) FROM news_post;

CREATE FUNCTION post_words(words text[]) RETURNS text[] LANGUAGE sql STABLE
AS $$
    SELECT public.corrected_words(words, 'news_post', 'status = ''published'' AND published_at <= clock_timestamp()')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("news", "0002_subscription"), ("members", "0004_tags_and_search")]

    operations = [
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION post_search_vector(text, text, text, text, text, text)"),
        migrations.AddField("post", "search_vector", news.models.search_vector_field()),
        migrations.AddField("post", "search_title", news.models.search_title_field()),
        migrations.AddIndex(
            "post", django.contrib.postgres.indexes.GinIndex(fields=["search_vector"], name="post_search")
        ),
        migrations.RunSQL(CORRECTIONS, migrations.RunSQL.noop),
    ]
