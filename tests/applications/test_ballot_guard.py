"""The database's own guard: votes, recusals and ballots change only through the workflow, the record never."""

from copy import deepcopy

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from applications.exceptions import Refused, VotingClosed
from applications.models import Ballot, Recusal, Vote
from applications.workflow import balloting, voting
from applications.workflow.door import open_door
from tests import factories
from tests.applications.guarded import (
    CHANGES,
    COLUMNS,
    RECORDS,
    REFUSED_BY_DOOR,
    REFUSED_FOR_GOOD,
    STATEMENTS,
    door,
    everything,
    lay_out,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(module_rows):
    with module_rows():
        return lay_out()


@pytest.fixture
def laid_out(db, shared):
    return deepcopy(shared)


@pytest.mark.parametrize(("sql", "words"), STATEMENTS)
def test_sql_past_the_workflow_is_refused(laid_out, sql, words):
    before = everything()
    with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(**laid_out.numbers))
    assert everything() == before


@pytest.mark.parametrize("table", RECORDS)
def test_the_open_door_does_not_lead_to_the_record(laid_out, table):
    for sql in (f"UPDATE {table} SET {COLUMNS[table]}", f"DELETE FROM {table}"):
        with (
            pytest.raises(DatabaseError, match=REFUSED_FOR_GOOD),
            transaction.atomic(),
            open_door(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


@pytest.mark.parametrize(
    "change",
    [
        lambda ballot, founder: Vote.objects.update(choice="for"),
        lambda ballot, founder: ballot.votes.first().save(),
        lambda ballot, founder: ballot.votes.all().delete(),
        lambda ballot, founder: Vote.objects.bulk_create(
            [Vote(ballot=ballot, founder=founder, voter=founder.voter, choice="for", cast_at=timezone.now())]
        ),
        lambda ballot, founder: Recusal.objects.all().delete(),
        lambda ballot, founder: ballot.save(),
        lambda ballot, founder: ballot.delete(),
        lambda ballot, founder: ballot.application.delete(),
        lambda ballot, founder: ballot.entitled.remove(founder),
        lambda ballot, founder: ballot.entitled.add(factories.founder()),
    ],
)
def test_djangos_own_ways_are_refused(laid_out, change):
    before = everything()
    ballot = Ballot.objects.get(pk=laid_out.numbers["ballot"])
    with pytest.raises(DatabaseError), transaction.atomic():
        change(ballot, laid_out.founders[3])
    assert everything() == before


# The door closes again


def refused():
    with pytest.raises(DatabaseError, match=REFUSED_BY_DOOR), transaction.atomic():
        Vote.objects.update(choice="for")
    return True


def test_it_closes_after_a_step(laid_out):
    assert connection.in_atomic_block  # the test's transaction goes on after the step's
    voting.cast_vote(laid_out.application, laid_out.founders[2].voter, "abstain")
    assert door() == ""
    assert refused()


def test_it_closes_after_a_refusal_within_the_step(laid_out):
    with pytest.raises(Refused):
        voting.cast_vote(laid_out.application, laid_out.founders[2].voter, "perhaps")
    assert door() != "open"
    assert refused()


def test_it_closes_after_a_failure_within_the_step(laid_out, monkeypatch):
    def fail(*arguments):  # an email template that breaks cannot be had otherwise
        raise RuntimeError

    monkeypatch.setattr("applications.emails.founder_recused", fail)
    with pytest.raises(RuntimeError):
        voting.recuse(laid_out.application, laid_out.founders[2].voter, "competitor")
    assert door() != "open"
    assert refused()
    assert Recusal.objects.filter(founder=laid_out.founders[2]).count() == 0


def test_it_closes_after_the_database_itself_refused_a_row(laid_out):
    with (
        pytest.raises(DatabaseError),
        voting.cast_vote.step(laid_out.application, laid_out.founders[1].voter) as locked,
    ):
        Vote.objects.create(
            ballot=locked.ballot,
            founder=laid_out.founders[1],  # has voted
            voter=laid_out.founders[1].voter,
            choice="for",
            cast_at=timezone.now(),
        )
    assert door() != "open"
    assert refused()


def test_it_does_not_open_for_a_step_that_is_not_legal(laid_out):
    factories.past_deadline(laid_out.application)
    balloting.close_voting(laid_out.application, None)
    with pytest.raises(VotingClosed), voting.cast_vote.step(laid_out.application, laid_out.founders[2].voter):
        pytest.fail("it opened")
    assert refused()


# Constraints behind the open door


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        (CHANGES["applications_vote"][0].replace("{founder}", "{voted}"), "one_vote_a_founder"),
        ("UPDATE applications_vote SET choice = 'perhaps'", "vote_choice_known"),
        ("UPDATE applications_vote SET manner = 'pigeon'", "vote_manner_known"),
        ("UPDATE applications_vote SET manner = 'recorded'", "recorded_vote_has_its_source"),
        ("UPDATE applications_vote SET reference = 'Nr. 7'", "recorded_vote_has_its_source"),
        ("UPDATE applications_vote SET objected_at = now()", "recorded_vote_has_its_source"),
        (CHANGES["applications_recusal"][0].replace("{founder}", "{recused}"), "one_recusal_a_founder"),
        ("UPDATE applications_recusal SET interest = 'friendship'", "recusal_interest_known"),
        ("UPDATE applications_ballot SET outcome = 'approved'", "closed_has_outcome"),
        ("UPDATE applications_ballot SET closed_at = now()", "closed_has_outcome"),
        ("UPDATE applications_ballot SET closes_at = opened_at", "closes_after_opening"),
    ],
)
def test_nonsense_is_refused_with_the_door_open(laid_out, sql, constraint):
    numbers = {**laid_out.numbers, "voted": laid_out.founders[1].pk, "recused": laid_out.founders[0].pk}
    with (
        pytest.raises(DatabaseError, match=constraint),
        transaction.atomic(),
        open_door(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format(**numbers))


def test_the_minutes_number_is_given_once(laid_out):
    columns = "application_id, year, sequence, edition, round, issued_at, content, pdf_lt, pdf_en, sha256_lt, sha256_en"
    with pytest.raises(DatabaseError, match="minutes_number_once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO applications_minutes ({columns}) SELECT {columns} FROM applications_minutes")
