"""The founders' pages: the list, the ballot by log-in and by the mailed link, recusal and objection."""

from datetime import timedelta
from itertools import product

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from applications.ballot.links import VoteLink
from applications.desk.waiting import votes_under_way
from applications.models import Application, Attachment, Ballot, Recusal, Status, Vote
from applications.workflow import balloting, joining, voting
from applications.workflow.door import open_door
from cluster_portal.mail.models import OutgoingMail
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(applicant, coordinator, founders):
    return factories.voting(applicant, coordinator, name="Baltijos zona")


@pytest.fixture
def link(application, founders):
    return VoteLink.make(application.ballot, founders[0], founders[0].voter).path


def record(application, coordinator, founder, choice="against"):
    return voting.record_vote(application, coordinator, founder, choice, timezone.localdate(), "Posėdis Nr. 3")


def test_the_list_says_what_waits_what_goes_on_and_what_was_decided(client, application, coordinator, founders):
    voter = founders[0].voter
    client.force_login(voter)
    names = ("waiting", "under_way", "past")

    def lists():
        context = client.get(reverse("ballots:list")).context
        return [list(context[name]) for name in names]

    assert lists() == [[application], [], []]
    record(application, coordinator, founders[0])
    assert lists() == [[application], [], []]  # a vote on paper waits for the founder's own word
    voting.cast_vote(application, voter, "for")
    assert lists() == [[], [application], []]
    for founder in founders[1:3]:
        voting.cast_vote(application, founder.voter, "for")
    assert lists() == [[], [], [application]]


def test_the_ballot_bears_the_signal_only_while_it_waits_for_a_vote(client, application, coordinator, founders):
    client.force_login(founders[0].voter)

    def is_marked() -> bool:
        return "is-waiting" in client.get(reverse("ballots:detail", args=[application.pk])).content.decode()

    assert is_marked()
    record(application, coordinator, founders[0])
    assert is_marked()  # a vote on paper waits for the founder's own word
    voting.cast_vote(application, founders[0].voter, "for")
    assert not is_marked()
    for founder in founders[1:3]:
        voting.cast_vote(application, founder.voter, "for")
    assert not is_marked()


def test_a_recused_founder_has_nothing_waiting(client, application, founders):
    voting.recuse(application, founders[0].voter, "competitor")
    client.force_login(founders[0].voter)
    context = client.get(reverse("ballots:list")).context
    assert list(context["waiting"]) == []
    assert [one.my_recusal for one in context["under_way"]] == ["competitor"]


def test_the_list_asks_the_database_as_much_for_many_as_for_one(
    client, application, applicant, coordinator, founders, django_assert_max_num_queries
):
    client.force_login(founders[0].voter)
    with django_assert_max_num_queries(12) as one:
        client.get(reverse("ballots:list"))
    for _more in range(4):
        factories.voting(factories.person(), coordinator)
    with django_assert_max_num_queries(len(one.captured_queries)):
        client.get(reverse("ballots:list"))


def test_others_votes_are_hidden_until_one_has_voted_oneself(client, application, coordinator, founders):
    voting.cast_vote(application, founders[1].voter, "against", "Abejojame dėl konkurencijos.")
    client.force_login(founders[0].voter)
    url = reverse("ballots:detail", args=[application.pk])
    assert "Abejojame" not in client.get(url).content.decode()
    record(application, coordinator, founders[0])
    assert "Abejojame" not in client.get(url).content.decode()
    client.post(url, {"choice": "for"})
    seen = client.get(url).content.decode()
    assert "Abejojame" in seen
    assert seen.count("dar nebalsavo") == 3


def test_the_rule_may_keep_comments_from_the_other_founders(client, application, founders, monkeypatch):
    from applications.models import DecisionRule

    DecisionRule.objects.create(comments_shown=False)
    other = factories.voting(factories.person(), factories.person(is_staff=True))
    voting.cast_vote(other, founders[1].voter, "for", "Tik koordinatoriui.")
    voting.cast_vote(other, founders[0].voter, "for")
    client.force_login(founders[0].voter)
    page = client.get(reverse("ballots:detail", args=[other.pk])).content.decode()
    assert founders[1].name in page
    assert "Tik koordinatoriui." not in page


def test_the_link_shows_what_is_voted_on_and_changes_nothing(client, application, link, founders):
    for _scan in range(3):
        response = client.get(link)
        client.head(link)
    assert response.status_code == 200
    assert "Baltijos zona" in response.content.decode()
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert Vote.objects.count() == 0
    assert client.get(link + "?choice=for").status_code == 200
    assert Vote.objects.count() == 0


def test_the_link_votes_once(client, application, link, founders):
    assert client.post(link, {"choice": "for", "comment": "Gerai."}).url == link
    vote = Vote.objects.get()
    assert (vote.founder, vote.voter, vote.choice, vote.manner) == (founders[0], founders[0].voter, "for", "mail_link")
    ended = client.get(link)
    assert "Jūsų balsas įrašytas: už." in ended.content.decode()
    assert ended.status_code == 410
    assert reverse("ballots:detail", args=[application.pk]) in ended.content.decode()
    assert client.post(link, {"choice": "against"}).status_code == 410
    assert Vote.objects.get().choice == "for"


def test_a_link_without_a_choice_says_so_and_keeps_the_comment(client, link):
    response = client.post(link, {"comment": "Rašiau ilgai."})
    assert response.status_code == 422
    assert "Rašiau ilgai." in response.content.decode()


@pytest.mark.parametrize("token", ["abc", "WzEsMV0:1abc:xyz"])
def test_a_broken_link_says_so(client, db, token):
    response = client.get(reverse("ballots:link", args=[token]))
    assert response.status_code == 410


def test_a_link_ends_with_the_ballot_and_with_the_role(client, application, link, founders):
    founders[0].voter.is_active = False
    founders[0].voter.save()
    assert client.get(link).status_code == 410
    founders[0].voter.is_active = True
    founders[0].voter.save()
    assert client.get(link).status_code == 200
    with open_door():
        Ballot.objects.update(
            opened_at=timezone.now() - timedelta(days=2), closes_at=timezone.now() - timedelta(seconds=1)
        )
    assert client.get(link).status_code == 410
    assert client.post(link, {"choice": "for"}).status_code == 410
    assert Vote.objects.count() == 0


def test_the_link_opens_the_attachments_of_its_application_only(client, application, link, applicant):
    def attached(to):
        attachment = Attachment(application=to, name="planas.pdf", content_type="application/pdf", size=4)
        attachment.file.save("planas.pdf", ContentFile(b"%PDF"))
        return attachment

    mine, others = attached(application), attached(factories.application(factories.person()))
    token = link.rstrip("/").rpartition("/")[2]
    shown = client.get(reverse("ballots:link-attachment", args=[token, mine.pk]))
    assert b"".join(shown.streaming_content) == b"%PDF"
    assert shown["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert client.get(reverse("ballots:link-attachment", args=[token, others.pk])).status_code == 404


@pytest.mark.parametrize("by_link", [True, False])
def test_recusal_by_page_and_by_link(client, application, link, founders, by_link):
    if by_link:
        url = link + "nusisalinti/"
    else:
        client.force_login(founders[0].voter)
        url = reverse("ballots:recuse", args=[application.pk])
    incomplete = client.post(url, {"interest": "other"})
    assert incomplete.status_code == 422
    assert Recusal.objects.count() == 0
    client.post(url, {"interest": "competitor", "word": "Gaminame tą patį."})
    recusal = Recusal.objects.get()
    assert (recusal.founder, recusal.manner) == (founders[0], "mail_link" if by_link else "page")
    client.force_login(founders[0].voter)
    page = client.get(reverse("ballots:detail", args=[application.pk])).content.decode()
    assert 'name="choice"' not in page
    assert 'name="interest"' not in page


def test_a_recorded_vote_is_shown_and_may_be_objected_to(client, application, coordinator, founders):
    record(application, coordinator, founders[0])
    client.force_login(founders[0].voter)
    url = reverse("ballots:detail", args=[application.pk])
    page = client.get(url).content.decode()
    assert "Posėdis Nr. 3" in page
    assert 'name="objection"' in page
    refused = client.post(reverse("ballots:object", args=[application.pk]), {"objection": " "})
    assert refused.status_code == 422
    client.post(reverse("ballots:object", args=[application.pk]), {"objection": "Posėdyje nebuvome."})
    vote = Vote.objects.get()
    assert vote.objection == "Posėdyje nebuvome."
    assert application.ballot.tally().voted == 0
    assert 'name="objection"' not in client.get(url).content.decode()


def test_a_vote_after_closing_keeps_the_comment_in_sight(client, application, founders):
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "for")
    client.force_login(founders[3].voter)
    response = client.post(
        reverse("ballots:detail", args=[application.pk]), {"choice": "against", "comment": "Per vėlu?"}
    )
    assert response.status_code == 422
    assert "Per vėlu?" in response.content.decode()
    application.refresh_from_db()
    assert application.status == Status.APPROVED


def test_ballots_that_end_on_one_day_stand_in_the_order_in_which_they_were_opened(client, coordinator, founders):
    opened = [factories.voting(factories.person(), coordinator) for _number in range(3)]
    with open_door():
        for application in reversed(opened):  # a row that is written again is found last
            Ballot.objects.filter(application=application).update(reminded_at=timezone.now())
            Application.objects.filter(pk=application.pk).update(summary_lt="Kita")
    client.force_login(founders[0].voter)
    assert list(client.get(reverse("ballots:list")).context["waiting"]) == opened
    assert list(votes_under_way()) == opened
    for application in opened:
        voting.cast_vote(application, founders[0].voter, "abstain")
    assert list(client.get(reverse("ballots:list")).context["under_way"]) == opened


def test_all_recused_is_said_plainly(client, application, founders):
    for founder in founders:
        voting.recuse(application, founder.voter, "affiliate")
    application.refresh_from_db()
    assert application.status == Status.LAPSED
    client.force_login(founders[0].voter)
    page = client.get(reverse("ballots:detail", args=[application.pk]))
    assert page.context["tally"].all_recused
    assert "kvorumas" not in page.content.decode().split('id="votes"')[1].split("</section>")[0]
    results = OutgoingMail.objects.filter(key__contains=":ballot_result:")
    assert {mail.to: mail.subject for mail in results} == {
        founder.voter.email: "Nusišalino visi steigėjai: „Baltijos zona“" for founder in founders
    }


def test_a_vote_typed_before_a_log_out_is_shown_again_and_not_cast(client, application, founders):
    url = reverse("ballots:detail", args=[application.pk])
    assert client.post(url, {"choice": "against", "comment": "Abejojame."}).status_code == 302
    client.post("/paskyra/login/", {"login": founders[0].voter.email, "password": factories.PASSWORD})
    page = client.get(url)
    assert page.context["form"]["choice"].value() == "against"
    assert "Abejojame." in page.content.decode()
    assert Vote.objects.count() == 0


@pytest.mark.parametrize("by_link", [True, False])
@pytest.mark.parametrize(
    ("action", "typed", "text"),
    [
        ("recuse", {"interest": "competitor", "word": "Gaminame tą patį."}, "Gaminame tą patį."),
        ("object", {"objection": "Posėdyje nebuvome."}, "Posėdyje nebuvome."),
    ],
)
def test_what_was_typed_before_a_log_out_is_shown_again_and_not_done(
    application, coordinator, link, founders, action, typed, text, by_link
):
    record(application, coordinator, founders[0])
    token = link.rstrip("/").rpartition("/")[2]
    url = (
        reverse(f"ballots:link-{action}", args=[token])
        if by_link
        else reverse(f"ballots:{action}", args=[application.pk])
    )
    client = Client(enforce_csrf_checks=by_link)
    if by_link:  # the token of its form is stale
        client.get(link)
        stale = client.post(url, {**typed, "csrfmiddlewaretoken": "x"}, HTTP_ORIGIN="http://testserver")
        assert (stale.status_code, stale["Location"]) == (302, url)
    else:
        assert client.post(url, typed).status_code == 302
        client.post("/paskyra/login/", {"login": founders[0].voter.email, "password": factories.PASSWORD})
    page = client.get(url)
    assert page.status_code == 200
    assert f'id="{action}" open>' in page.content.decode()
    assert text in page.content.decode()
    assert Recusal.objects.count() == 0
    assert Vote.objects.get().objected_at is None


@pytest.mark.parametrize("action", ["recuse", "object"])
def test_following_the_address_of_an_action_leads_to_the_ballot(client, application, link, founders, action):
    token = link.rstrip("/").rpartition("/")[2]
    assert client.get(reverse(f"ballots:link-{action}", args=[token])).url == link
    client.force_login(founders[0].voter)
    page = reverse("ballots:detail", args=[application.pk])
    assert client.get(reverse(f"ballots:{action}", args=[application.pk])).url == page


@pytest.mark.parametrize("by_link", [True, False])
@pytest.mark.parametrize(
    ("action", "typed"),
    [
        ("", {"choice": "for", "comment": "Rašiau ilgai."}),
        ("recuse", {"interest": "competitor", "word": "Rašiau ilgai."}),
        ("object", {"objection": "Rašiau ilgai."}),
    ],
)
def test_what_comes_after_the_deadline_is_given_back(client, application, link, founders, action, typed, by_link):
    token = link.rstrip("/").rpartition("/")[2]
    kind = "link" if by_link else "detail"
    name = f"link-{action}" if by_link and action else action or kind
    client.force_login(founders[0].voter)
    factories.past_deadline(application)
    answer = client.post(reverse(f"ballots:{name}", args=[token if by_link else application.pk]), typed)
    assert answer.status_code == (410 if by_link else 422)
    assert "Rašiau ilgai." in answer.content.decode()


def test_an_objection_that_comes_too_late_for_its_vote_is_given_back(client, application, founders):
    client.force_login(founders[0].voter)
    answer = client.post(reverse("ballots:object", args=[application.pk]), {"objection": "Rašiau ilgai."})
    assert answer.status_code == 422
    assert "Rašiau ilgai." in answer.content.decode()


@pytest.mark.parametrize(
    ("action", "why"),
    [
        *product(["detail", "recuse", "object"], ["deadline", "closed", "recused"]),
        ("object", "no recorded vote"),
    ],
)
def test_what_is_refused_anyway_says_so_whatever_the_form_lacks(client, application, founders, action, why):
    client.force_login(founders[0].voter)
    words = "Voting on this application is closed. Your vote was not recorded."
    if why == "deadline":
        factories.past_deadline(application)
    elif why == "closed":
        for founder in founders[:3]:
            voting.cast_vote(application, founder.voter, "for")
    elif why == "recused":
        voting.recuse(application, founders[0].voter, "affiliate")
        words = "Your organisation has recused itself from this decision."
    else:
        words = "There is no recorded vote to object to."
    with translation.override("en"):
        answer = client.post(reverse(f"ballots:{action}", args=[application.pk]))
    assert answer.status_code == 422
    assert [message.message for message in answer.context["messages"]] == [words]


def test_every_ballot_on_the_list_opens_and_a_withdrawn_one_is_named_only(client, application, applicant, founders):
    client.force_login(founders[0].voter)
    address = reverse("ballots:detail", args=[application.pk])
    assert address in client.get(reverse("ballots:list")).content.decode()
    joining.withdraw(application, applicant)
    page = client.get(reverse("ballots:list")).content.decode()
    assert "Baltijos zona" in page
    assert address not in page
    assert client.get(address).status_code == 404


def test_the_link_to_a_withdrawn_application_leads_to_the_list(client, application, applicant, link):
    joining.withdraw(application, applicant)
    page = client.get(link).content.decode()
    assert reverse("ballots:list") in page
    assert reverse("ballots:detail", args=[application.pk]) not in page


def test_the_list_marks_a_vote_from_paper_and_forgets_one_objected_to(client, application, coordinator, founders):
    for founder in founders[:2]:
        record(application, coordinator, founder)
    voting.object_to_vote(application, founders[1].voter, "Posėdyje nebuvome.")
    factories.past_deadline(application)
    balloting.close_voting(application, None)
    for founder, shown in ((founders[0], ("against", "recorded")), (founders[1], (None, None))):
        client.force_login(founder.voter)
        page = client.get(reverse("ballots:list"))
        (past,) = page.context["past"]
        assert (past.my_choice, past.my_manner) == shown
        assert ("raštu arba posėdyje" in page.content.decode()) == (shown[1] == "recorded")


def test_a_decided_ballot_stays_to_be_read_after_the_applicant_withdrew(client, coordinator, applicant, founders):
    """What founders may see minutes of, they may see the page of; what the applicant wrote of itself goes."""
    application = factories.approved(applicant, coordinator, founders, name="Alfa", motivation="Norime dirbti drauge.")
    attachment = Attachment(application=application, name="a.pdf", content_type="application/pdf", size=4)
    attachment.file.save("a.pdf", ContentFile(b"%PDF"))
    shown = reverse("applications:attachment", args=[application.pk, attachment.pk])
    client.force_login(founders[0].voter)
    assert b"".join(client.get(shown).streaming_content) == b"%PDF"
    joining.withdraw(application, applicant)
    address = reverse("ballots:detail", args=[application.pk])
    listed = client.get(reverse("ballots:list")).content.decode()
    assert f'href="{address}"' in listed
    assert "atsiėmė pareiškėjas" in listed
    page = client.get(address)
    text = page.content.decode()
    assert page.status_code == 200
    assert reverse("ballots:minutes", args=[application.pk, application.minutes.get().file_name("lt")]) in text
    assert "Pareiškėjas prašymą vėliau atsiėmė." in text
    assert application.motivation not in text
    assert client.get(shown).status_code == 404


# A comment belongs to the choice with which it was written


@pytest.fixture
def voted(client, application, founders):
    """A founder has voted for, with a comment; its voter is at the ballot's page."""
    voting.cast_vote(application, founders[0].voter, "for", "Gera įmonė.")
    client.force_login(founders[0].voter)
    return reverse("ballots:detail", args=[application.pk])


def test_a_comment_is_not_carried_to_another_choice_without_being_asked_about(client, voted, application):
    page = client.post(voted, {"choice": "against", "comment": "Gera  įmonė.\r\n"})
    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["comment"]
    assert "Gera įmonė." in page.content.decode()
    assert application.ballot.votes.get().choice == "for"
    again = {"choice": "against", "comment": "Gera įmonė.", "asked": page.context["form"]["asked"].value()}
    assert f'name="asked" value="{again["asked"]}"' in page.content.decode()
    assert client.post(voted, again).status_code == 302  # who sends it again means it
    vote = application.ballot.votes.get()
    assert (vote.choice, vote.comment) == ("against", "Gera įmonė.")
    assert [(row.choice, row.comment) for row in vote.history.order_by("pgh_id")] == [
        ("for", "Gera įmonė."), ("against", "Gera įmonė."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "comment"),
    [("against", "Apsigalvojome."), ("against", ""), ("for", "Gera įmonė."), ("for", "Labai gera.")],
)
def test_any_other_change_of_a_vote_is_taken_at_once_with_what_was_typed(client, voted, application, choice, comment):
    assert client.post(voted, {"choice": choice, "comment": comment}).status_code == 302
    vote = application.ballot.votes.get()
    assert (vote.choice, vote.comment) == (choice, comment)


def test_to_be_asked_about_one_choice_is_not_to_be_asked_about_another(client, voted, application):
    page = client.post(voted, {"choice": "abstain", "comment": "Gera įmonė.", "asked": "against"})
    assert page.status_code == 422
    assert application.ballot.votes.get().choice == "for"
