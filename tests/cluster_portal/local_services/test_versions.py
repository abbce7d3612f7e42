"""Data of another version of the portal: told from ours, and refused before anything is changed."""

from pathlib import Path

import psycopg2
import pytest
from django.db import connection

from cluster_portal.local_services.backing import BackingServices
from cluster_portal.local_services.versions import misfit
from tests.cluster_portal.local_services.supervisor import environment, refusal
from tests.processes import free_port

OLD_DATA = """
    CREATE TABLE django_migrations (id serial, app varchar(255), name varchar(255), applied timestamptz DEFAULT now());
    INSERT INTO django_migrations (app, name) VALUES ('members', '0001_initial'), ('members', '0007_of_old');
    CREATE TABLE members_member (id serial, name text);
"""


def change(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_this_version_made_fits(db) -> None:
    assert misfit() == ""


def test_an_empty_database_fits(db) -> None:
    change("CREATE SCHEMA nothing_yet")
    change("SET LOCAL search_path TO nothing_yet")
    assert misfit() == ""


def test_what_was_made_up_to_some_migration_fits(db) -> None:
    change("DELETE FROM django_migrations WHERE app IN ('applications', 'news', 'page_cache')")
    assert misfit() == ""


def test_a_migration_that_is_no_more_does_not_fit(db) -> None:
    change("INSERT INTO django_migrations (app, name, applied) VALUES ('members', '0007_of_old', now())")
    assert misfit() == "its migration members.0007_of_old is unknown here"


def test_a_migration_of_a_package_is_the_packages_affair(db) -> None:
    change("INSERT INTO django_migrations (app, name, applied) VALUES ('account', '0099_of_old', now())")
    assert misfit() == ""


def test_a_migration_rewritten_under_its_old_name_does_not_fit(db) -> None:
    change("ALTER TABLE members_area RENAME COLUMN slug TO key")
    assert misfit() == "its table members_area has other columns than here"


def test_a_table_that_is_not_there_does_not_fit(db) -> None:
    change("DROP TABLE members_tagname")
    assert misfit() == "its table members_tagname has other columns than here"


def test_migrations_recorded_in_an_order_that_cannot_be_do_not_fit(db) -> None:
    change("DELETE FROM django_migrations WHERE app = 'members'")
    assert misfit().startswith("its migration ")
    assert "is applied before its dependency members.0001_initial" in misfit()


@pytest.mark.parametrize("given", [False, True])
def test_a_run_on_data_of_another_version_is_refused_and_changes_nothing(data_dir: Path, given: bool) -> None:
    with BackingServices(data_dir, redis_url="redis://given", durable=False) as services:
        execute(services.database_url, OLD_DATA)
        if given:
            settings = {"DATABASE_URL": services.database_url}
            said = refusal("run", **environment(data_dir.with_name("another"), PORT=str(free_port()), **settings))
            sentence = "The database is of another version of the portal (its migration members.0007_of_old is unknown"
            assert said.splitlines()[-1] == f"{sentence} here): set DATABASE_URL to a new, empty one."
    if not given:
        said = refusal("run", **environment(data_dir, PORT=str(free_port())))
        sentence = f"The data in {data_dir} are of another version of the portal (its migration members.0007_of_old is"
        what_to_do = "empty them with “make reset”, or keep them and set DATA_DIR to another folder."
        assert said.splitlines()[-1] == f"{sentence} unknown here): {what_to_do}"
    with BackingServices(data_dir, redis_url="redis://given", durable=False) as services:
        tables = "SELECT array_agg(tablename::text ORDER BY 1) FROM pg_tables WHERE schemaname = 'public'"
        assert execute(services.database_url, tables) == ["django_migrations", "members_member"]


def execute(url: str, statements: str) -> object:
    """The one value that the last statement answers, if any."""
    database = psycopg2.connect(url)
    try:
        with database, database.cursor() as cursor:
            cursor.execute(statements)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        database.close()
