"""The database's own guard: votes, recusals and ballots change only through the workflow, the record never."""

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from applications.exceptions import Refused, VotingClosed
from applications.models import Application, Ballot, Recusal, Status, Vote
from applications.workflow import balloting, voting
from applications.workflow.door import open_door
from tests import factories
from tests.processes import database_url

pytestmark = pytest.mark.django_db

REFUSED_BY_DOOR = "change only through the workflow"
REFUSED_FOR_GOOD = "Cannot update or delete rows from"

# One row of each guarded table comes from `laid_out`. {ballot}, {founder}, {person} are numbers of its rows.
CHANGES = {
    "applications_vote": [
        "INSERT INTO applications_vote (ballot_id, founder_id, voter_id, choice, comment, manner, reference, objection, cast_at)"
        " VALUES ({ballot}, {founder}, {person}, 'for', '', 'page', '', '', now())",
        "UPDATE applications_vote SET choice = 'for'",
        "UPDATE applications_vote SET founder_id = {founder}",
        "DELETE FROM applications_vote",
    ],
    "applications_recusal": [
        "INSERT INTO applications_recusal (ballot_id, founder_id, declared_by_id, interest, word, manner, declared_at)"
        " VALUES ({ballot}, {founder}, {person}, 'competitor', '', 'page', now())",
        "UPDATE applications_recusal SET founder_id = {founder}",
        "DELETE FROM applications_recusal",
    ],
    "applications_ballot": [
        "INSERT INTO applications_ballot (application_id, rule_id, opened_at, closes_at, outcome, round, reason)"
        " SELECT application_id, rule_id, opened_at, closes_at, '', 1, '' FROM applications_ballot",
        "UPDATE applications_ballot SET closes_at = closes_at + interval '1 day'",
        "UPDATE applications_ballot SET closed_at = now(), outcome = 'approved'",
        "DELETE FROM applications_ballot",
    ],
    "applications_ballot_entitled": [
        "INSERT INTO applications_ballot_entitled (ballot_id, member_id) VALUES ({ballot}, {late})",
        "UPDATE applications_ballot_entitled SET member_id = {late} WHERE member_id = {founder}",
        "DELETE FROM applications_ballot_entitled",
    ],
}
RECORDS = [
    "applications_votehistory",
    "applications_recusalhistory",
    "applications_ballothistory",
    "applications_applicationhistory",
    "applications_minutes",
    "applications_decisionrule",
    "pghistory_context",  # who did what the histories tell
]
# A column of each that somebody might like to change.
COLUMNS = {
    "applications_votehistory": "choice = 'against'",
    "applications_recusalhistory": "interest = 'other'",
    "applications_ballothistory": "outcome = 'approved'",
    "applications_applicationhistory": "status = 'approved'",
    "applications_minutes": "sequence = sequence + 1",
    "applications_decisionrule": "quorum_numerator = 0",
    "pghistory_context": "metadata = 'null'",
}
STATEMENTS = [(sql, REFUSED_BY_DOOR) for changes in CHANGES.values() for sql in changes] + [
    (sql, REFUSED_FOR_GOOD)
    for table in RECORDS
    for sql in (f"UPDATE {table} SET {COLUMNS[table]}", f"DELETE FROM {table}")
]


def lay_out(applicant, coordinator, founders):
    """A ballot with a vote and a recusal that was closed once, and the numbers that the statements name."""
    application = factories.voting(applicant, coordinator)
    voting.recuse(application, founders[0].voter, "competitor")
    for founder in founders[1:3]:
        voting.cast_vote(application, founder.voter, "against")
    balloting.reopen_voting(application, coordinator, 7, "Paaiškėjo naujų aplinkybių.")
    voting.cast_vote(application, founders[1].voter, "against")
    application = Application.objects.get(pk=application.pk)
    assert (application.status, application.minutes.count()) == (Status.VOTING, 1)
    numbers = {
        "ballot": application.ballot.pk,
        "founder": founders[3].pk,
        "person": founders[3].voter.pk,
        "late": factories.founder().pk,
    }
    return application, numbers


@pytest.fixture
def laid_out(applicant, coordinator, founders):
    return lay_out(applicant, coordinator, founders)


def everything():
    """All rows of the guarded tables."""
    with connection.cursor() as cursor:
        found = {}
        for table in (*CHANGES, *RECORDS):
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)), count(*) FROM {table} t")
            found[table] = cursor.fetchone()
            assert found[table][1] > 0, table  # a guard of an empty table proves nothing
        return found


@pytest.mark.parametrize(("sql", "words"), STATEMENTS)
def test_sql_past_the_workflow_is_refused(laid_out, sql, words):
    before = everything()
    with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(**laid_out[1]))
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_knows_no_django_is_refused_too(applicant, coordinator, founders):
    _application, numbers = lay_out(applicant, coordinator, founders)
    before, found = everything(), {}
    outside = psycopg2.connect(database_url())
    try:
        for sql, _words in STATEMENTS:
            with pytest.raises(psycopg2.Error) as refusal:
                outside.cursor().execute(sql.format(**numbers))
            outside.rollback()
            found[sql] = str(refusal.value).splitlines()[0]
    finally:
        outside.close()
    assert [sql for sql, words in STATEMENTS if words not in found[sql]] == []
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
def test_djangos_own_ways_are_refused(laid_out, founders, change):
    before = everything()
    ballot = Ballot.objects.get(pk=laid_out[1]["ballot"])
    with pytest.raises(DatabaseError), transaction.atomic():
        change(ballot, founders[3])
    assert everything() == before


# The door closes again


def door():
    """What the setting says in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('portal.door', true)")
        return cursor.fetchone()[0]


def refused():
    with pytest.raises(DatabaseError, match=REFUSED_BY_DOOR), transaction.atomic():
        Vote.objects.update(choice="for")
    return True


def test_it_closes_after_a_step(laid_out, founders):
    assert connection.in_atomic_block  # the test's transaction goes on after the step's
    voting.cast_vote(laid_out[0], founders[2].voter, "abstain")
    assert door() == ""
    assert refused()


def test_it_closes_after_a_refusal_within_the_step(laid_out, founders):
    with pytest.raises(Refused):
        voting.cast_vote(laid_out[0], founders[2].voter, "perhaps")
    assert door() != "open"
    assert refused()


def test_it_closes_after_a_failure_within_the_step(laid_out, founders, monkeypatch):
    def fail(*arguments):  # an email template that breaks cannot be had otherwise
        raise RuntimeError

    monkeypatch.setattr("applications.emails.founder_recused", fail)
    with pytest.raises(RuntimeError):
        voting.recuse(laid_out[0], founders[2].voter, "competitor")
    assert door() != "open"
    assert refused()
    assert Recusal.objects.filter(founder=founders[2]).count() == 0


def test_it_closes_after_the_database_itself_refused_a_row(laid_out, founders):
    with pytest.raises(DatabaseError), voting.cast_vote.step(laid_out[0], founders[1].voter) as locked:
        Vote.objects.create(
            ballot=locked.ballot,
            founder=founders[1],  # has voted
            voter=founders[1].voter,
            choice="for",
            cast_at=timezone.now(),
        )
    assert door() != "open"
    assert refused()


def test_it_does_not_open_for_a_step_that_is_not_legal(laid_out, founders, coordinator):
    factories.past_deadline(laid_out[0])
    balloting.close_voting(laid_out[0], None)
    with pytest.raises(VotingClosed), voting.cast_vote.step(laid_out[0], founders[2].voter):
        pytest.fail("it opened")
    assert refused()


@pytest.mark.django_db(transaction=True)
def test_it_is_open_in_no_other_connection_meanwhile(applicant, coordinator, founders):
    application, _numbers = lay_out(applicant, coordinator, founders)
    outside = psycopg2.connect(database_url())
    try:
        with voting.cast_vote.step(application, founders[2].voter):
            assert door() == "open"
            with pytest.raises(psycopg2.Error, match=REFUSED_BY_DOOR):
                outside.cursor().execute("UPDATE applications_vote SET choice = 'for'")
    finally:
        outside.close()
    assert door() != "open"


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
def test_nonsense_is_refused_with_the_door_open(laid_out, founders, sql, constraint):
    numbers = {**laid_out[1], "voted": founders[1].pk, "recused": founders[0].pk}
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
