"""The marks that tell one generation of the public pages' content from the next.

Every table that a public page reads has the trigger; `tests/page_cache/test_generation.py` finds a page that reads another.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"
WHOLE_TABLES = (
    "members_member", "members_member_areas", "members_area", "members_county", "members_municipality",
    "members_tag", "members_tagname", "members_searchword", "news_post", "applications_decisionrule",
    "applications_minutes", "identity_identity",
)  # fmt: skip
WATCH = """
CREATE TRIGGER public_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION public_changed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("members", "0002_search"),
        ("news", "0002_search"),
        ("applications", "0002_initial"),
    ]
    operations = [
        migrations.RunSQL((SQL / "marks.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL("".join(WATCH.format(table=table) for table in WHOLE_TABLES), migrations.RunSQL.noop),
    ]
