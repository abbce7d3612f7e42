"""What the database guards, statements that it must refuse, and a ballot on which they could do something."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from applications.models import Application, Status
from applications.workflow import balloting, voting
from tests import factories

REFUSED_BY_DOOR = "change only through the workflow"
REFUSED_FOR_GOOD = "Cannot update or delete rows from"

# One row of each guarded table comes from `lay_out`. {ballot}, {founder}, {person} are numbers of its rows.
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


@dataclass
class Guarded:
    """An application whose ballot is open, and the numbers that the statements name."""

    application: Application
    founders: list[Any]
    numbers: dict[str, int]


def lay_out() -> Guarded:
    """A ballot with a vote and a recusal that was closed once."""
    founders, coordinator = factories.founders(), factories.person(is_staff=True)
    application = factories.voting(factories.person(), coordinator)
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
    return Guarded(application, founders, numbers)


def everything():
    """All rows of the guarded tables."""
    with connection.cursor() as cursor:
        found = {}
        for table in (*CHANGES, *RECORDS):
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)), count(*) FROM {table} t")
            found[table] = cursor.fetchone()
            assert found[table][1] > 0, table  # a guard of an empty table proves nothing
        return found


def door():
    """What the setting says in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('portal.door', true)")
        return cursor.fetchone()[0]
