"""The mailed link: one person, one founder, one vote, one round; whatever is done with it."""

import threading
from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.ballot.links import VoteLink, signer
from applications.exceptions import LinkSpent, NotEntitled, Refused, VotingClosed
from applications.models import Application, Status
from applications.workflow import balloting, voting
from cluster_portal.base.known import known
from cluster_portal.mail.models import OutgoingMail
from members.models import Member, Representative
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(applicant, coordinator, founders):
    return factories.voting(applicant, coordinator)


@pytest.fixture
def link(application, founders):
    """The link of the first founder's voter."""
    return VoteLink.make(application.ballot, founders[0], founders[0].voter)


def second_voter(founder):
    person = factories.person()
    Representative.objects.create(member=founder, user=person, role=Representative.Role.VOTER)
    return person


def record(application, coordinator, founder, choice="against"):
    return voting.record_vote(application, coordinator, founder, choice, timezone.localdate(), "Protokolas Nr. 7")


def test_a_link_is_read_as_it_was_made(link, founders):
    read = known(VoteLink.read(link.token))
    assert (read.ballot_id, read.round, read.founder_id, read.person_id) == (
        link.ballot_id, 1, founders[0].pk, founders[0].voter.pk,
    )  # fmt: skip
    assert abs(read.made_at - link.made_at) < timedelta(milliseconds=1)
    assert read.person() == founders[0].voter


@pytest.mark.parametrize(
    "token",
    [
        "", ":", "::", "abc", "a:b:c", "WzEsMV0:1abc:xyz", "ąčę:ž:š", "\x00:\x00:\x00", "x" * 5000,
    ],
)  # fmt: skip
def test_what_we_have_not_signed_is_no_link(token):
    assert VoteLink.read(token) is None


def test_a_link_changed_in_one_letter_is_no_link(link):
    token = link.token
    for place, letter in enumerate(token):
        for other in ("A", "B"):
            changed = token[:place] + other + token[place + 1 :]
            # The last letter of base64 holds bits that say nothing; the signature is compared as text.
            assert letter == other or VoteLink.read(changed) is None, place


def test_a_link_signed_by_another_key_is_no_link(link, settings):
    token = link.token
    settings.SECRET_KEY = "another-key-" + "y" * 50
    assert VoteLink.read(token) is None


def test_a_used_link_votes_no_second_time(application, link, founders):
    voting.cast_vote(application, founders[0].voter, "for", link=link)
    for step in (
        lambda: voting.cast_vote(application, founders[0].voter, "against", link=link),
        lambda: voting.recuse(application, founders[0].voter, "competitor", link=link),
        lambda: voting.object_to_vote(application, founders[0].voter, "Ne mes.", link=link),
    ):
        with pytest.raises(LinkSpent):
            step()
    vote = application.ballot.votes.get()
    assert (vote.choice, vote.manner) == ("for", "mail_link")
    voting.cast_vote(application, founders[0].voter, "against")  # logged in, the vote can be changed
    assert [(vote.choice, vote.manner) for vote in application.ballot.votes.all()] == [("against", "page")]


def test_a_vote_by_page_spends_the_links_of_all_its_voters(application, link, founders):
    colleague = second_voter(founders[0])
    theirs = VoteLink.make(application.ballot, founders[0], colleague)
    voting.cast_vote(application, founders[0].voter, "for")
    for person, spent in ((founders[0].voter, link), (colleague, theirs)):
        assert spent.is_spent(application.ballot)
        with pytest.raises(LinkSpent):
            voting.cast_vote(application, person, "against", link=spent)
    assert application.ballot.votes.get().choice == "for"


def test_a_forwarded_link_votes_for_nobody_elses_founder(application, link, founders):
    colleague = second_voter(founders[0])
    for person in (founders[1].voter, colleague):
        with pytest.raises(LinkSpent):
            voting.cast_vote(application, person, "for", link=link)
    assert application.ballot.votes.count() == 0


def test_a_forwarded_link_votes_once_and_as_the_person_it_was_mailed_to(client, application, link, founders):
    """Whoever is logged in where the link is opened: the vote is that of its addressee, for its founder."""
    client.force_login(founders[1].voter, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(link.path, {"choice": "for"}).status_code == 302
    vote = application.ballot.votes.get()
    assert (vote.founder, vote.voter) == (founders[0], founders[0].voter)
    assert client.post(link.path, {"choice": "against"}).status_code == 410
    assert application.ballot.votes.get().choice == "for"


def test_a_link_votes_on_its_own_ballot_only(application, coordinator, link, founders):
    other = factories.voting(factories.person(), coordinator)
    assert link.is_spent(other.ballot)
    with pytest.raises(LinkSpent):
        voting.cast_vote(other, founders[0].voter, "for", link=link)
    assert other.ballot.votes.count() == 0


def test_a_link_expires_with_the_ballot(application, link, founders):
    factories.past_deadline(application)
    for step in (
        lambda: voting.cast_vote(application, founders[0].voter, "for", link=link),
        lambda: voting.recuse(application, founders[0].voter, "competitor", link=link),
    ):
        with pytest.raises(VotingClosed):
            step()
    balloting.close_voting(application, None)
    with pytest.raises(VotingClosed):
        voting.cast_vote(application, founders[0].voter, "for", link=link)


def test_a_link_lives_on_when_the_ballot_is_extended(application, coordinator, link, founders):
    factories.past_deadline(application)
    balloting.close_voting(application, None)
    balloting.extend_voting(application, coordinator, 3, "Ne visi spėjo.")
    assert voting.cast_vote(application, founders[0].voter, "for", link=link).manner == "mail_link"


def test_the_link_of_the_extension_changes_a_vote_once(application, coordinator, link, founders):
    voting.cast_vote(application, founders[0].voter, "for", link=link)
    application = balloting.extend_voting(application, coordinator, 3, "Ne visi spėjo.")
    newer = VoteLink.make(application.ballot, founders[0], founders[0].voter)
    with pytest.raises(LinkSpent):
        voting.cast_vote(application, founders[0].voter, "against", link=link)
    voting.cast_vote(application, founders[0].voter, "against", link=VoteLink.read(newer.token))
    with pytest.raises(LinkSpent):
        voting.cast_vote(application, founders[0].voter, "for", link=VoteLink.read(newer.token))


def test_a_link_ends_with_the_round(application, coordinator, link, founders):
    for founder in founders[1:4]:
        voting.cast_vote(application, founder.voter, "against")
    balloting.reopen_voting(application, coordinator, 7, "Paaiškėjo naujų aplinkybių.")
    with pytest.raises(LinkSpent):
        voting.cast_vote(application, founders[0].voter, "for", link=link)


def test_after_a_recusal_the_link_does_nothing(application, link, founders):
    voting.recuse(application, founders[0].voter, "competitor", link=link)
    assert application.ballot.recusals.get().manner == "mail_link"
    for step in (
        lambda: voting.cast_vote(application, founders[0].voter, "for", link=link),
        lambda: voting.recuse(application, founders[0].voter, "affiliate", link=link),
    ):
        with pytest.raises(LinkSpent):
            step()
    assert application.ballot.votes.count() == 0


@pytest.mark.parametrize("choice", ["against", "for"])  # confirmed, or changed
@pytest.mark.parametrize("link_is_older", [True, False])
def test_after_a_vote_on_paper_the_link_still_votes(application, coordinator, link, founders, choice, link_is_older):
    record(application, coordinator, founders[0])
    if not link_is_older:
        link = VoteLink.make(application.ballot, founders[0], founders[0].voter)
    voting.cast_vote(application, founders[0].voter, choice, link=link)
    vote = application.ballot.votes.get()
    assert (vote.choice, vote.manner, vote.reference) == (choice, "mail_link", "")
    with pytest.raises(LinkSpent):
        voting.cast_vote(application, founders[0].voter, "abstain", link=link)


def test_by_the_link_one_objects_to_a_vote_on_paper_and_then_votes(application, coordinator, link, founders):
    record(application, coordinator, founders[0])
    voting.object_to_vote(application, founders[0].voter, "Posėdyje nebuvome.", link=link)
    with pytest.raises(Refused):
        voting.object_to_vote(application, founders[0].voter, "Dar kartą.", link=link)
    voting.cast_vote(application, founders[0].voter, "for", link=link)
    assert application.ballot.tally().for_ == 1


# Who the person is now


def no_longer_active(founder):
    founder.voter.is_active = False
    founder.voter.save()


def no_longer_voter(founder):
    founder.representatives.all().delete()


def editor_instead(founder):
    founder.representatives.update(role=Representative.Role.EDITOR)


def founder_left(founder):
    Member.objects.filter(pk=founder.pk).update(status=Member.Status.FORMER)


def voter_of_another(founder):
    other = Member.objects.filter(is_founder=True).exclude(pk=founder.pk).first()
    founder.representatives.update(member=other)


def gone(founder):
    founder.representatives.all().delete()
    OutgoingMail.objects.all().delete()
    founder.voter.delete()


@pytest.mark.parametrize(
    "change", [no_longer_active, no_longer_voter, editor_instead, founder_left, voter_of_another, gone]
)
def test_a_link_ends_with_the_right_to_vote(client, application, link, founders, change):
    change(founders[0])
    assert link.person() is None
    assert client.get(link.path).status_code == 410
    assert client.post(link.path, {"choice": "for"}).status_code == 410
    assert client.post(reverse("ballots:link-recuse", args=[link.token]), {"interest": "competitor"}).status_code == 410
    assert (application.ballot.votes.count(), application.ballot.recusals.count()) == (0, 0)


@pytest.mark.parametrize("change", [no_longer_active, no_longer_voter, editor_instead, founder_left, voter_of_another])
def test_the_workflow_itself_refuses_a_person_without_the_right(application, link, founders, change):
    """Between the page's check and the vote the right may have ended."""
    change(founders[0])
    with pytest.raises((NotEntitled, LinkSpent)):
        voting.cast_vote(application, founders[0].voter, "for", link=link)
    assert application.ballot.votes.count() == 0


# At once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(5))
def test_two_posts_of_one_link_at_once_give_one_vote(turn, application, link, founders):
    answers, together = [], threading.Barrier(2)

    def post(choice):
        try:
            together.wait(60)
            answers.append((Client().post(link.path, {"choice": choice}).status_code, choice))
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(choice,)) for choice in ("for", "against")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(status for status, _choice in answers)
    assert statuses[0] == 302
    assert statuses[1] in (410, 422)  # it came to a spent link, or was refused while voting
    vote = application.ballot.votes.get()
    assert (302, vote.choice) in answers
    assert vote.history.count() == 1


# The emails


def read_from(address):
    """The link that a word of an email is, or None."""
    return VoteLink.read(address.rstrip("/").rpartition("/")[2])


def test_emails_with_a_link_are_for_their_recipient_alone(client, application, applicant, coordinator, founders):
    founders[0].voter.language = "en"
    founders[0].voter.save()
    balloting.remind_voters(application, coordinator)
    record(application, coordinator, founders[0])
    balloting.extend_voting(application, coordinator, 3, "Ne visi spėjo.")
    for founder in founders[1:4]:
        voting.cast_vote(application, founder.voter, "against")
    balloting.reopen_voting(application, coordinator, 7, "Paaiškėjo naujų aplinkybių.")
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    kinds = set()
    for mail in OutgoingMail.objects.all():
        kind = mail.key.split(":")[2]
        links = [word for word in mail.text.split() if read_from(word)]
        assert mail.confidential == bool(links), kind
        if not links:
            continue
        kinds.add(kind)
        assert read_from(links[0]).person().email == mail.to
        assert links[0] in mail.html
        page = client.get(reverse("admin:mail_outgoingmail_change", args=[mail.pk])).content.decode()
        assert read_from(links[0]).token not in page
        assert "Nerodoma: šis laiškas skirtas tik gavėjui." in page
    assert kinds == {"please_vote", "ballot_reminder", "vote_recorded", "voting_extended", "voting_reopened"}


def test_the_salt_keeps_links_apart_from_other_signed_words(link):
    assert VoteLink.read(signing.Signer(salt="another").sign_object([1, 1, 1, 1, 1])) is None
    assert signer().unsign_object(link.token)[0] == link.ballot_id
    with pytest.raises(signing.BadSignature):
        signing.Signer(salt="another").unsign_object(link.token)


def test_the_status_of_the_application_is_what_the_votes_by_link_make_it(application, founders):
    for founder in founders[:3]:
        link = VoteLink.make(application.ballot, founder, founder.voter)
        voting.cast_vote(application, founder.voter, "for", link=link)
    assert Application.objects.get(pk=application.pk).status == Status.APPROVED
