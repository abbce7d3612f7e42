"""Whether the data in the database are those of this version of the portal."""

import sysconfig
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader


def misfit() -> str:
    """In a few words, why this version's migrations cannot go on from the database's state; empty where they can.

    Names alone do not tell: until 1.0.0 a migration may be rewritten under its old name. So the tables, too,
    must have the very columns that the recorded migrations make.
    """
    loader, ours = MigrationLoader(connection), own_apps()
    recorded = [key for key in loader.applied_migrations if key[0] in ours]
    for app, name in sorted(recorded):
        if (app, name) not in loader.disk_migrations:
            return f"its migration {app}.{name} is unknown here"
    try:
        loader.check_consistent_history(connection)
    except InconsistentMigrationHistory as error:
        return str(error).split(" on database")[0].replace("Migration", "its migration", 1)
    expected, found = expected_columns(loader, recorded), actual_columns()
    for table in sorted(expected):
        if expected[table] != found.get(table, set()):
            return f"its table {table} has other columns than here"
    return ""


def own_apps() -> set[str]:
    """The labels of the apps that no package brought."""
    packages = sysconfig.get_path("purelib")
    return {config.label for config in apps.get_app_configs() if not Path(config.path).is_relative_to(packages)}


def expected_columns(loader: MigrationLoader, migrations: list[tuple[str, str]]) -> dict[str, set[str | None]]:
    """The columns of each of our tables after these migrations."""
    state, ours = loader.project_state(migrations), {app for app, _name in migrations}
    return {
        model._meta.db_table: {field.column for field in model._meta.local_concrete_fields}
        for model in state.apps.get_models(include_auto_created=True)
        if model._meta.app_label in ours and model._meta.managed and not model._meta.proxy
    }


def actual_columns() -> dict[str, set[str | None]]:
    """The columns of each table in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns"
            " WHERE table_schema = current_schema() GROUP BY table_name"
        )
        return {table: set(columns) for table, columns in cursor.fetchall()}
