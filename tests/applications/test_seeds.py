"""The seeds lay out what the facts know, and may be run again."""

import pytest
from django.core.management import CommandError, call_command

from applications.models import Application, Status
from cluster_portal.mail.models import OutgoingMail
from members.models import Member, Representative, Tag, User
from news.models import Post

pytestmark = pytest.mark.django_db


def counts():
    return [model.objects.count() for model in (Member, User, Post, Application, Representative, OutgoingMail)]


def test_the_cluster_is_laid_out_once():
    call_command("seed_cluster")
    call_command("seed_cluster")
    assert list(Member.objects.filter(is_founder=True).order_by("number").values_list("name", flat=True)) == [
        "Aedilis", "BaltLed", "Pažangios inovacijos", "Prezicika Metrology", "Proftools",
    ]  # fmt: skip
    assert Member.objects.get(is_coordinator=True).name == "Pažangios inovacijos"
    assert set(Member.objects.values_list("company_code", "address", "email")) == {("", "", "")}
    first = Member.objects.get(slug="marijampoles-lez")
    assert (first.joined_on, first.municipality_id, first.posts.get().published_at.year) == (None, "LT-25", 2021)
    assert Post.objects.count() == 3


def test_the_demo_has_an_example_at_each_stage_and_may_be_laid_out_again(settings):
    settings.DEMO = True
    call_command("seed_demo")
    first = counts()
    call_command("seed_demo")
    assert counts() == first
    assert sorted(Application.objects.values_list("status", flat=True)) == sorted(
        [
            Status.DRAFT,
            Status.SUBMITTED,
            Status.INFORMATION_REQUESTED,
            Status.VOTING,
            Status.APPROVED,
            Status.REJECTED,
            Status.WITHDRAWN,
            Status.LAPSED,
        ]
    )
    assert Application.objects.get(status=Status.VOTING).ballot.votes.count() == 2
    ballots_mails = {
        "please_vote", "ballot_reminder", "voting_extended", "voting_reopened", "vote_recorded", "vote_objected",
        "founder_recused", "voting_closed", "ballot_result", "voting_cancelled",
    }  # fmt: skip
    shown = OutgoingMail.objects.filter(topic__startswith="application:").exclude(status="discarded")  # at /demo/mail/
    assert ballots_mails <= {mail.key.split(":")[2] for mail in shown}
    results = {(mail.key.split(":")[2], mail.subject.split(":")[0]) for mail in shown.filter(language="lt")}
    for words in ("Steigėjai pritarė", "Steigėjai nepritarė", "Balsavimas baigėsi be kvorumo"):
        assert {("voting_closed", words), ("ballot_result", words)} <= results
    assert ("voting_closed", "Nusišalino visi steigėjai") in results
    assert set(OutgoingMail.objects.values_list("language", flat=True)) == {"lt", "en"}
    assert all(item.is_example and item.name.endswith("(pavyzdys)") for item in Application.objects.all())
    assert [tag.name_lt for tag in Tag.objects.filter(name_en="")] == []
    assert [member.slug for member in Member.objects.search("laser cutting")] == ["pavyzdine-gamykla"]


def test_there_is_no_demo_without_its_setting(settings):
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("seed_demo")
    assert User.objects.count() == 0


def test_the_published_password_opens_nothing_without_the_demo_setting(settings, client):
    settings.DEMO = True
    call_command("seed_demo")
    User.objects.update(is_demo=False)  # as an earlier version left them
    call_command("seed_demo")
    data = {"login": "coordinator@example.org", "password": "klasteris-2020"}
    settings.DEMO = False
    assert client.post("/paskyra/login/", data).url == "/paskyra/inactive/"
    assert client.get("/admin/").status_code == 302
    settings.DEMO = True
    assert client.post("/paskyra/login/", data).url == "/admin/"
