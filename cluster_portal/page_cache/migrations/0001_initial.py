"""The settings of the public pages, and the marks that tell one generation of their content from the next.

Every table that a public page reads has the trigger; `tests/public/test_generation.py` finds a page that reads another.
"""

from django.db import migrations, models

WHOLE_TABLES = (
    "members_member", "members_member_areas", "members_area", "members_county", "members_municipality",
    "members_tag", "members_tagname", "members_searchword", "news_post", "applications_decisionrule",
    "applications_minutes", "page_cache_sitesettings",
)  # fmt: skip

MARKS = """
CREATE TABLE public_mark (mark uuid PRIMARY KEY DEFAULT gen_random_uuid());
INSERT INTO public_mark DEFAULT VALUES;

-- One mark a transaction is enough, and no transaction waits for another: a mark that somebody else is taking out is
-- passed over. Nobody sees the new mark before the change itself, for both come with the same commit.
CREATE FUNCTION public_changed() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    IF current_setting('portal.public_changed', true) IS DISTINCT FROM 'yes' THEN
        DELETE FROM public.public_mark WHERE mark IN (SELECT mark FROM public.public_mark FOR UPDATE SKIP LOCKED);
        INSERT INTO public.public_mark DEFAULT VALUES;
        PERFORM set_config('portal.public_changed', 'yes', true);
    END IF;
    RETURN NULL;
END
$$;

-- Of the applications only the admitted ones show: their decision stands on the member's page.
CREATE TRIGGER public_changed_in AFTER INSERT OR UPDATE ON applications_application
    FOR EACH ROW WHEN (NEW.status = 'admitted') EXECUTE FUNCTION public_changed();
CREATE TRIGGER public_changed_out AFTER UPDATE OR DELETE ON applications_application
    FOR EACH ROW WHEN (OLD.status = 'admitted') EXECUTE FUNCTION public_changed();
CREATE TRIGGER public_changed_all AFTER TRUNCATE ON applications_application
    FOR EACH STATEMENT EXECUTE FUNCTION public_changed();
"""
WATCH = """
CREATE TRIGGER public_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION public_changed();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("members", "0004_tags_and_search"),
        ("news", "0003_search"),
        ("applications", "0003_ballot_complete"),
    ]
    operations = [
        migrations.CreateModel(
            name="SiteSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "licence",
                    models.CharField(
                        choices=[("by", "CC BY 4.0"), ("by-sa", "CC BY-SA 4.0"), ("zero", "CC0 1.0")],
                        default="by",
                        help_text="Under which licence everyone may use the directory and the news. What was given "
                        "away under the old one stays so for those who have it.",
                        max_length=5,
                        verbose_name="licence of the open data",
                    ),
                ),
            ],
            options={
                "verbose_name": "settings of the public pages",
                "verbose_name_plural": "settings of the public pages",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_site_settings"),
                    models.CheckConstraint(
                        condition=models.Q(("licence__in", ["by", "by-sa", "zero"])), name="licence_known"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            MARKS + "".join(WATCH.format(table=table) for table in WHOLE_TABLES), migrations.RunSQL.noop
        ),
    ]
