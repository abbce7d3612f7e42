"""Looking at pages: it writes and locks nothing, and asks the database the same however much there is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.ballot.links import VoteLink
from applications.desk.step import STEPS
from applications.models import Application, Status
from applications.workflow import balloting, voting
from tests import factories
from tests.statements import writing

pytestmark = pytest.mark.django_db


def statements(client, address: str) -> list[str]:
    """What a GET asks of the database."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
        if response.streaming:
            list(response.streaming_content)
    assert response.status_code in (200, 302, 404, 410)
    return [query["sql"] for query in captured]


def writes(client, addresses: list[str]) -> dict[str, list[str]]:
    """The statements of each GET that write or lock; addresses without any are left out."""
    found = {address: writing(statements(client, address)) for address in addresses}
    return {address: sql for address, sql in found.items() if sql}


@pytest.mark.parametrize("status", Status.values)
def test_looking_at_an_application_writes_and_locks_nothing(status, client, applicant, coordinator, founders):
    application = factories.in_status(status, applicant, coordinator, founders)
    key = [application.pk]
    desk = [f"admin:applications_application_{name}" for name in ("change", "tally", "admission_mail", *STEPS)]
    lists = ["admin:index", "admin:applications_application_changelist", "admin:applications_decisionrule_add"]
    client.force_login(coordinator)
    assert writes(client, [*(reverse(name) for name in lists), *(reverse(name, args=key) for name in desk)]) == {}
    client.force_login(applicant)
    names = [f"applications:{name}" for name in ("detail", "review", "answer", "withdraw", "attachments")]
    addresses = [reverse(name, args=key) for name in names]
    addresses += [reverse("applications:list"), reverse("applications:new"), reverse("how-to-join")]
    assert writes(client, addresses) == {}
    client.force_login(founders[0].voter)
    addresses = [
        reverse("ballots:list"),
        *(reverse(f"ballots:{name}", args=key) for name in ("detail", "recuse", "object")),
    ]
    if hasattr(application, "ballot"):
        addresses.append(VoteLink.make(application.ballot, founders[0], founders[0].voter).path)
    for minutes in application.minutes.all():
        addresses.append(reverse("ballots:minutes", args=[application.pk, minutes.file_name("lt")]))
    assert writes(client, addresses) == {}


def test_the_page_that_opens_the_first_vote_makes_no_rule(client, applicant, coordinator, founders):
    application = factories.submitted(applicant)
    client.force_login(coordinator)
    address = reverse("admin:applications_application_open_voting", args=[application.pk])
    assert writes(client, [address]) == {}
    client.post(address)
    assert Application.objects.get().ballot.rule.voting_days == 14


def lay_out(coordinator, voters, ballots: range) -> list:
    """Ballots on which everybody has voted in another way, and as many applications that wait."""
    applications = []
    for number in ballots:
        opened = factories.voting(factories.person(), coordinator)
        voting.record_vote(opened, coordinator, voters[0], "for", timezone.localdate(), "Nr. 7")
        voting.cast_vote(opened, voters[1].voter, "against", "Ne.")
        if number % 2:
            voting.recuse(opened, voters[2].voter, "competitor")
        factories.submitted(factories.person())
        applications.append(opened)
    return applications


def test_the_desk_and_the_ballots_ask_the_same_with_2_ballots_and_with_14(client, coordinator, founders):
    applications = lay_out(coordinator, founders, range(2))
    lists = [reverse("admin:index"), reverse("admin:applications_application_changelist")]

    def counts() -> list[int]:
        client.force_login(coordinator)
        found = [len(statements(client, address)) for address in lists]
        client.force_login(founders[0].voter)
        return [*found, len(statements(client, reverse("ballots:list")))]

    counts()  # what is read once a process is read
    few = counts()
    lay_out(coordinator, founders, range(2, 14))
    assert counts() == few
    assert len(applications) == 2


@pytest.mark.parametrize("reader", ["coordinator", "voter"])
def test_the_page_of_an_application_asks_the_same_with_2_votes_and_with_14(
    reader, client, applicant, coordinator, founders
):
    more = [factories.founder(f"Steigėjas {number}") for number in range(15)]
    application = factories.voting(applicant, coordinator)
    if reader == "voter":
        client.force_login(founders[0].voter)
        address = reverse("ballots:detail", args=[application.pk])
    else:
        client.force_login(coordinator)
        address = reverse("admin:applications_application_change", args=[application.pk])
    voting.cast_vote(application, founders[0].voter, "for")
    voting.cast_vote(application, more[0].voter, "abstain")
    statements(client, address)
    few = len(statements(client, address))
    for founder in more[1:13]:
        voting.cast_vote(application, founder.voter, "abstain", "Nežinau.")
    balloting.remind_voters(application, coordinator)
    application.refresh_from_db()
    assert application.status == Status.VOTING
    assert len(statements(client, address)) == few
