"""Who is mailed what at each step of an application."""

from datetime import date
from typing import Any

import pytest
from django.utils import formats, timezone, translation

from applications import emails
from applications.workflow import admission, balloting, closing, joining, voting
from cluster_portal.mail.models import OutgoingMail
from members.models import Member, Representative
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def mails():
    """Asks for the emails queued since the last asking, as sorted (recipient, subject)."""
    seen: set[Any] = set()

    def new():
        fresh = OutgoingMail.objects.exclude(pk__in=seen)
        result = sorted((mail.to, mail.subject) for mail in fresh)
        seen.update(fresh.values_list("pk", flat=True))
        return result

    return new


@pytest.fixture
def application(applicant):
    return factories.application(applicant, name="Alfa & Ko")


def test_the_whole_story_emails_each_person_once_a_step(mails, application, applicant, coordinator, founders):
    joining.submit(application, applicant)
    assert mails() == [
        ("applicant@example.org", "Gavome Jūsų prašymą: „Alfa & Ko“"),
        ("coordinator@example.org", "Naujas prašymas: „Alfa & Ko“"),
    ]
    for _turn in range(2):
        joining.request_information(application, coordinator, "Ką gaminate?")
        assert mails() == [("applicant@example.org", "Prašome patikslinti prašymą: „Alfa & Ko“")]
        joining.resubmit(application, applicant, "Detales.")
        assert mails() == [("coordinator@example.org", "Prašymas patikslintas: „Alfa & Ko“")]
    opened = balloting.open_voting(application, coordinator)
    voters = sorted(founder.voter.email for founder in founders)
    assert [to for to, _subject in mails()] == voters
    voting.cast_vote(application, founders[0].voter, "for")
    balloting.extend_voting(application, coordinator, 3, "Ne visi spėjo.")
    assert [to for to, _subject in mails()] == voters  # who has voted may change the vote
    for founder in founders[1:3]:
        voting.cast_vote(application, founder.voter, "for")
    decided = "Steigėjai pritarė: „Alfa & Ko“"
    assert mails() == sorted((to, decided) for to in ("coordinator@example.org", *voters))
    admission.admit(application, coordinator)
    news = "Prie klasterio prisijungė „Alfa & Ko“"
    assert mails() == sorted(
        [("applicant@example.org", "Sveiki prisijungę prie klasterio, „Alfa & Ko“")]
        + [(founder.voter.email, news) for founder in founders]
    )
    assert {mail.topic for mail in OutgoingMail.objects.all()} == {opened.topic}


def test_calls_to_vote_give_the_deadline_and_the_link(application, applicant, coordinator, founders):
    founders[1].voter.language = "en"
    founders[1].voter.save()
    joining.submit(application, applicant)
    balloting.open_voting(application, coordinator)
    mail = OutgoingMail.objects.get(to=founders[1].voter.email)
    assert mail.language == "en"
    assert mail.subject.startswith("Please vote by ")
    assert f"/en/ballots/{application.pk}/" in mail.text
    assert f"/en/ballots/{application.pk}/" in mail.html


def test_calls_to_vote_that_still_wait_are_discarded_when_voting_ends(
    application, applicant, coordinator, founders, mails
):
    joining.submit(application, applicant)
    balloting.open_voting(application, coordinator)
    mails()
    joining.withdraw(application, applicant)
    assert OutgoingMail.objects.filter(status="discarded").count() == len(founders)
    assert [to for to, _subject in mails()] == sorted(
        ["coordinator@example.org", *(founder.voter.email for founder in founders)]
    )


@pytest.fixture
def opened(application, applicant, coordinator, founders, mails):
    """A ballot just opened; the second founder's voter reads English."""
    founders[1].voter.language = "en"
    founders[1].voter.save()
    joining.submit(application, applicant)
    opened = balloting.open_voting(application, coordinator)
    mails()
    return opened


def texts(kind, to):
    """The last email of a kind to somebody: its subject, text and HTML, with plain blanks in dates."""
    mail = OutgoingMail.objects.filter(key__contains=f":{kind}:", to=to).latest("pk")
    return mail.subject, *(text.replace("\xa0", " ") for text in (mail.text, mail.html))


def day(ballot, language):
    with translation.override(language):
        return formats.date_format(ballot.last_day, "DATE_FORMAT").replace("\xa0", " ")


def emails_of(founders):
    return [founder.voter.email for founder in founders]


def test_a_reminder_goes_to_the_voters_whose_founder_has_not_voted(opened, coordinator, founders, mails):
    colleague = factories.person("colleague@example.org")
    Representative.objects.create(member=founders[2], user=colleague, role=Representative.Role.VOTER)
    voting.cast_vote(opened, founders[0].voter, "for")
    voting.recuse(opened, founders[3].voter, "competitor")
    mails()
    balloting.remind_voters(opened, coordinator)
    lithuanian = f"Laukiame Jūsų balso iki {day(opened.ballot, 'lt')}: „Alfa & Ko“"
    english = f"Your vote is still missing, please vote by {day(opened.ballot, 'en')}: “Alfa & Ko”"
    assert mails() == sorted(
        [
            (founders[1].voter.email, english),
            (founders[2].voter.email, lithuanian),
            (founders[4].voter.email, lithuanian),
            ("colleague@example.org", lithuanian),
        ]
    )


def test_an_extension_gives_the_new_deadline_and_the_reason_as_written(opened, coordinator, founders, mails):
    voting.recuse(opened, founders[3].voter, "competitor")
    mails()
    reason = "Lauksim <visų> & „nieko“."
    extended = balloting.extend_voting(opened, coordinator, 3, reason)
    until = day(extended.ballot, "lt")
    english = f"Voting extended to {day(extended.ballot, 'en')}: “Alfa & Ko”"
    assert mails() == sorted(
        (to, english if to == founders[1].voter.email else f"Balsavimas pratęstas iki {until}: „Alfa & Ko“")
        for to in emails_of([*founders[:3], founders[4]])
    )
    _subject, text, html = texts("voting_extended", founders[0].voter.email)
    assert reason in text
    assert "Lauksim &lt;visų&gt; &amp; „nieko“." in html
    assert until in text


def test_an_extension_discards_calls_that_name_the_old_deadline(opened, coordinator, founders):
    balloting.extend_voting(opened, coordinator, 3, "Ne visi spėjo.")
    calls = OutgoingMail.objects.filter(key__contains=":please_vote:")
    assert set(calls.values_list("status", flat=True)) == {"discarded"}
    again = balloting.extend_voting(opened, coordinator, 3, "Vis dar ne visi.")
    waiting = OutgoingMail.objects.filter(key__contains=":voting_extended:", status="queued")
    assert waiting.count() == len(founders)
    assert all("Vis dar ne visi." in mail.text for mail in waiting)
    assert all(day(again.ballot, mail.language) in mail.subject for mail in waiting)


def test_a_vote_on_paper_is_told_to_its_founders_voters_only(opened, coordinator, founders, mails):
    for founder, choice in ((founders[0], "against"), (founders[1], "for")):
        voting.record_vote(opened, coordinator, founder, choice, date(2026, 9, 4), "Posėdis „A“ & <7>")
    assert mails() == sorted(
        [
            (founders[0].voter.email, "Įrašytas Jūsų balsas: „Alfa & Ko“"),
            (founders[1].voter.email, "A vote was recorded in your name: “Alfa & Ko”"),
        ]
    )
    _subject, text, html = texts("vote_recorded", founders[0].voter.email)
    assert "2026 m. rugsėjo 4 d., Posėdis „A“ & <7>" in text
    assert "Posėdis „A“ &amp; &lt;7&gt;" in html
    assert ": prieš (" in text
    _subject, text, _html = texts("vote_recorded", founders[1].voter.email)
    assert ": for (" in text


def test_each_record_of_one_moment_is_told(clock, opened, coordinator, founders, mails):
    """A wrong vote and its correction come in one second; so may two founders' objections."""
    for choice in ("for", "against"):
        voting.record_vote(opened, coordinator, founders[0], choice, date(2026, 9, 4), "Nr. 7")
        clock.move(milliseconds=1)
    assert [to for to, _subject in mails()] == [founders[0].voter.email] * 2
    voting.record_vote(opened, coordinator, founders[2], "for", date(2026, 9, 4), "Nr. 7")
    mails()
    for founder in (founders[0], founders[2]):
        voting.object_to_vote(opened, founder.voter, "Posėdyje nebuvome.")
    assert mails() == [
        ("coordinator@example.org", "„Aedilis“ nesutinka su įrašytu balsu: „Alfa & Ko“"),
        ("coordinator@example.org", "„Pažangios inovacijos“ nesutinka su įrašytu balsu: „Alfa & Ko“"),
    ]
    assert "Posėdyje nebuvome." in texts("vote_objected", "coordinator@example.org")[1]


def test_a_recusal_is_told_to_the_coordinators_staff_only(opened, founders, mails):
    factories.person("second@example.org", is_staff=True, language="en")
    factories.person("former@example.org", is_staff=True, is_active=False)
    voting.recuse(opened, founders[0].voter, "other", "Esame <partneriai>.")
    assert mails() == [
        ("coordinator@example.org", "„Aedilis“ nusišalina: „Alfa & Ko“"),
        ("second@example.org", "“Aedilis” recuses itself: “Alfa & Ko”"),
    ]
    _subject, text, html = texts("founder_recused", "coordinator@example.org")
    assert "Esame <partneriai>." in text
    assert "Esame &lt;partneriai&gt;." in html


@pytest.mark.parametrize(
    ("choice", "lithuanian", "english"),
    [
        ("for", "Steigėjai pritarė: „Alfa & Ko“", "Founders have approved: “Alfa & Ko”"),
        ("against", "Steigėjai nepritarė: „Alfa & Ko“", "Founders have voted against: “Alfa & Ko”"),
        ("", "Balsavimas baigėsi be kvorumo: „Alfa & Ko“", "Voting ended without a quorum: “Alfa & Ko”"),
    ],
)
def test_the_decision_is_told_to_staff_and_to_all_voters_but_not_to_the_applicant(
    opened, coordinator, founders, mails, choice, lithuanian, english
):
    if choice:
        for founder in founders[:3]:
            voting.cast_vote(opened, founder.voter, choice)
    else:
        factories.past_deadline(opened)
        balloting.close_voting(opened, None)
    assert mails() == sorted(
        (to, english if to == founders[1].voter.email else lithuanian)
        for to in (coordinator.email, *emails_of(founders))
    )
    number = opened.minutes.get().number
    for kind, to in (("voting_closed", coordinator.email), ("ballot_result", founders[0].voter.email)):
        _subject, text, html = texts(kind, to)
        assert number in text
        assert number in html
    calls = OutgoingMail.objects.filter(key__contains=":please_vote:")
    assert set(calls.values_list("status", flat=True)) == {"discarded"}


def test_when_all_have_recused_themselves_all_are_told_what_that_means(opened, coordinator, founders):
    for founder in founders:
        voting.recuse(opened, founder.voter, "affiliate")
    subject, text, _html = texts("voting_closed", coordinator.email)
    assert subject == "Nusišalino visi steigėjai: „Alfa & Ko“"
    assert "Sprendimą reikia priimti ne portale" in text
    for founder in founders:
        assert "gali jį pratęsti" not in texts("ballot_result", founder.voter.email)[1]  # nobody can


def test_an_extension_discards_what_was_not_yet_sent_of_the_lapse(opened, coordinator, founders):
    factories.past_deadline(opened)
    balloting.close_voting(opened, None)
    lapse = OutgoingMail.objects.filter(key__regex=":(voting_closed|ballot_result):")
    sent = lapse.get(to=founders[0].voter.email)
    OutgoingMail.objects.filter(pk=sent.pk).update(status="sent", sent_at=timezone.now())
    balloting.extend_voting(opened, coordinator, 3, "Ne visi spėjo.")
    assert lapse.filter(status="discarded").count() == len(founders)  # the other four voters and the coordinator
    assert [mail.pk for mail in lapse.exclude(status="discarded")] == [sent.pk]


def test_a_reopened_decision_calls_all_to_vote_again(opened, coordinator, founders, mails):
    for founder in founders[:3]:
        voting.cast_vote(opened, founder.voter, "against")
    mails()
    reopened = balloting.reopen_voting(opened, coordinator, 5, "Paaiškėjo naujų aplinkybių.")
    until = day(reopened.ballot, "lt")
    english = f"Please vote again by {day(reopened.ballot, 'en')}: “Alfa & Ko”"
    assert mails() == sorted(
        (to, english if to == founders[1].voter.email else f"Prašome balsuoti iš naujo iki {until}: „Alfa & Ko“")
        for to in emails_of(founders)
    )
    assert "Paaiškėjo naujų aplinkybių." in texts("voting_reopened", founders[4].voter.email)[1]


def test_a_voter_who_may_not_log_in_is_mailed_nothing(opened, coordinator, founders, mails):
    founders[0].voter.is_active = False
    founders[0].voter.save()
    balloting.remind_voters(opened, coordinator)
    assert [to for to, _subject in mails()] == sorted(emails_of(founders[1:]))


def test_a_rejection_gives_its_reason_as_it_was_written(application, applicant, coordinator, founders, mails):
    joining.submit(application, applicant)
    balloting.open_voting(application, coordinator)
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "against")
    mails()
    closing.reject(application, coordinator, "Per <maža> & „nauja“.")
    assert mails() == [("applicant@example.org", "Prašymui nepritarta: „Alfa & Ko“")]
    mail = OutgoingMail.objects.get(subject="Prašymui nepritarta: „Alfa & Ko“")
    assert "Per <maža> & „nauja“." in mail.text
    assert "Per &lt;maža&gt; &amp; „nauja“." in mail.html


def test_a_withdrawn_draft_is_nobodys_news(application, applicant, coordinator, mails):
    joining.withdraw(application, applicant)
    assert mails() == []


def test_an_admission_reaches_active_representatives_once_and_the_applicant_first(application, applicant, founders):
    partner = factories.person("Partner@Example.org")
    former = factories.person("former@example.org")
    inactive = factories.person("inactive@example.org", is_active=False)
    first, second = factories.member(), factories.member()
    gone = factories.member(status=Member.Status.FORMER)
    for member, user, role in [
        (first, partner, "owner"),
        (first, partner, "editor"),
        (second, partner, "editor"),
        (second, applicant, "editor"),
        (second, inactive, "owner"),
        (gone, former, "owner"),
    ]:
        Representative.objects.create(member=member, user=user, role=role)
    found = [recipient.email for recipient in emails.admission_recipients(application)]
    assert found[0] == applicant.email
    assert sorted(found[1:]) == sorted(["partner@example.org", *(founder.voter.email for founder in founders)])
