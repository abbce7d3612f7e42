"""An applicant that has not been told of a decision against it sees nothing but founders who are still deciding."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import dateformat, timezone

from applications.models import Application, Status
from applications.workflow import balloting, joining, voting
from cluster_portal.mail.models import OutgoingMail
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(clock, coordinator, founders):
    """Two applications alike, of two people, submitted at the same moment: founders decide on one, the other they rejected
    two days later.
    """
    people = [factories.person(f"applicant-{letter}@example.org") for letter in "ab"]
    same = {"name": "Vieni ir tie patys", "legal_name": "UAB „Vieni ir tie patys“"}
    found = [factories.voting(person, coordinator, **same) for person in people]
    clock.move(days=2)
    for founder in founders[:3]:
        voting.cast_vote(found[1], founder.voter, "against", "Ne.")
    clock.move(days=1)
    return [Application.objects.get(pk=application.pk) for application in found]


def page(client, application, name: str, **posted: str) -> tuple[int, str, list[str]]:
    """The status, the address led to and the body, without what differs between any two applications."""
    client.force_login(application.applicant)
    key = [] if name == "list" else [application.pk]
    address = reverse(f"applications:{name}", args=[*key, "organisation"] if name == "section" else key)
    answer = client.post(address, posted) if posted else client.get(address)
    text = answer.content.decode().replace(application.applicant.email, "EMAIL")
    text = text.replace(application.company_code, "CODE").replace(f"/{application.pk}/", "/KEY/")
    text = text.replace(f"?from={application.pk}", "?from=KEY").replace(f'value="{application.applicant_id}"', "PERSON")
    text = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "TOKEN", text)
    # The beginning is by the database's own clock; in the one transaction of a test it can bear the time of the step before.
    begun = application.history.earliest("pgh_id").pgh_created_at
    for moment in (begun, application.submitted_at):
        for shown in ("c", "Y-m-d H:i"):
            text = text.replace(dateformat.format(timezone.localtime(moment), shown), "BEGUN")
    return answer.status_code, answer.get("Location", "").replace(f"/{application.pk}/", "/KEY/"), text.splitlines()


@pytest.mark.parametrize("name", ["detail", "list", "withdraw", "review", "answer", "attachments", "section"])
def test_no_page_differs(name, client, pair):
    assert [application.status for application in pair] == [Status.VOTING, Status.REJECTED]
    on_ballot, rejected = (page(client, application, name) for application in pair)
    assert rejected == on_ballot


@pytest.mark.parametrize("name", ["answer", "attachments", "section", "review"])
def test_nothing_sent_is_answered_otherwise(name, client, pair):
    on_ballot, rejected = (page(client, application, name, answer="Dvidešimt.", consent="on") for application in pair)
    assert rejected == on_ballot


def test_nothing_on_the_record_tells_either(client, pair, clock):
    on_ballot, rejected = pair
    assert rejected.updated_at - on_ballot.updated_at < timedelta(minutes=1)
    subjects = [OutgoingMail.objects.filter(to=one.applicant.email).values_list("subject", flat=True) for one in pair]
    assert list(subjects[0]) == list(subjects[1])
    assert page(client, rejected, "detail") == page(client, on_ballot, "detail")


def test_withdrawing_is_the_same_and_the_decision_is_never_told(client, pair, coordinator):
    answers = [page(client, application, "withdraw", sure="1") for application in pair]
    assert answers[0] == answers[1]
    for application in pair:
        application.refresh_from_db()
    assert [application.status for application in pair] == [Status.WITHDRAWN, Status.WITHDRAWN]
    page(client, pair[0], "detail")  # the messages that it is withdrawn are shown once
    assert page(client, pair[0], "detail") == page(client, pair[1], "detail")
    assert balloting.reopen_voting.is_legal(pair[1]) is False
    rejections = OutgoingMail.objects.filter(to=pair[1].applicant.email, key__contains="application_rejected")
    assert rejections.count() == 0


def test_a_refusal_names_no_status_that_the_applicant_may_not_know(pair):
    words = [str(joining.resubmit.refusal(application)) for application in pair]
    assert words[0] == words[1]
