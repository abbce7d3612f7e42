"""Deadlines and reminders in Vilnius time, on both sides of both clock changes, with a moved clock.

The clocks of 2027 change on 28 March (03:00 becomes 04:00) and on 31 October (04:00 becomes 03:00).
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from applications import tasks
from applications.desk.dossier import Dossier
from applications.exceptions import Refused, VotingClosed
from applications.minutes.words import words_of
from applications.models import Application, DecisionRule, Status
from applications.models.ballot import end_of_day
from applications.workflow import balloting, voting
from cluster_portal.mail.models import OutgoingMail
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(clock, applicant, coordinator, founders):
    """Opens a ballot at a wall-clock time in Vilnius."""

    def at(*moment):
        clock.set(*moment)
        return factories.voting(applicant, coordinator)

    return at


def status_of(application):
    return Application.objects.get(pk=application.pk).status


def reminders():
    """Who was emailed a reminder so far, sorted."""
    return sorted(OutgoingMail.objects.filter(key__contains=":ballot_reminder:").values_list("to", flat=True))


# The deadline is the end of a day


@pytest.mark.parametrize(
    ("opening", "closing_in_utc"),
    [
        # Winter to winter, summer to summer: the same distance to UTC.
        ((2027, 1, 10, 12, 0), datetime(2027, 1, 24, 21, 59, 59, tzinfo=UTC)),
        ((2027, 6, 10, 12, 0), datetime(2027, 6, 24, 20, 59, 59, tzinfo=UTC)),
        # Across the change in March: opened at UTC+2, closed at UTC+3. Fourteen times 24 hours would be an hour late.
        ((2027, 3, 20, 23, 30), datetime(2027, 4, 3, 20, 59, 59, tzinfo=UTC)),
        # On the day of the change itself, before and after it.
        ((2027, 3, 14, 12, 0), datetime(2027, 3, 28, 20, 59, 59, tzinfo=UTC)),
        ((2027, 3, 13, 23, 30), datetime(2027, 3, 27, 21, 59, 59, tzinfo=UTC)),
        # Across the change in October: opened at UTC+3, closed at UTC+2. 14 times 24 hours would be an hour early.
        ((2027, 10, 20, 23, 30), datetime(2027, 11, 3, 21, 59, 59, tzinfo=UTC)),
        ((2027, 10, 17, 12, 0), datetime(2027, 10, 31, 21, 59, 59, tzinfo=UTC)),
        ((2027, 10, 16, 23, 30), datetime(2027, 10, 30, 20, 59, 59, tzinfo=UTC)),
        # Half an hour after midnight it is still yesterday in UTC.
        ((2027, 6, 11, 0, 30), datetime(2027, 6, 25, 20, 59, 59, tzinfo=UTC)),
        ((2027, 12, 20, 23, 59, 59), datetime(2028, 1, 3, 21, 59, 59, tzinfo=UTC)),
        # In the hour that there is twice.
        ((2027, 10, 31, 3, 30), datetime(2027, 11, 14, 21, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_ballot_closes_at_the_end_of_the_fourteenth_day_in_vilnius(opened, opening, closing_in_utc):
    assert opened(*opening).ballot.closes_at == closing_in_utc


@pytest.mark.parametrize("opening", [(2027, 3, 20, 23, 30), (2027, 10, 20, 23, 30)])
def test_the_last_second_counts_and_the_next_does_not(clock, opened, founders, opening):
    application = opened(*opening)
    last_day = date(*opening[:3]) + timedelta(days=14)
    assert application.ballot.last_day == last_day
    clock.set(last_day.year, last_day.month, last_day.day, 23, 59, 58)
    voting.cast_vote(application, founders[0].voter, "for")
    assert tasks.close_due_ballots() == 0
    clock.move(seconds=1)
    with pytest.raises(VotingClosed):
        voting.cast_vote(application, founders[1].voter, "for")
    assert tasks.close_due_ballots() == 1
    assert tasks.close_due_ballots() == 0
    assert status_of(application) == Status.LAPSED
    assert (application.minutes.count(), application.minutes.get().year) == (1, 2027)


def test_the_year_of_the_minutes_is_that_in_vilnius(clock, opened, founders):
    """At half past midnight of 1 January it is still last year in UTC."""
    application = opened(2027, 12, 20, 12, 0)
    clock.set(2028, 1, 1, 0, 30)
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "for")
    assert application.minutes.get().number == "2028-01"


def test_what_the_deadline_of_31_december_closes_bears_its_day(clock, opened, applicant, coordinator, founders):
    """The scheduled task comes to it after midnight, here even after a ballot of the new year."""
    application = opened(2027, 12, 17, 12, 0)
    for founder in founders[:3]:
        voting.record_vote(application, coordinator, founder, "against", date(2027, 12, 17), "Posėdis Nr. 7")
    clock.set(2028, 1, 2, 10, 0)
    other = factories.approved(factories.person(), coordinator, founders)
    assert tasks.close_due_ballots() == 1
    application = Application.objects.get(pk=application.pk)
    deadline = end_of_day(date(2027, 12, 31))
    minutes = application.minutes.get()
    assert (minutes.number, minutes.issued_at, datetime.fromisoformat(minutes.content["closed_at"])) == (
        "2027-01", deadline, deadline,
    )  # fmt: skip
    assert (application.decided_at, application.ballot.closed_at) == (deadline, deadline)
    assert other.minutes.get().number == "2028-01"
    assert Dossier(application).events[0].at == deadline
    assert words_of(minutes, "lt")["date"].replace("\xa0", " ") == "2027 m. gruodžio 31 d."
    results = OutgoingMail.objects.filter(key__contains=":voting_closed:2027-01:") | OutgoingMail.objects.filter(
        key__contains=":ballot_result:2027-01:"
    )
    assert results.count() == 1 + len(founders)
    assert [mail.to for mail in results if "2028" in mail.text + mail.html] == []


# Closing by the scheduled task


def votes(application, founders, choices):
    for founder, choice in zip(founders, choices.split(), strict=False):
        voting.cast_vote(application, founder.voter, choice)


@pytest.mark.parametrize(
    ("choices", "status"),
    [
        ("", Status.LAPSED),
        ("for for", Status.LAPSED),  # three of five must vote
        ("for abstain abstain", Status.APPROVED),
        ("for against abstain", Status.REJECTED),
        ("for for against against", Status.REJECTED),
    ],
)
def test_at_the_deadline_the_votes_there_are_decide(clock, opened, founders, choices, status):
    application = opened(2027, 3, 20, 12, 0)
    votes(application, founders, choices)
    clock.set(2027, 4, 3, 23, 0)
    assert tasks.close_due_ballots() == 0
    assert status_of(application) == Status.VOTING
    clock.set(2027, 4, 4, 0, 0)
    assert tasks.close_due_ballots() == 1
    assert status_of(application) == status


def test_the_scheduled_task_closes_what_is_due_and_nothing_else(clock, opened, coordinator):
    due = opened(2027, 5, 1, 10, 0)
    clock.set(2027, 5, 2, 10, 0)
    later = factories.voting(factories.person(), coordinator)
    clock.set(2027, 5, 16, 0, 5)
    assert tasks.close_due_ballots() == 1
    assert (status_of(due), status_of(later)) == (Status.LAPSED, Status.VOTING)


def test_one_broken_ballot_does_not_hold_up_the_others(clock, opened, coordinator, caplog):
    broken = opened(2027, 5, 1, 10, 0)
    others = [factories.voting(factories.person(), coordinator) for _more in range(2)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE applications_minutes ADD CONSTRAINT broken CHECK (application_id <> {int(broken.pk)})"
        )
    clock.set(2027, 5, 16, 0, 5)
    assert tasks.close_due_ballots() == 2
    assert [status_of(application) for application in (broken, *others)] == [
        Status.VOTING, Status.LAPSED, Status.LAPSED,
    ]  # fmt: skip
    logged = [record for record in caplog.records if record.name == "applications.tasks"]
    assert [(record.levelname, str(broken.pk) in record.getMessage()) for record in logged] == [("ERROR", True)]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE applications_minutes DROP CONSTRAINT broken")
    assert tasks.close_due_ballots() == 1  # once it is fixed, the next turn closes it


# Reminders


def test_those_are_reminded_who_have_not_voted_seven_days_and_one_day_before(clock, opened, founders):
    application = opened(2027, 3, 20, 23, 30)  # closes on 3 April; summer time begins between
    votes(application, founders, "for against")
    voting.recuse(application, founders[2].voter, "competitor")
    voting.record_vote(application, factories.person(is_staff=True), founders[3], "abstain", date(2027, 3, 19), "Nr. 7")
    missing = founders[4].voter.email
    for moment, expected in [
        ((2027, 3, 27, 8, 59, 59), []),
        ((2027, 3, 27, 9, 0), [missing]),
        ((2027, 3, 27, 9, 10), [missing]),
        ((2027, 4, 2, 8, 59, 59), [missing]),
        ((2027, 4, 2, 9, 0), [missing, missing]),
        ((2027, 4, 3, 9, 0), [missing, missing]),
    ]:
        clock.set(*moment)
        tasks.remind_voters()
        assert reminders() == expected, moment


@pytest.mark.parametrize(
    ("opening", "morning_in_utc"),
    [
        # Seven days before 31 March is the 24th, still winter time; the deadline's own distance to UTC would be an hour off.
        ((2027, 3, 17, 12, 0), datetime(2027, 3, 24, 7, 0, tzinfo=UTC)),
        ((2027, 3, 21, 12, 0), datetime(2027, 3, 28, 6, 0, tzinfo=UTC)),  # the morning after the change
        ((2027, 10, 22, 12, 0), datetime(2027, 10, 29, 6, 0, tzinfo=UTC)),
        ((2027, 10, 24, 12, 0), datetime(2027, 10, 31, 7, 0, tzinfo=UTC)),
    ],
)
def test_nine_in_the_morning_is_nine_in_vilnius(clock, opened, founders, opening, morning_in_utc):
    opened(*opening)
    clock.moment = morning_in_utc - timedelta(seconds=1)
    assert tasks.remind_voters() == 0
    clock.moment = morning_in_utc
    assert tasks.remind_voters() == 1
    assert reminders() == sorted(founder.voter.email for founder in founders)


def test_a_scheduled_task_that_stood_still_reminds_once(clock, opened, founders):
    opened(2027, 5, 1, 10, 0)  # closes on 15 May; reminders on the 8th and 14th
    clock.set(2027, 5, 14, 18, 0)
    assert [tasks.remind_voters() for _turn in range(3)] == [1, 0, 0]
    assert len(reminders()) == len(founders)


def test_after_the_deadline_nobody_is_reminded(clock, opened):
    opened(2027, 5, 1, 10, 0)
    clock.set(2027, 5, 16, 0, 5)
    assert tasks.remind_voters() == 0
    assert reminders() == []


def test_the_rule_says_on_which_days(clock, opened, founders):
    DecisionRule.objects.create(voting_days=5, reminder_days=[7, 3])  # the seventh day before is before the opening
    opened(2027, 5, 10, 8, 0)
    sent = []
    for day in range(10, 16):
        clock.set(2027, 5, day, 9, 0)
        sent.append(tasks.remind_voters())
    assert sent == [0, 0, 1, 0, 0, 0]


def test_a_rule_without_reminders_sends_none(clock, opened):
    DecisionRule.objects.create(reminder_days=[])
    opened(2027, 5, 10, 8, 0)
    for day in range(10, 25):
        clock.set(2027, 5, day, 9, 0)
        assert tasks.remind_voters() == 0


def test_the_coordinators_reminder_does_not_replace_that_of_the_rule(clock, opened, coordinator, founders):
    application = opened(2027, 5, 1, 10, 0)
    clock.set(2027, 5, 7, 16, 0)
    balloting.remind_voters(application, coordinator)
    clock.set(2027, 5, 8, 9, 0)
    assert tasks.remind_voters() == 1
    assert len(reminders()) == 2 * len(founders)


def test_after_an_extension_the_reminders_follow_the_new_deadline(clock, opened, coordinator):
    application = opened(2027, 5, 1, 10, 0)
    clock.set(2027, 5, 8, 9, 0)
    assert tasks.remind_voters() == 1
    clock.set(2027, 5, 12, 10, 0)
    balloting.extend_voting(application, coordinator, 7, "Ne visi spėjo.")  # closes on the 22nd
    sent = []
    for day in range(12, 23):
        clock.set(2027, 5, day, 9 if day > 12 else 11, 0)
        sent.append((day, tasks.remind_voters()))
    assert [day for day, reminded in sent if reminded] == [15, 21]


def test_no_reminder_of_a_past_morning_follows_an_extension(clock, opened, coordinator):
    """The extension's mail has just come; seven days before its deadline is past."""
    DecisionRule.objects.create(reminder_days=[7])
    application = opened(2027, 5, 1, 10, 0)  # closes on the 15th
    clock.set(2027, 5, 8, 9, 0)
    assert tasks.remind_voters() == 1
    clock.set(2027, 5, 16, 10, 0)
    tasks.close_due_ballots()
    balloting.extend_voting(application, coordinator, 2, "Ne visi spėjo.")  # seven days before the 18th is the 11th
    clock.move(minutes=10)
    assert tasks.remind_voters() == 0


def test_a_new_round_has_reminders_of_its_own(clock, opened, coordinator, founders):
    application = opened(2027, 5, 1, 10, 0)
    votes(application, founders, "against against against")
    clock.set(2027, 5, 10, 10, 0)
    balloting.reopen_voting(application, coordinator, 14, "Paaiškėjo naujų aplinkybių.")  # closes on the 24th
    sent = []
    for day in range(11, 25):
        clock.set(2027, 5, day, 9, 0)
        sent.append((day, tasks.remind_voters()))
    assert [day for day, reminded in sent if reminded] == [17, 23]


# Extending


@pytest.mark.parametrize(
    ("opening", "now", "days", "last_day"),
    [
        ((2027, 3, 10, 12, 0), (2027, 3, 20, 12, 0), 7, date(2027, 3, 31)),  # from the deadline, 24 March
        ((2027, 10, 15, 12, 0), (2027, 10, 29, 23, 30), 3, date(2027, 11, 1)),
        ((2027, 5, 1, 12, 0), (2027, 5, 15, 23, 59), 1, date(2027, 5, 16)),
    ],
)
def test_an_extension_counts_from_the_deadline_ahead(clock, opened, coordinator, opening, now, days, last_day):
    application = opened(*opening)
    clock.set(*now)
    ballot = balloting.extend_voting(application, coordinator, days, "Ne visi spėjo.").ballot
    assert (ballot.last_day, ballot.closes_at) == (last_day, end_of_day(last_day))


def test_a_lapsed_ballot_is_extended_from_today(clock, opened, coordinator, founders):
    application = opened(2027, 3, 10, 12, 0)  # closes on 24 March
    votes(application, founders, "for")
    clock.set(2027, 3, 25, 0, 1)
    assert tasks.close_due_ballots() == 1
    clock.set(2027, 3, 27, 23, 30)
    ballot = balloting.extend_voting(application, coordinator, 3, "Ne visi spėjo.").ballot
    assert ballot.closes_at == datetime(2027, 3, 30, 20, 59, 59, tzinfo=UTC)
    assert (ballot.outcome, ballot.closed_at, ballot.votes.count()) == ("", None, 1)
    clock.set(2027, 3, 30, 23, 0)
    votes(application, founders[1:], "for for")
    assert status_of(application) == Status.APPROVED


def test_between_the_deadline_and_the_scheduled_task_nothing_is_extended(clock, opened, coordinator, founders):
    application = opened(2027, 5, 1, 10, 0)
    clock.set(2027, 5, 15, 23, 59, 59)
    with pytest.raises(Refused):
        balloting.extend_voting(application, coordinator, 7, "Ne visi spėjo.")
    with pytest.raises(Refused):
        balloting.remind_voters(application, coordinator)
    assert status_of(application) == Status.VOTING
    tasks.close_due_ballots()
    assert balloting.extend_voting(application, coordinator, 7, "Ne visi spėjo.").status == Status.VOTING


def test_the_coordinator_need_not_wait_for_the_scheduled_task_to_close(clock, opened, coordinator):
    application = opened(2027, 5, 1, 10, 0)
    clock.set(2027, 5, 15, 23, 59, 58)
    with pytest.raises(Refused):
        balloting.close_voting(application, coordinator)
    clock.move(seconds=1)
    assert balloting.close_voting(application, coordinator).status == Status.LAPSED
    assert tasks.close_due_ballots() == 0
    assert application.minutes.count() == 1
