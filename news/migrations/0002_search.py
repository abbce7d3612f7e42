"""The words of posts that a search may have meant."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("news", "0001_initial"), ("members", "0002_search")]
    operations = [migrations.RunSQL((SQL / "search.sql").read_text(), migrations.RunSQL.noop)]
