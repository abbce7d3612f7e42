"""The database's own guard as other connections meet it."""

import psycopg2
import pytest

from applications.workflow import voting
from tests.applications.guarded import REFUSED_BY_DOOR, STATEMENTS, door, everything, lay_out
from tests.processes import database_url

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_connection_that_knows_no_django_is_refused_too():
    guarded = lay_out()
    before, found = everything(), {}
    outside = psycopg2.connect(database_url())
    try:
        for sql, _words in STATEMENTS:
            with pytest.raises(psycopg2.Error) as refusal:
                outside.cursor().execute(sql.format(**guarded.numbers))
            outside.rollback()
            found[sql] = str(refusal.value).splitlines()[0]
    finally:
        outside.close()
    assert [sql for sql, words in STATEMENTS if words not in found[sql]] == []
    assert everything() == before


def test_it_is_open_in_no_other_connection_meanwhile():
    guarded = lay_out()
    outside = psycopg2.connect(database_url())
    try:
        with voting.cast_vote.step(guarded.application, guarded.founders[2].voter):
            assert door() == "open"
            with pytest.raises(psycopg2.Error, match=REFUSED_BY_DOOR):
                outside.cursor().execute("UPDATE applications_vote SET choice = 'for'")
    finally:
        outside.close()
    assert door() != "open"
