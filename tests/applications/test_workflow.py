"""The one door: every verb from every status, and what each does."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from applications import tasks
from applications.ballot.links import VoteLink
from applications.desk.step import next_steps
from applications.exceptions import (
    AlreadyKnown,
    Incomplete,
    LinkSpent,
    NotEntitled,
    Refused,
    VotingClosed,
    WrongStatus,
)
from applications.minutes.words import words_of
from applications.models import Application, Ballot, DecisionRule, Status, Vote
from applications.workflow import admission, balloting, closing, joining, voting
from applications.workflow.door import VERBS, Taker
from cluster_portal.base.known import known
from cluster_portal.mail.models import OutgoingMail
from members.desk.founders import PART_CHANGES, change_part
from members.desk.membership import change_status
from members.models import Member, Representative
from news.models import Post
from tests import factories
from tests.processes import after
from tests.savepoints import taken_back

pytestmark = pytest.mark.django_db
MEETING = "Visuotinio susirinkimo protokolas Nr. 4"


def actor(verb, applicant, coordinator, founders):
    """Who takes the step."""
    takers = {Taker.APPLICANT: applicant, Taker.VOTER: founders[0].voter, Taker.COORDINATOR: coordinator}
    return takers[VERBS[verb].taker]


def steps(application):
    """The names of the coordinator's next steps."""
    return [step.verb.name for step in next_steps(application)]


def arguments(verb, by, founders):
    """What each verb wants beyond the application."""
    return {
        "request_information": (by, "Kiek turite darbuotojų?"),
        "resubmit": (by, "Dvidešimt."),
        "cast_vote": (by, "for"),
        "recuse": (by, "competitor"),
        "object_to_vote": (by, "Posėdyje nebuvome."),
        "record_vote": (by, founders[0], "for", timezone.localdate(), "Protokolas Nr. 7"),
        "extend_voting": (by, 7, "Ne visi spėjo."),
        "reopen_voting": (by, 7, "Paaiškėjo naujų aplinkybių."),
        "reject": (by, "Steigėjai nepritarė."),
    }.get(verb, (by,))


# Where each verb leads from each status from which it is legal; the design's diagram, written out.
LEADS_TO = {
    ("submit", "draft"): "submitted",
    ("request_information", "submitted"): "information_requested",
    ("resubmit", "information_requested"): "submitted",
    ("open_voting", "submitted"): "voting",
    ("cast_vote", "voting"): "voting",
    ("recuse", "voting"): "voting",
    ("object_to_vote", "voting"): "voting",
    ("record_vote", "voting"): "voting",
    ("remind_voters", "voting"): "voting",
    ("extend_voting", "voting"): "voting",
    ("extend_voting", "lapsed"): "voting",
    ("close_voting", "voting"): "lapsed",  # nobody has voted
    ("reopen_voting", "rejected"): "voting",
    ("admit", "approved"): "admitted",
    ("reject", "lapsed"): "rejected",
    ("reject", "rejected"): "rejected",
    **{("withdraw", status): "withdrawn" for status in ("draft", "submitted", "information_requested")},
    **{("withdraw", status): "withdrawn" for status in ("voting", "approved", "rejected", "lapsed")},
}


@pytest.mark.parametrize("status", Status.values)
def test_every_verb_from_every_status(status, subtests, applicant, coordinator, founders):
    key = factories.in_status(status, applicant, coordinator, founders).pk
    for verb in sorted(VERBS):
        with subtests.test(verb), taken_back():
            application, by = Application.objects.get(pk=key), actor(verb, applicant, coordinator, founders)
            if verb == "object_to_vote" and status == "voting":
                record = (founders[0], "for", timezone.localdate(), "Protokolas Nr. 7")
                voting.record_vote(application, coordinator, *record)
            if verb == "close_voting" and status == "voting":
                factories.past_deadline(application)
            mails, leads_to = OutgoingMail.objects.count(), LEADS_TO.get((verb, status))
            assert VERBS[verb].is_legal(application) == (leads_to is not None)
            if leads_to is None:
                with pytest.raises((WrongStatus, VotingClosed)):
                    VERBS[verb](application, *arguments(verb, by, founders))
                assert OutgoingMail.objects.count() == mails
            else:
                VERBS[verb](application, *arguments(verb, by, founders))
            application.refresh_from_db()
            assert application.status == (leads_to or status)


@pytest.mark.parametrize("verb", [name for name, verb in VERBS.items() if verb.taker == Taker.COORDINATOR])
def test_only_the_coordinator_decides(verb, applicant, coordinator, founders):
    status = VERBS[verb].sources[0]
    application = factories.in_status(status, applicant, coordinator, founders)
    former = factories.person(is_staff=True, is_active=False)
    for person in (applicant, founders[0].voter, former):
        with pytest.raises(NotEntitled):
            VERBS[verb](application, *arguments(verb, person, founders))
    if verb not in ("close_voting", "remind_voters"):  # these two are taken by the scheduled task too
        with pytest.raises(NotEntitled):
            VERBS[verb](application, *arguments(verb, None, founders))


@pytest.mark.parametrize("verb", [name for name, verb in VERBS.items() if verb.taker == Taker.VOTER])
def test_only_a_founders_voter_votes(verb, applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    late = factories.founder()  # a founder since after the opening
    owner = factories.person()
    Representative.objects.create(member=founders[0], user=owner, role=Representative.Role.OWNER)
    for person in (applicant, coordinator, late.voter, owner):
        with pytest.raises(NotEntitled):
            VERBS[verb](application, *arguments(verb, person, founders))


@pytest.mark.parametrize("verb", ["reject", "reopen_voting", "withdraw"])
def test_a_decision_that_the_applicant_knows_stands(verb, applicant, coordinator, founders):
    application = factories.rejected(applicant, coordinator, founders)
    closing.reject(application, coordinator, "Steigėjai nepritarė.")
    application.refresh_from_db()
    assert steps(application) == []
    with pytest.raises(WrongStatus):
        VERBS[verb](application, *arguments(verb, actor(verb, applicant, coordinator, founders), founders))


def test_an_incomplete_draft_is_refused_and_says_what_is_missing(applicant):
    draft = factories.application(applicant, motivation="", consented_at=None)
    draft.areas.clear()
    with pytest.raises(Incomplete) as refusal:
        joining.submit(draft, applicant)
    assert list(refusal.value.missing) == ["areas", "motivation", "consent"]


def test_somebody_else_cannot_submit_or_withdraw(applicant):
    draft = factories.application(applicant)
    stranger = factories.person()
    with pytest.raises(NotEntitled):
        joining.submit(draft, stranger)
    with pytest.raises(NotEntitled):
        joining.withdraw(draft, stranger)


def test_a_members_company_code_is_refused(applicant):
    draft = factories.application(applicant)
    factories.member(company_code=draft.company_code)
    with pytest.raises(AlreadyKnown):
        joining.submit(draft, applicant)


def test_a_second_open_application_of_one_company_is_refused(applicant):
    first = factories.submitted(applicant)
    with pytest.raises(AlreadyKnown):
        joining.submit(factories.application(applicant, company_code=first.company_code), applicant)


def test_the_database_itself_refuses_a_second_open_application(applicant):
    first = factories.submitted(applicant)
    second = factories.application(applicant, company_code=first.company_code)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=second.pk).update(status="submitted", submitted_at=timezone.now())


def test_clarification_goes_to_the_applicant_and_back(applicant, coordinator, founders):
    application = factories.submitted(applicant)
    joining.request_information(application, coordinator, "Kiek turite darbuotojų?")
    application = joining.resubmit(application, applicant, "Dvidešimt.")
    assert (application.status, application.answer) == (Status.SUBMITTED, "Dvidešimt.")


def test_voting_lasts_fourteen_days_to_the_end_of_the_day(applicant, coordinator, founders):
    ballot = factories.voting(applicant, coordinator).ballot
    closes = timezone.localtime(ballot.closes_at)
    assert (closes.date() - timezone.localdate()).days == 14
    assert (closes.hour, closes.minute) == (23, 59)


def test_without_founders_no_voting_opens(applicant, coordinator):
    with pytest.raises(Refused):
        factories.voting(applicant, coordinator)


def test_a_founder_changes_its_vote_until_the_ballot_closes(applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    voting.cast_vote(application, founders[0].voter, "against")
    vote = voting.cast_vote(application, founders[0].voter, "for", " gerai ")
    assert (vote.choice, vote.comment) == ("for", "gerai")
    assert application.ballot.votes.count() == 1
    assert [event.choice for event in vote.history.order_by("pgh_id")] == ["against", "for"]


def test_the_ballot_closes_early_when_nothing_can_change_it(applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders)
    assert application.ballot.outcome == "approved"
    with pytest.raises(VotingClosed):
        voting.cast_vote(application, founders[4].voter, "against")


def test_a_vote_after_the_deadline_is_refused(applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    factories.past_deadline(application)
    with pytest.raises(VotingClosed):
        voting.cast_vote(application, founders[0].voter, "for")
    assert application.ballot.votes.count() == 0


def test_the_scheduled_task_lapses_a_ballot_without_quorum_and_an_extension_reopens_it(
    applicant, coordinator, founders
):
    application = factories.voting(applicant, coordinator)
    voting.cast_vote(application, founders[0].voter, "for")
    factories.past_deadline(application)
    assert tasks.close_due_ballots() == 1
    application.refresh_from_db()
    assert application.status == Status.LAPSED
    application = balloting.extend_voting(application, coordinator, 7, "Ne visi spėjo.")
    assert application.status == Status.VOTING
    assert application.ballot.closes_at > timezone.now()


def test_a_ballot_that_is_still_open_is_not_closed(applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    with pytest.raises(Refused):
        balloting.close_voting(application, None)


def test_the_applicant_learns_of_a_rejection_from_the_coordinator(applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "against")
    application.refresh_from_db()
    assert (application.status, application.public_status) == (Status.REJECTED, Status.VOTING)
    assert list(Application.objects.waiting_for_coordinator()) == [application]
    with pytest.raises(Refused):
        closing.reject(application, coordinator, "  ")
    application = closing.reject(application, coordinator, "Veikla nesusijusi su gamyba.")
    assert (application.public_status, application.rejection_reason) == (
        Status.REJECTED,
        "Veikla nesusijusi su gamyba.",
    )


def test_an_organisation_does_not_apply_again_while_the_decision_against_it_may_be_reopened(
    applicant, coordinator, founders
):
    """Its second application would stand in the way of the first one's reopening, and tell the applicant the decision."""
    decided = factories.rejected(applicant, coordinator, founders, company_code="301844044")
    second = factories.application(applicant, company_code="301844044")
    with pytest.raises(AlreadyKnown):
        joining.submit(second, applicant)
    assert balloting.reopen_voting(decided, coordinator, 7, "Naujos žinios.").status == Status.VOTING
    for founder in founders[:3]:
        voting.cast_vote(decided, founder.voter, "against")
    closing.reject(decided, coordinator, "Veikla nesusijusi su gamyba.")
    assert joining.submit(second, applicant).status == Status.SUBMITTED


def test_admission_makes_the_member_its_owner_and_the_post_at_once(applicant, coordinator, founders):
    application = factories.approved(
        applicant, coordinator, founders, name="Marijampolės LEZ", offers=["sklypai"], seeks=["gamintojai"]
    )
    admission.admit(application, coordinator)
    member = Member.objects.get(slug="marijampoles-lez")
    assert member.applications.get().status == Status.ADMITTED
    assert (member.offers, member.seeks) == (["sklypai"], ["gamintojai"])
    assert set(member.areas.all()) == set(application.areas.all())
    assert member.representatives.get().user == applicant
    assert member.representatives.get().role == Representative.Role.OWNER
    assert member.posts.get().status == "published"
    assert member.joined_on == timezone.localdate()


def test_a_failure_in_the_middle_of_an_admission_leaves_nothing(applicant, coordinator, founders, monkeypatch):
    application = factories.approved(applicant, coordinator, founders)
    members, mails = Member.objects.count(), OutgoingMail.objects.count()

    def fail(*arguments):  # an email template that breaks cannot be had otherwise
        raise RuntimeError

    monkeypatch.setattr("applications.emails.member_admitted", fail)
    with pytest.raises(RuntimeError):
        admission.admit(application, coordinator)
    application.refresh_from_db()
    assert (application.status, application.member) == (Status.APPROVED, None)
    assert (Member.objects.count(), OutgoingMail.objects.count()) == (members, mails)


def refused_by(application: Application, coordinator) -> type[Refused] | None:
    """How an admission is refused; None for one that is done."""
    try:
        admission.admit(application, coordinator)
    except Refused as refusal:
        return type(refusal)
    return None


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_admitting_at_once_make_one_member(applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders)
    same = Application.objects.get(pk=application.pk)
    outcome = after(lambda: admission.admit(application, coordinator), lambda: refused_by(same, coordinator))
    assert outcome is WrongStatus
    assert Member.objects.filter(applications=application).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_of_one_name_admitted_at_once_have_an_address_and_a_number_each(applicant, coordinator, founders):
    applications = [factories.approved(applicant, coordinator, founders, name="Alfa") for _ in range(2)]
    first, second = applications
    after(lambda: admission.admit(first, coordinator), lambda: admission.admit(second, coordinator))
    admitted = Member.objects.filter(is_founder=False)
    assert sorted(admitted.values_list("slug", flat=True)) == ["alfa", "alfa-2"]
    earlier, later = sorted(admitted.values_list("number", flat=True))
    assert later == earlier + 1
    assert Post.objects.values("slug").distinct().count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_admission_is_told_of_a_member_that_is_being_given_its_code(applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders)
    member = factories.member("Beta")
    code = {"company_code": application.company_code}
    give = Member.objects.filter(pk=member.pk).update
    assert after(lambda: give(**code), lambda: refused_by(application, coordinator)) is AlreadyKnown
    assert Application.objects.get(pk=application.pk).status == Status.APPROVED


@pytest.mark.django_db(transaction=True)
def test_who_gives_a_member_the_code_that_is_being_admitted_is_told(applicant, coordinator, founders, client):
    application = factories.approved(applicant, coordinator, founders)
    member = factories.member("Beta")
    client.force_login(coordinator)
    page = f"/admin/members/member/{member.pk}/change/"
    form = client.get(page).context["adminform"].form
    data = {name: value for name in form.fields if name != "logo" and (value := form[name].value())}
    data |= {
        "company_code": application.company_code,
        "representatives-TOTAL_FORMS": 0,
        "representatives-INITIAL_FORMS": 0,
    }
    answer = after(lambda: admission.admit(application, coordinator), lambda: client.post(page, data))
    assert answer.context["adminform"].form.errors == {"company_code": [f"Šį įmonės kodą turi „{application.name}“."]}


def test_what_the_database_refuses_of_an_admission_is_told_as_what_it_is(applicant, coordinator, founders):
    application = factories.approved(applicant, coordinator, founders)
    Application.objects.filter(pk=application.pk).update(kind="unknown")
    with pytest.raises(IntegrityError, match="member_kind_known"), transaction.atomic():
        admission.admit(application, coordinator)
    assert Application.objects.get(pk=application.pk).status == Status.APPROVED


def test_the_history_tells_who_did_what(applicant, coordinator, founders):
    application = factories.submitted(applicant)
    joining.request_information(application, coordinator, "Kiek turite darbuotojų?")
    events = [
        (event.status, event.pgh_context.metadata.get("verb"), event.pgh_context.metadata.get("user"))
        for event in application.history.order_by("pgh_id").select_related("pgh_context")
        if event.pgh_context
    ]
    assert events == [
        ("submitted", "submit", applicant.pk),
        ("information_requested", "request_information", coordinator.pk),
    ]


@pytest.mark.parametrize("status", ["draft", "submitted", "information_requested", "voting", "approved", "lapsed"])
def test_the_applicant_may_withdraw_from_any_open_status(status, applicant, coordinator, founders):
    application = factories.in_status(status, applicant, coordinator, founders)
    assert joining.withdraw(application, applicant).status == Status.WITHDRAWN


# Votes on paper, and objections to them


@pytest.fixture
def on_ballot(applicant, coordinator, founders):
    return factories.voting(applicant, coordinator)


def record(application, coordinator, founder, choice="for", **changed):
    values = {"decided_on": timezone.localdate(), "reference": " Protokolas Nr. 7 ", **changed}
    return voting.record_vote(application, coordinator, founder, choice, **values)


def test_a_vote_from_paper_is_marked_with_its_day_and_reference(on_ballot, coordinator, founders):
    day = timezone.localdate() - timedelta(days=3)
    vote = record(on_ballot, coordinator, founders[0], "against", decided_on=day, comment=" Per maža. ")
    vote.refresh_from_db()
    assert (vote.founder, vote.voter, vote.choice, vote.comment) == (founders[0], coordinator, "against", "Per maža.")
    assert (vote.manner, vote.decided_on, vote.reference) == ("recorded", day, "Protokolas Nr. 7")
    tally = on_ballot.ballot.tally()
    assert (tally.against, tally.missing, tally.outcome) == (1, 4, "open")


@pytest.mark.parametrize(
    "changed",
    [
        {"reference": "  "},
        {"choice": "perhaps"},
        {"decided_on": timedelta(days=1)},
        {"decided_on": -timedelta(days=365 * 2000)},
    ],
)
def test_a_vote_from_paper_has_a_source_that_can_be_looked_up(on_ballot, coordinator, founders, changed):
    if "decided_on" in changed:
        changed = {"decided_on": timezone.localdate() + changed["decided_on"]}
    with pytest.raises(Refused):
        record(on_ballot, coordinator, founders[0], **changed)
    assert on_ballot.ballot.votes.count() == 0


def test_the_coordinator_records_nothing_over_a_founders_own_word(on_ballot, coordinator, founders):
    voting.cast_vote(on_ballot, founders[0].voter, "for")
    voting.recuse(on_ballot, founders[1].voter, "affiliate")
    for founder in (*founders[:2], factories.founder(), factories.member()):
        with pytest.raises(Refused):
            record(on_ballot, coordinator, founder, "against")
    assert [vote.choice for vote in on_ballot.ballot.votes.all()] == ["for"]
    factories.past_deadline(on_ballot)
    with pytest.raises(Refused):
        record(on_ballot, coordinator, founders[2])


@pytest.mark.parametrize(
    "leave",
    [
        lambda founder: change_part(founder, PART_CHANGES["end-founding"]),
        lambda founder: change_status(founder, Member.Status.SUSPENDED),
        lambda founder: change_status(founder, Member.Status.FORMER),
    ],
)
def test_no_vote_is_recorded_for_a_founder_that_can_no_longer_vote(leave, on_ballot, coordinator, founders):
    """Nobody would be told who could object."""
    leave(founders[0])
    with pytest.raises(Refused):
        record(on_ballot, coordinator, founders[0])
    assert on_ballot.ballot.votes.count() == 0
    assert set(Ballot.objects.get().recordable) == set(founders[1:])


def test_a_vote_wrongly_recorded_is_recorded_again_also_when_no_vote_is_missing(on_ballot, coordinator, founders):
    for founder in founders:
        record(on_ballot, coordinator, founder, "for")
    assert "record_vote" in steps(on_ballot)
    assert "remind_voters" not in steps(on_ballot)
    vote = record(on_ballot, coordinator, founders[0], "against", reference="Protokolas Nr. 8")
    assert on_ballot.ballot.votes.count() == 5
    assert [(event.choice, event.reference) for event in vote.history.order_by("pgh_id")] == [
        ("for", "Protokolas Nr. 7"),
        ("against", "Protokolas Nr. 8"),
    ]


def test_the_founder_confirms_or_changes_what_was_recorded_for_it(on_ballot, coordinator, founders):
    record(on_ballot, coordinator, founders[0])
    record(on_ballot, coordinator, founders[1])
    voting.cast_vote(on_ballot, founders[0].voter, "for")
    voting.cast_vote(on_ballot, founders[1].voter, "against")
    stands = on_ballot.ballot.votes.order_by("founder__name").values_list("manner", "choice", "decided_on", "reference")
    assert list(stands) == [("page", "for", None, ""), ("page", "against", None, "")]


def test_an_objection_takes_the_vote_out_of_the_count_until_closing(on_ballot, coordinator, founders):
    record(on_ballot, coordinator, founders[0])
    with pytest.raises(Refused):
        voting.object_to_vote(on_ballot, founders[0].voter, "  ")
    with pytest.raises(Refused):
        voting.object_to_vote(on_ballot, founders[1].voter, "Nieko nesiuntėme.")  # nothing was recorded for it
    voting.object_to_vote(on_ballot, founders[0].voter, " Posėdyje nebuvome. ")
    vote = on_ballot.ballot.votes.get()
    assert (vote.choice, vote.objection, on_ballot.ballot.tally().voted) == ("for", "Posėdyje nebuvome.", 0)
    assert founders[0] in on_ballot.ballot.missing
    with pytest.raises(Refused):
        voting.object_to_vote(on_ballot, founders[0].voter, "Dar kartą.")
    voting.cast_vote(on_ballot, founders[0].voter, "against")
    with pytest.raises(Refused):
        voting.object_to_vote(on_ballot, founders[0].voter, "Ir balsavome patys.")
    assert (on_ballot.ballot.tally().against, on_ballot.ballot.votes.get().objection) == (1, "")
    factories.past_deadline(on_ballot)
    with pytest.raises(VotingClosed):
        voting.object_to_vote(on_ballot, founders[0].voter, "Per vėlu.")


def test_votes_from_paper_decide_at_the_deadline_but_not_before(on_ballot, coordinator, founders):
    for founder in founders:
        record(on_ballot, coordinator, founder)
    on_ballot.refresh_from_db()
    assert on_ballot.status == Status.VOTING
    factories.past_deadline(on_ballot)
    assert balloting.close_voting(on_ballot, None).status == Status.APPROVED


def test_a_founders_own_vote_ends_no_ballot_that_votes_from_paper_would_decide(on_ballot, coordinator, founders):
    for founder in founders[:2]:
        record(on_ballot, coordinator, founder)
    voting.cast_vote(on_ballot, founders[2].voter, "for")
    voting.recuse(on_ballot, founders[3].voter, "competitor")
    assert on_ballot.ballot.tally(settled=True).outcome == "approved"
    on_ballot.refresh_from_db()
    assert on_ballot.status == Status.VOTING  # two founders may still object


def test_the_coordinator_closes_on_votes_from_paper_after_two_days_to_object(clock, applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    for founder in founders[:2]:
        record(application, coordinator, founder)
    with translation.override("lt"), pytest.raises(Refused, match="Steigėjai dar gali balsuoti"):
        balloting.close_voting(application, coordinator)
    clock.move(hours=5)
    record(application, coordinator, founders[2])
    assert "close_voting" not in steps(application)
    for hours in (1, 46.9):
        clock.move(hours=hours)
        with pytest.raises(Refused):
            balloting.close_voting(application, coordinator)
        with pytest.raises(Refused):
            balloting.close_voting(application, None)  # nor does the scheduled task
    clock.move(hours=0.2)
    assert "close_voting" in steps(application)
    assert balloting.close_voting(application, coordinator).status == Status.APPROVED


def test_an_objection_undoes_what_the_coordinator_could_close(clock, applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    for founder in founders[:3]:
        record(application, coordinator, founder)
    clock.move(days=3)
    voting.object_to_vote(application, founders[0].voter, "Posėdyje nebuvome.")
    with pytest.raises(Refused):
        balloting.close_voting(application, coordinator)


# Recusal


def test_a_recusal_leaves_the_denominator_and_its_vote_the_count(on_ballot, founders):
    voting.cast_vote(on_ballot, founders[0].voter, "against")
    recusal = voting.recuse(on_ballot, founders[0].voter, "other", " Esame partneriai. ")
    assert (recusal.interest, recusal.word, recusal.declared_by) == ("other", "Esame partneriai.", founders[0].voter)
    tally = on_ballot.ballot.tally()
    assert (tally.entitled, tally.voted, tally.needed) == (4, 0, 2)
    for step in (
        lambda: voting.cast_vote(on_ballot, founders[0].voter, "for"),
        lambda: voting.recuse(on_ballot, founders[0].voter, "competitor"),
        lambda: voting.object_to_vote(on_ballot, founders[0].voter, "Ne."),
    ):
        with pytest.raises(NotEntitled):
            step()


@pytest.mark.parametrize(("interest", "word"), [("other", " "), ("friendship", "Draugai."), ("", "")])
def test_an_interest_is_named(on_ballot, founders, interest, word):
    with pytest.raises(Refused):
        voting.recuse(on_ballot, founders[0].voter, interest, word)
    assert on_ballot.ballot.recusals.count() == 0


def test_a_recusal_may_decide(on_ballot, founders):
    """Two for, one against, two missing: open. Both recuse themselves, and two of three are for."""
    for founder, choice in zip(founders[:3], ("for", "for", "against"), strict=True):
        voting.cast_vote(on_ballot, founder.voter, choice)
    for founder in founders[3:]:
        on_ballot.refresh_from_db()
        assert on_ballot.status == Status.VOTING
        voting.recuse(on_ballot, founder.voter, "competitor")
    on_ballot.refresh_from_db()
    assert (on_ballot.status, on_ballot.minutes.count()) == (Status.APPROVED, 1)


def test_a_recusal_turns_a_majority_into_a_tie(on_ballot, founders):
    for founder, choice in zip(founders[:3], ("for", "for", "against"), strict=True):
        voting.cast_vote(on_ballot, founder.voter, choice)
    voting.recuse(on_ballot, founders[0].voter, "affiliate")
    factories.past_deadline(on_ballot)
    assert balloting.close_voting(on_ballot, None).status == Status.REJECTED


def test_when_all_have_recused_themselves_the_portal_cannot_decide(on_ballot, coordinator, founders):
    for founder in founders:
        voting.recuse(on_ballot, founder.voter, "competitor")
    on_ballot.refresh_from_db()
    assert (on_ballot.status, on_ballot.ballot.outcome) == (Status.LAPSED, "inquorate")
    assert steps(on_ballot) == ["admit", "reject"]
    words = "Nusišalino visi steigėjai: sprendimą reikia priimti ne portale."
    with translation.override("lt"), pytest.raises(Refused, match=words):
        balloting.extend_voting(on_ballot, coordinator, 7, "Bandome dar kartą.")
    rejected = closing.reject(on_ballot, coordinator, "Nuspręsta visuotiniame susirinkime.")
    with pytest.raises(WrongStatus):
        balloting.reopen_voting(rejected, coordinator, 7, "Bandome dar kartą.")


def test_what_was_decided_outside_the_portal_leads_to_admission(on_ballot, coordinator, founders):
    for founder in founders:
        voting.recuse(on_ballot, founder.voter, "competitor")
    with translation.override("lt"), pytest.raises(Refused, match="Nurodykite sprendimą"):
        admission.admit(on_ballot, coordinator, outside_decision=" ")
    on_ballot.refresh_from_db()
    assert (on_ballot.status, on_ballot.member) == (Status.LAPSED, None)
    admitted = admission.admit(on_ballot, coordinator, outside_decision=f" {MEETING} ")
    assert (admitted.status, known(admitted.member).name) == (Status.ADMITTED, on_ballot.name)
    content = known(admitted.minutes.last()).content
    assert (content["outcome"], content["admission"]["member"]) == ("inquorate", known(admitted.member).number)
    words = str(words_of(known(admitted.minutes.last()), "lt"))
    assert f"Ne portale priimtas sprendimas: {MEETING}" in words
    assert admitted.history.last().outside_decision == MEETING


def test_where_the_founders_decided_no_other_decision_is_recorded(applicant, coordinator, founders):
    approved = factories.approved(applicant, coordinator, founders)
    assert admission.admit(approved, coordinator, outside_decision=MEETING).outside_decision == ""
    with pytest.raises(IntegrityError, match="outside_decision_admits"), transaction.atomic():
        Application.objects.filter(pk=factories.submitted(applicant).pk).update(outside_decision=MEETING)


def test_a_lapse_for_want_of_votes_does_not_lead_to_admission(applicant, coordinator, founders):
    lapsed = factories.lapsed(applicant, coordinator)
    assert "admit" not in steps(lapsed)
    with pytest.raises(WrongStatus):
        admission.admit(lapsed, coordinator)


def test_a_rejection_after_which_all_recused_could_not_be_reopened(on_ballot, coordinator, founders):
    """Reached only by hand: the last recusal closes a ballot. The obstacle holds all the same."""
    for founder in founders:
        voting.recuse(on_ballot, founder.voter, "competitor")
    Application.objects.filter(pk=on_ballot.pk).update(status=Status.REJECTED)
    words = "Nusišalino visi steigėjai: sprendimą reikia priimti ne portale."
    with translation.override("lt"), pytest.raises(Refused, match=words):
        balloting.reopen_voting(on_ballot, coordinator, 7, "Bandome dar kartą.")


# Reminding, extending, reopening


def test_a_second_click_reminds_nobody_twice(clock, applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    voting.cast_vote(application, founders[0].voter, "for")
    reminders = OutgoingMail.objects.filter(key__contains=":ballot_reminder:")
    balloting.remind_voters(application, coordinator)
    with pytest.raises(Refused):
        balloting.remind_voters(application, coordinator)
    assert sorted(reminders.values_list("to", flat=True)) == sorted(founder.voter.email for founder in founders[1:])
    clock.move(minutes=11)
    balloting.remind_voters(application, coordinator)
    assert reminders.count() == 8


@pytest.mark.parametrize("days", [0, -1, 91])
@pytest.mark.parametrize(("status", "verb"), [("voting", "extend_voting"), ("rejected", "reopen_voting")])
def test_more_time_is_one_to_ninety_days_and_has_a_reason(status, verb, days, applicant, coordinator, founders):
    application = factories.in_status(status, applicant, coordinator, founders)
    closes = application.ballot.closes_at
    for arguments in ((days, "Ne visi spėjo."), (7, "  ")):
        with pytest.raises(Refused):
            VERBS[verb](application, coordinator, *arguments)
    application = Application.objects.get(pk=application.pk)
    assert (application.status, application.ballot.closes_at) == (status, closes)
    assert application.ballot.votes.count() == (3 if status == "rejected" else 0)  # no vote was set aside


def test_an_extension_keeps_the_votes_and_may_come_again(on_ballot, coordinator, founders):
    voting.cast_vote(on_ballot, founders[0].voter, "for")
    first = on_ballot.ballot.last_day
    for days, reason in ((3, "Ne visi spėjo."), (4, "Vis dar ne visi.")):
        on_ballot = balloting.extend_voting(on_ballot, coordinator, days, reason)
    assert on_ballot.ballot.last_day == first + timedelta(days=7)
    assert on_ballot.ballot.votes.count() == 1
    assert [row.reason for row in on_ballot.ballot.history.order_by("pgh_id")] == [
        "", "Ne visi spėjo.", "Vis dar ne visi.",
    ]  # fmt: skip


def test_a_reopened_decision_is_voted_on_again(applicant, coordinator, founders):
    application = factories.voting(applicant, coordinator)
    link = VoteLink.make(application.ballot, founders[0], founders[0].voter)
    voting.recuse(application, founders[4].voter, "competitor")
    for founder in founders[:2]:  # of four: at best a tie is left
        voting.cast_vote(application, founder.voter, "against")
    application.refresh_from_db()
    assert application.status == Status.REJECTED
    balloting.reopen_voting(application, coordinator, 7, "Paaiškėjo naujų aplinkybių.")
    application = Application.objects.get(pk=application.pk)
    ballot = application.ballot
    assert (application.status, application.decided_at, ballot.outcome, ballot.closed_at) == ("voting", None, "", None)
    assert (ballot.round, ballot.votes.count(), ballot.recusals.count()) == (2, 0, 1)
    assert ballot.last_day == timezone.localdate() + timedelta(days=7)
    set_aside = Vote._meta.apps.get_model("applications", "VoteHistory").objects.filter(pgh_label="set_aside")
    assert sorted(set_aside.values_list("founder", "choice")) == sorted(
        (founder.pk, "against") for founder in founders[:2]
    )
    with pytest.raises(LinkSpent):
        voting.cast_vote(application, founders[0].voter, "for", link=link)
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "for")
    application.refresh_from_db()
    assert application.status == Status.APPROVED
    assert list(application.minutes.values_list("edition", "round")) == [(1, 1), (1, 2)]


def test_what_was_queued_about_the_reversed_decision_is_discarded(applicant, coordinator, founders):
    application = factories.rejected(applicant, coordinator, founders)
    results = OutgoingMail.objects.filter(key__regex=":(voting_closed|ballot_result):")
    sent = results.get(to=founders[0].voter.email)
    OutgoingMail.objects.filter(pk=sent.pk).update(status="sent", sent_at=timezone.now())
    balloting.reopen_voting(application, coordinator, 7, "Paaiškėjo naujų aplinkybių.")
    assert results.filter(status="queued").count() == 0
    assert results.filter(status="discarded").count() == len(founders)  # the other four voters and the coordinator
    assert [mail.to for mail in results.filter(status="sent")] == [founders[0].voter.email]
    for founder in founders[:3]:
        voting.cast_vote(application, founder.voter, "for")
    assert results.filter(status="queued").count() == len(founders) + 1  # the new decision is results to all


def test_a_ballot_keeps_the_rule_under_which_it_was_opened(on_ballot, founders):
    DecisionRule.objects.create(threshold="unanimity", quorum_numerator=1, quorum_denominator=1)
    for founder in founders[:3]:
        voting.cast_vote(on_ballot, founder.voter, "for")
    on_ballot.refresh_from_db()
    assert on_ballot.status == Status.APPROVED


def test_a_tie_at_the_deadline_rejects(on_ballot, founders):
    for founder, choice in zip(founders, ("for", "for", "against", "against"), strict=False):
        voting.cast_vote(on_ballot, founder.voter, choice)
    assert Ballot.objects.get(application=on_ballot).closed_at is None
    factories.past_deadline(on_ballot)
    assert balloting.close_voting(on_ballot, None).status == Status.REJECTED
