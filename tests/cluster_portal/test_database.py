"""Statements that PostgreSQL plans once for many visits."""

import pytest
from django.db import connection

from cluster_portal.base.database import execute_prepared
from members.models import Member
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
SQL = "SELECT name FROM members_member WHERE slug = $1"


def found(slug: str, texts: list[str] | None = None) -> list[tuple]:
    def statement() -> str:
        (texts if texts is not None else []).append(SQL)
        return SQL

    with connection.cursor() as cursor:
        execute_prepared(cursor, "member_of_the_test", statement, [slug])
        return cursor.fetchall()


def test_a_statement_is_prepared_once_for_each_connection():
    factories.member("Alfa", slug="alfa")
    texts: list[str] = []
    assert (found("alfa", texts), found("beta", texts), texts) == ([("Alfa",)], [], [SQL])
    connection.close()
    assert (found("alfa", texts), texts) == ([("Alfa",)], [SQL, SQL])


def test_a_value_is_a_value():
    factories.member("Alfa", slug="alfa")
    assert found("x' OR '1'='1") == found("%s") == found("$1") == []


def test_a_prepared_page_outlives_a_change_of_the_table(client):
    """A migration while the server runs: the plan is made again."""
    factories.member("Alfa", slug="alfa")
    assert client.get("/nariai/alfa/").status_code == client.get("/nariai/").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE members_member ADD COLUMN of_the_test text")
    try:
        assert client.get("/nariai/alfa/").status_code == client.get("/nariai/").status_code == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE members_member DROP COLUMN of_the_test")
    assert Member.objects.count() == 1
